// Where the time of one training step goes.
//
//   step_profile CASE layers [STEPS]            each convolution with what follows it, on torch's
//                                               kernels and on ours in turn
//   step_profile CASE basewise|torch [STEPS]    the phases, and every operation that torch's
//                                               dispatcher or autograd sees
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "measure.h"
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

// What runs at the moment, innermost last; only the calling thread is recorded (backward passes on
// a CPU run there).
struct Open {
  std::string name;
  Clock::time_point start;
  double inside = 0;
};

// The start of a convolution in a forward pass, or the end of one in a backward pass.
struct Mark {
  bool backward;
  Clock::time_point when;
};

struct Recording {
  std::vector<Open> open;
  std::map<std::string, Entry> entries;
  std::vector<Mark> marks;
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
  const std::string_view name = f.name();
  if (recording().on && (name == "aten::convolution" || name == "basewise::convolution"))
    recording().marks.push_back({false, Clock::now()});
  begin(std::string(name));
  return nullptr;
}

void on_end(const at::RecordFunction& f, at::ObserverContext*) {
  end();
  const std::string_view name = f.name();
  const bool ours = name.find("UnitFunction") != std::string_view::npos && !name.starts_with("autograd::");
  if (recording().on && (name == "ConvolutionBackward0" || ours)) recording().marks.push_back({true, Clock::now()});
}

void record() {
  at::addGlobalCallback(at::RecordFunctionCallback(on_start, on_end)
                            .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
}

struct Phase {
  explicit Phase(std::string name) { begin("[" + std::move(name) + "]"); }
  ~Phase() { end(); }
};

void step(benchmarks::Trainee& trainee) {
  const ops::KernelScope scope(trainee.kernels());
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
    std::printf("%-90s %10.3f %10.3f %8.1f %5.1f%%\n", name.substr(0, 90).c_str(), self, e.total / steps * 1e3,
                double(e.calls) / steps, self / seconds / 10);
  }
}

// Milliseconds of one step: forward and backward of each convolution with what follows it up to the
// next one, loss, update.
struct Timeline {
  std::vector<double> forward, backward;
  double loss = 0, update = 0, all = 0;
};

double milliseconds(Clock::time_point from, Clock::time_point to) { return std::chrono::duration<double, std::milli>(to - from).count(); }

Timeline timeline(benchmarks::Trainee& trainee) {
  const ops::KernelScope scope(trainee.kernels());
  Recording& r = recording();
  r.marks.clear();
  r.on = true;
  const auto start = Clock::now();
  trainee.optimizer().zero_grad();
  const Bundle outputs = trainee.model().forward(trainee.batch());
  const auto after_forward = Clock::now();
  const at::Tensor loss = trainee.losses()(outputs, trainee.batch());
  const auto after_loss = Clock::now();
  loss.backward();
  const auto after_backward = Clock::now();
  trainee.optimizer().step({.learning_rate = 1e-4});
  const auto end = Clock::now();
  r.on = false;
  Timeline t;
  std::vector<Clock::time_point> starts, ends;
  for (const Mark& mark : r.marks) (mark.backward ? ends : starts).push_back(mark.when);
  for (std::size_t i = 0; i < starts.size(); ++i)
    t.forward.push_back(milliseconds(starts[i], i + 1 < starts.size() ? starts[i + 1] : after_forward));
  // Backward passes come in the reverse order.
  for (std::size_t i = 0; i < ends.size(); ++i)
    t.backward.insert(t.backward.begin(), milliseconds(i == 0 ? after_loss : ends[i - 1], i + 1 < ends.size() ? ends[i] : after_backward));
  t.loss = milliseconds(after_forward, after_loss);
  t.update = milliseconds(after_backward, end);
  t.all = milliseconds(start, end);
  return t;
}

template <class F>
double median_of(const std::vector<Timeline>& all, F&& value) {
  std::vector<double> values;
  for (const Timeline& t : all) values.push_back(value(t));
  return benchmarks::median(std::move(values));
}

