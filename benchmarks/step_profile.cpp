// Where the time of one training step goes: step_profile [CASE] [basewise|torch] [STEPS]
// Wall times of the phases, and of every operation that torch's dispatcher or autograd sees, without what it calls in turn.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "model_case.h"

namespace {

using namespace basewise;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Entry {
  double self = 0;
  double total = 0;
  std::int64_t calls = 0;
};

// What runs at the moment, innermost last; only the calling thread is recorded (backward passes on a CPU run there).
struct Open {
  std::string name;
  Clock::time_point start;
  double inside = 0;
};

struct Recording {
  std::vector<Open> open;
  std::map<std::string, Entry> entries;
  bool on = false;
};

Recording& recording() {
  static Recording r;
  return r;
}

void begin(std::string name) {
  if (recording().on) recording().open.push_back({std::move(name), Clock::now()});
}

void end() {
  Recording& r = recording();
  if (!r.on || r.open.empty()) return;
  const double time = seconds_since(r.open.back().start);
  Entry& e = r.entries[r.open.back().name];
  e.self += time - r.open.back().inside;
  e.total += time;
  ++e.calls;
  r.open.pop_back();
  if (!r.open.empty()) r.open.back().inside += time;
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& f) {
  // torch keeps the name of a node as its mangled type.
  begin(f.name());
  return nullptr;
}
void on_end(const at::RecordFunction&, at::ObserverContext*) { end(); }

struct Phase {
  explicit Phase(std::string name) { begin("[" + std::move(name) + "]"); }
  ~Phase() { end(); }
};

void step(benchmarks::Trainee& trainee) {
  const nn::KernelScope scope(trainee.kernels());
  {
    const Phase phase("zero_grad");
    trainee.optimizer().zero_grad();
  }
  Bundle outputs;
  {
    const Phase phase("forward");
    outputs = trainee.model().forward(trainee.batch());
  }
  at::Tensor loss;
  {
    const Phase phase("loss");
    loss = trainee.losses()(outputs, trainee.batch());
  }
  {
    const Phase phase("backward");
    loss.backward();
  }
  {
    const Phase phase("optimiser");
    trainee.optimizer().step({.learning_rate = 1e-4});
  }
}

void print(int steps, double seconds) {
  std::vector<std::pair<std::string, Entry>> rows(recording().entries.begin(), recording().entries.end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.self > b.second.self; });
  std::printf("%-90s %10s %10s %8s %6s\n", "operation", "self ms", "total ms", "calls", "share");
  for (const auto& [name, e] : rows) {
    const double self = e.self / steps * 1e3;
    if (self < 0.002 * seconds * 1e3 && name.front() != '[') continue;
    std::printf("%-90s %10.3f %10.3f %8.1f %5.1f%%\n", name.substr(0, 90).c_str(), self, e.total / steps * 1e3, double(e.calls) / steps, self / seconds / 10);
  }
}

int profile(const std::string& name, nn::Kernels kernels, int steps) {
  for (const benchmarks::ModelCase& c : benchmarks::model_cases()) {
    if (c.name != name) continue;
    benchmarks::Trainee trainee(c, kernels, c.batch);
    for (int i = 0; i < 2; ++i) step(trainee);
    const auto plain = Clock::now();
    for (int i = 0; i < steps; ++i) step(trainee);
    const double seconds = seconds_since(plain) / steps;
    at::addGlobalCallback(at::RecordFunctionCallback(on_start, on_end).scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
    recording().on = true;
    for (int i = 0; i < steps; ++i) step(trainee);
    recording().on = false;
    std::printf("%s, batch %ld, %d threads, %s kernels: %.2f ms per step without recording, means of %d steps\n", c.title.c_str(), long(c.batch),
                at::get_num_threads(), kernels == nn::Kernels::torch ? "torch" : "basewise", seconds * 1e3, steps);
    print(steps, seconds);
    const nn::KernelCounts counts = nn::kernel_counts();
    std::printf("convolutions: %ld by basewise, %ld by torch\n", long(counts.basewise), long(counts.torch));
    return 0;
  }
  std::fprintf(stderr, "no case '%s' in benchmarks/models/cases.json\n", name.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  benchmarks::keep_memory();
  at::set_num_threads(threads());
  const std::string name = argc > 1 ? argv[1] : "ecoli", kernels = argc > 2 ? argv[2] : "basewise";
  try {
    return profile(name, kernels == "torch" ? nn::Kernels::torch : nn::Kernels::basewise, argc > 3 ? std::atoi(argv[3]) : 10);
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return e.exit_code();
  }
}
