// Scores of a VCF file by one of the published models in a process of its own:
// variants_benchmark CASE GENOME VCF PASSES FOLDER
//
// PASSES is "changed" or "whole" (VariantPasses). Prints a line of JSON: alleles, windows, whole
// passes, seconds from the first row to the written files. FOLDER gets the scored VCF, the table of
// scores (REF and ALT of every track) and the weights by their order as .npy files, for
// peers/variants.py.
#include <cstdio>
#include <filesystem>

#include "basewise/core/error.h"
#include "basewise/io/npy.h"
#include "basewise/nn/model.h"
#include "basewise/variants/variants.h"
#include "measure.h"
#include "model_case.h"

namespace {

using namespace basewise;

void write(const std::filesystem::path& file, const at::Tensor& tensor) {
  const at::Tensor t = tensor.detach().to(at::kFloat).contiguous();
  io::write_npy(file, io::TensorView::of(std::span(t.const_data_ptr<float>(), static_cast<std::size_t>(t.numel())), t.sizes().vec()));
}

int measure(const benchmarks::ModelCase& c, const std::filesystem::path& genome, const std::filesystem::path& vcf,
            variants::VariantPasses passes, const std::filesystem::path& folder) {
  run::OpenRun run;
  run.folder = folder / "run";
  run.model = nn::build_model_file(c.model, 1);
  run.model->eval();
  variants::VariantOptions options;
  options.genome = genome;
  options.vcf = vcf;
  options.out = folder / "scored.vcf";
  options.tsv = folder / "scored.tsv";
  options.scores = {metrics::VariantScore::ref, metrics::VariantScore::alt};
  options.window = c.length;
  options.passes = passes;
  std::filesystem::create_directories(folder);
  variants::VariantResult result;
  const double seconds = benchmarks::seconds_of([&] { result = variants::score_variants({run}, options); });
  std::printf(
      "{\"case\": \"%s\", \"passes_of\": \"%s\", \"alleles\": %lld, \"scored\": %lld, \"windows\": %lld, \"passes\": %.1f, "
      "\"seconds\": %.3f, \"verb_seconds\": %.3f}\n",
      c.name.c_str(), std::string(to_word(passes)).c_str(), static_cast<long long>(result.alleles), static_cast<long long>(result.scored),
      static_cast<long long>(result.windows), result.passes, seconds, result.seconds);
  int i = 0;
  for (const auto& item : run.model->named_parameters()) write(folder / format("weight{:03}.npy", i++), item.value());
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 6) throw ArgumentError("variants_benchmark CASE GENOME VCF PASSES FOLDER");
    const auto passes = find_choice<variants::VariantPasses>(words[4]);
    if (!passes) throw ArgumentError(format("passes are changed or whole, not '{}'", words[4]));
    benchmarks::keep_memory();
    for (const benchmarks::ModelCase& c : benchmarks::model_cases())
      if (c.name == words[1]) return measure(c, words[2], words[3], *passes, words[5]);
    throw ArgumentError(format("no model is called '{}'", words[1]));
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
}