int layers(const benchmarks::ModelCase& c, int steps) {
  benchmarks::Trainee trainees[] = {{c, ops::Kernels::torch, c.batch}, {c, ops::Kernels::basewise, c.batch}};
  std::vector<Timeline> times[2];
  for (benchmarks::Trainee& trainee : trainees)
    for (int i = 0; i < 2; ++i) trainee.step();
  record();
  for (int i = 0; i < steps; ++i)
    for (int k = 0; k < 2; ++k) times[k].push_back(timeline(trainees[k]));

  std::vector<nn::LayerRow> rows;
  for (nn::LayerRow& row : trainees[0].model().layer_rows(c.length))
    if (row.type == "conv") rows.push_back(std::move(row));
  for (const auto& one : times)
    if (one.front().forward.size() != rows.size() || one.front().backward.size() != rows.size())
      throw InternalError("a convolution was not recorded");
  std::printf("%s, batch %ld, %d threads, milliseconds, medians of %d steps\n\n", c.title.c_str(), long(c.batch),
              at::get_num_threads(), steps);
  std::printf(
      "| convolution and what follows it | GFLOP | torch forward | torch backward | forward | backward "
      "|\n|---|---:|---:|---:|---:|---:|\n");
  const auto cells = [&](const char* name, double work, auto&& forward, auto&& backward) {
    std::printf("| %s | %s | %.1f | %.1f | %.1f | %.1f |\n", name, work > 0 ? format("{:.2f}", work).c_str() : "",
                median_of(times[0], forward), median_of(times[0], backward), median_of(times[1], forward),
                median_of(times[1], backward));
  };
  for (std::size_t i = 0; i < rows.size(); ++i)
    cells(rows[i].name.c_str(), 2 * rows[i].multiply_adds * double(c.batch) / 1e9, [i](const Timeline& t) { return t.forward[i]; },
          [i](const Timeline& t) { return t.backward[i]; });
  for (const auto& [name, part] : {std::pair{"loss", &Timeline::loss}, {"AdamW", &Timeline::update}, {"whole step", &Timeline::all}})
    std::printf("| %s | | %.1f | | %.1f | |\n", name, median_of(times[0], [p = part](const Timeline& t) { return t.*p; }),
                median_of(times[1], [p = part](const Timeline& t) { return t.*p; }));
  return 0;
}

int profile(const benchmarks::ModelCase& c, ops::Kernels kernels, int steps) {
  benchmarks::Trainee trainee(c, kernels, c.batch);
  for (int i = 0; i < 2; ++i) step(trainee);
  const auto plain = Clock::now();
  for (int i = 0; i < steps; ++i) step(trainee);
  const double seconds = seconds_since(plain) / steps;
  record();
  recording().on = true;
  for (int i = 0; i < steps; ++i) step(trainee);
  recording().on = false;
  std::printf("%s, batch %ld, %d threads, %s kernels: %.2f ms per step without recording, means of %d steps\n",
              c.title.c_str(), long(c.batch), at::get_num_threads(),
              kernels == ops::Kernels::torch ? "torch" : "basewise", seconds * 1e3, steps);
  print(steps, seconds);
  const ops::KernelCounts counts = ops::kernel_counts();
  std::printf("convolutions: %ld by basewise, %ld by torch\n", long(counts.basewise), long(counts.torch));
  return 0;
}

int run(const std::string& name, const std::string& what, int steps) {
  for (const benchmarks::ModelCase& c : benchmarks::model_cases()) {
    if (c.name != name) continue;
    return what == "layers" ? layers(c, steps) : profile(c, what == "torch" ? ops::Kernels::torch : ops::Kernels::basewise, steps);
  }
  throw ArgumentError(format("no case '{}' in benchmarks/models/cases.json", name));
}

}  // namespace

int main(int argc, char** argv) {
  benchmarks::keep_memory();
  at::set_num_threads(threads());
  try {
    return run(argc > 1 ? argv[1] : "ecoli", argc > 2 ? argv[2] : "layers", argc > 3 ? std::atoi(argv[3]) : 10);
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return e.exit_code();
  }
}
