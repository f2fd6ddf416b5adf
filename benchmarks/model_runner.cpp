// One model in a process of its own, for comparisons with other programs:
// model_runner CASE [basewise|torch] [BATCH]
//
// Reads commands from standard input, one per line, and answers each with a line of JSON:
//   train N      N training steps        {"seconds": [...]}
//   predict N    N predictions           {"seconds": [...]}
//   plan         stages, steps and memory of the plan of prediction, as text
//   memory       largest memory so far   {"peak_bytes": ..., "convolutions_by_torch": ...}
//   dump DIR     weights (in order), batch, outputs and loss as .npy files, for a check against
//                another program
// peers/pytorch_model.py speaks the same.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/io/npy.h"
#include "measure.h"
#include "model_case.h"

namespace {

using namespace basewise;
using benchmarks::Trainee;

void answer(const std::string& json) {
  std::printf("%s\n", json.c_str());
  std::fflush(stdout);
}

void write(const std::filesystem::path& file, const at::Tensor& tensor) {
  const at::Tensor t = tensor.detach().to(at::kFloat).contiguous();
  io::write_npy(file, io::TensorView::of(std::span(t.const_data_ptr<float>(), static_cast<std::size_t>(t.numel())), t.sizes().vec()));
}

void dump(Trainee& trainee, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  int i = 0;
  for (const auto& item : trainee.model().named_parameters()) write(folder / format("weight{:03}.npy", i++), item.value());
  for (const auto& [name, tensor] : trainee.batch()) write(folder / format("batch_{}.npy", name), tensor);
  const ops::KernelScope scope(trainee.kernels());
  trainee.model().eval();
  const Bundle outputs = trainee.model().forward(trainee.batch());
  for (const auto& [name, tensor] : outputs) write(folder / format("output_{}.npy", name), tensor);
  answer(format("{{\"loss\": {}}}", trainee.losses()(outputs, trainee.batch()).item<double>()));
}

int serve(const std::string& name, ops::Kernels kernels, std::int64_t batch) {
  for (const benchmarks::ModelCase& c : benchmarks::model_cases()) {
    if (c.name != name) continue;
    Trainee trainee(c, kernels, batch > 0 ? batch : c.batch);
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream words(line);
      std::string command, argument;
      words >> command >> argument;
      if (command == "train" || command == "predict") {
        std::vector<double> seconds;
        for (int i = 0; i < std::atoi(argument.c_str()); ++i)
          seconds.push_back(benchmarks::seconds_of([&] { command == "train" ? trainee.step() : trainee.predict(); }));
        answer(format("{{\"seconds\": [{}]}}", fmt::join(seconds, ", ")));
      } else if (command == "plan") {
        trainee.predict();
        answer(trainee.plan().describe());
      } else if (command == "memory") {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        answer(format("{{\"peak_bytes\": {}, \"convolutions_by_torch\": {}}}", usage.ru_maxrss * 1024, ops::kernel_counts().torch));
      } else if (command == "dump") {
        dump(trainee, argument);
      }
    }
    return 0;
  }
  throw ArgumentError(format("no case '{}' in benchmarks/models/cases.json", name));
}

}  // namespace

int main(int argc, char** argv) {
  benchmarks::keep_memory();
  at::set_num_threads(threads());
  try {
    return serve(argc > 1 ? argv[1] : "ecoli", argc > 2 && argv[2] == std::string("torch") ? ops::Kernels::torch : ops::Kernels::basewise,
                 argc > 3 ? std::atoi(argv[3]) : 0);
  } catch (const Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return e.exit_code();
  }
}
