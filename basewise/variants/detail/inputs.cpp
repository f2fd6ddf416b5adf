#include "basewise/variants/detail/inputs.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/outputs.h"
#include "basewise/core/version.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/vcf_writer.h"
#include "basewise/results/run_files.h"
#include "basewise/results/run_outputs.h"
#include "basewise/run/window_length.h"
#include "basewise/variants/detail/tracks.h"

namespace basewise::variants::detail {

std::filesystem::path parts_folder(const VariantOptions& o) {
  if (!o.background_out.empty()) return {};
  const std::filesystem::path& beside = !o.out.empty() ? o.out : !o.tsv.empty() ? o.tsv : o.hdf5;
  return io::is_standard_stream(beside) ? std::filesystem::path() : std::filesystem::path(beside.string() + ".parts");
}

void check_files(const VariantOptions& o, const std::vector<std::filesystem::path>& runs) {
  if (o.vcf.empty()) throw ArgumentError("variants needs a VCF file (vcf); - is standard input");
  if (o.genome.empty()) throw ArgumentError("variants needs the genome of the VCF file, a FASTA file (genome)");
  if (o.out.empty() && o.tsv.empty() && o.hdf5.empty() && o.background_out.empty())
    throw ArgumentError("variants needs a file to write: VCF (out), a table (tsv), HDF5 (hdf5), a background (background_out)");
  if (o.shuffles > 0 && (o.background_out.empty() || !o.out.empty() || !o.tsv.empty() || !o.hdf5.empty() || !o.shard.empty()))
    throw ArgumentError("shuffles are for a background alone: give background_out, and no other output or shard");
  if (o.shuffles > 0 && io::is_standard_stream(o.vcf))
    throw ArgumentError("shuffles are spread over all rows, which are counted first: the VCF needs a file (vcf)");
  if (io::is_standard_stream(o.tsv) || io::is_standard_stream(o.hdf5))
    throw ArgumentError("tables need a file (tsv, hdf5); VCF may go to standard output (out = \"-\")");
  if (!o.shard.empty() && parts_folder(o).empty())
    throw ArgumentError("shards keep their work beside the output, which needs a file (out)");
  io::check_info_key(o.key);
  std::vector<GivenPath> inputs = {{"genome", o.genome}, {"aliases", o.aliases}, {"background", o.background}};
  std::vector<GivenPath> outputs = {{"tsv", o.tsv}, {"hdf5", o.hdf5}, {"background_out", o.background_out}};
  if (!io::is_standard_stream(o.vcf)) inputs.push_back({"vcf", o.vcf});
  if (!io::is_standard_stream(o.out)) outputs.push_back({"out", o.out});
  require_apart(inputs, outputs);
  std::erase_if(outputs, [](const GivenPath& given) { return given.path.empty(); });
  for (const std::filesystem::path& run : runs) results::require_no_run_file(run, outputs);
}

void check_model(const nn::Model& model) {
  const auto inputs = model.input_names();
  if (inputs != std::vector<std::string>{"sequence"})
    throw ArgumentError(
        format("the model takes inputs [{}]: variants change 'sequence', and the others are not known", fmt::join(inputs, ", ")));
}

seq::Genome genome_of(const VariantOptions& o, std::vector<std::string>& notes) {
  const bool all = o.circular == std::vector<std::string>{"all"};
  io::GenomeOptions read{.path = o.genome, .ambiguity = seq::Ambiguity::as_n};
  if (!all) read.circular = o.circular;
  if (!o.aliases.empty()) read.aliases = o.aliases;
  io::GenomeResult loaded = io::load_genome(read);
  seq::ChromSizes& sizes = loaded.genome.sizes();
  for (std::size_t i = 0; all && i < sizes.size(); ++i) sizes.set_circular(sizes[i].name);
  if (!loaded.report.notes.empty()) notes.push_back(format("{}: {}", o.genome.string(), loaded.report.summary()));
  notes.insert(notes.end(), loaded.report.remarks.begin(), loaded.report.remarks.end());
  return std::move(loaded.genome);
}

namespace {

/// Names, lengths and bases: assemblies, and a genome and its masked form,
/// have files of one name and size.
std::string genome_hash(const seq::Genome& genome) {
  std::string all;
  for (std::size_t i = 0; i < genome.sizes().size(); ++i) {
    const seq::Chrom& chrom = genome.sizes()[i];
    const std::span<const seq::Token> bases = genome.sequence(i);
    all += format("{}\t{}\t{}\n", chrom.name, chrom.circular, sha256({reinterpret_cast<const char*>(bases.data()), bases.size()}));
  }
  return sha256(all);
}

std::string hash_of(const std::filesystem::path& file) { return std::filesystem::exists(file) ? sha256_file(file) : std::string(); }

nlohmann::ordered_json facts_of_runs(const Runs& runs) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const run::OpenRun& run : runs)
    all.push_back({{"weights", hash_of(run.folder / results::weights_file())},
                   {"config", hash_of(run.folder / results::kConfigFile)},
                   {"model", hash_of(run.folder / results::kModelFile)}});
  return all;
}

}  // namespace

std::string background_facts(const Runs& runs, const VariantOptions& o) {
  VariantOptions copy = o;
  const nlohmann::ordered_json options = to_json(described(copy));
  nlohmann::ordered_json facts = {{"basewise", version()}, {"runs", facts_of_runs(runs)}, {"window", window_length_of(runs, o)}};
  for (const char* kept : {"pairs", "values", "pseudocount", "fill", "compensation", "strand_strategy", "shifts"})
    facts[kept] = options.at(kept);
  return json_text(facts, -1);
}

std::vector<std::filesystem::path> folders_of(const Runs& runs) {
  std::vector<std::filesystem::path> folders;
  for (const run::OpenRun& run : runs) folders.push_back(run.folder);
  return folders;
}

std::vector<std::string> names_of(const Runs& runs) {
  std::vector<std::string> names;
  for (const run::OpenRun& run : runs) {
    std::string name = run.folder.filename().string();
    for (int n = 2; std::find(names.begin(), names.end(), name) != names.end(); ++n)
      name = format("{}_{}", run.folder.filename().string(), n);
    names.push_back(name);
  }
  return names;
}

nlohmann::ordered_json facts_of(const Runs& runs, const VariantOptions& o, const std::vector<std::string>& columns,
                                const seq::Genome& genome) {
  if (parts_folder(o).empty()) return {};
  VariantOptions copy = o;
  nlohmann::ordered_json options = to_json(described(copy));
  for (const char* free :
       {"runs", "vcf", "genome", "out", "tsv", "table", "hdf5", "background", "background_out", "key", "shard", "device"})
    options.erase(std::string(free));
  return {{"basewise", version()},
          {"runs", facts_of_runs(runs)},
          {"background", o.background.empty() ? std::string() : hash_of(o.background)},
          {"aliases", o.aliases.empty() ? std::string() : hash_of(o.aliases)},
          {"genome", genome_hash(genome)},
          {"columns", columns},
          {"options", std::move(options)}};
}

std::int64_t window_length_of(const Runs& runs, const VariantOptions& o) {
  const std::int64_t length = run::window_length(runs.front(), o.window);
  for (const run::OpenRun& run : runs)
    if (const std::int64_t other = run::window_length(run, o.window); other != length)
      throw ArgumentError(format("runs whose scores are averaged see the same windows: {} has {} bases and {} has {} (window)",
                                 runs.front().folder.string(), length, run.folder.string(), other));
  return length;
}

}  // namespace basewise::variants::detail
