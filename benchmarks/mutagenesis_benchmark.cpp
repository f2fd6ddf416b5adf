// Saturation mutagenesis of one of the published models in a process of its own:
// mutagenesis_benchmark CASE OUTPUT SEQUENCES [FOLDER]
//
// Prints a line of JSON: seconds for all edits of SEQUENCES sequences by changed rows, seconds for
// whole passes (measured on one edit in 16, times 16), largest difference found by the check. With
// FOLDER, weights by their order, sequences and scores as .npy files for peers/mutagenesis.py.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "basewise/core/error.h"
#include "basewise/interpret/mutagenesis.h"
#include "basewise/io/npy.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/tokens.h"
#include "measure.h"
#include "model_case.h"

namespace {

using namespace basewise;

void write(const std::filesystem::path& file, const at::Tensor& tensor) {
  const at::Tensor t = tensor.detach().to(at::kFloat).contiguous();
  io::write_npy(file, io::TensorView::of(std::span(t.const_data_ptr<float>(), static_cast<std::size_t>(t.numel())), t.sizes().vec()));
}

// The mean of an output's numbers: of a profile, of one task among many.
interpret::Readout readout_of(const std::string& output) {
  return [output](const Bundle& outputs) { return outputs.at(output).flatten(1).mean(1); };
}

int measure(const benchmarks::ModelCase& c, const std::string& output, std::int64_t sequences, const std::filesystem::path& folder) {
  const nn::ModelPtr model = nn::build_model_file(c.model, 1);
  model->eval();
  const at::Tensor x = random_one_hot(sequences, c.length, Stream(7));
  interpret::MutagenesisOptions options;
  options.edits.heads = {output};
  interpret::MutagenesisResult found;
  const Bundle inputs{{"sequence", x}};
  const double changed = benchmarks::seconds_of([&] { found = interpret::mutagenesis(model, inputs, readout_of(output), options); });
  options.edits.passes = interpret::EditPasses::full;
  options.begin = c.length / 2;
  options.end = options.begin + std::max<std::int64_t>(1, c.length / 16);
  const double whole = benchmarks::seconds_of([&] { interpret::mutagenesis(model, inputs, readout_of(output), options); });
  const double all = whole * static_cast<double>(c.length) / static_cast<double>(options.end - options.begin);
  std::printf("{\"case\": \"%s\", \"output\": \"%s\", \"sequences\": %lld, \"edits\": %lld, \"seconds\": %.3f, "
              "\"whole_passes_seconds\": %.3f, \"largest_difference\": %.3g}\n",
              c.name.c_str(), output.c_str(), static_cast<long long>(sequences), static_cast<long long>(found.report.edits), changed, all,
              found.report.largest_difference);
  if (folder.empty()) return 0;
  std::filesystem::create_directories(folder);
  int i = 0;
  for (const auto& item : model->named_parameters()) write(folder / format("weight{:03}.npy", i++), item.value());
  write(folder / "sequences.npy", x);
  write(folder / "delta.npy", found.delta);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count < 4) throw ArgumentError("mutagenesis_benchmark CASE OUTPUT SEQUENCES [FOLDER]");
    for (const benchmarks::ModelCase& c : benchmarks::model_cases())
      if (c.name == words[1]) return measure(c, words[2], std::atoll(words[3]), count > 4 ? words[4] : "");
    throw ArgumentError(format("no model is called '{}'", words[1]));
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
}
