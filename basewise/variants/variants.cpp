#include "basewise/variants/variants.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"
#include "basewise/core/shard.h"
#include "basewise/core/some_of.h"
#include "basewise/core/version.h"
#include "basewise/corpus/registry.h"
#include "basewise/infer/ensemble.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/vcf_writer.h"
#include "basewise/results/run_files.h"
#include "basewise/results/run_outputs.h"
#include "basewise/run/window_length.h"
#include "basewise/variants/detail/allele_batch.h"
#include "basewise/variants/detail/parts.h"
#include "basewise/variants/detail/row_files.h"
#include "basewise/variants/detail/tracks.h"

namespace basewise::variants {
namespace {

using corpus::AlleleStatus;

/// Where parts are kept; empty: nowhere.
std::filesystem::path parts_folder(const VariantOptions& o) {
  const std::filesystem::path& beside = o.out.empty() ? o.tsv : o.out;
  return io::is_standard_stream(beside) ? std::filesystem::path() : std::filesystem::path(beside.string() + ".parts");
}

void check_files(const VariantOptions& o, const std::filesystem::path& run) {
  if (o.vcf.empty()) throw ArgumentError("variants needs a VCF file (vcf); - is standard input");
  if (o.genome.empty()) throw ArgumentError("variants needs the genome of the VCF file, a FASTA file (genome)");
  if (o.out.empty() && o.tsv.empty()) throw ArgumentError("variants needs a file to write: VCF (out), a table (tsv), or both");
  if (io::is_standard_stream(o.tsv)) throw ArgumentError("the table needs a file (tsv); VCF may go to standard output (out = \"-\")");
  if (!o.shard.empty() && parts_folder(o).empty())
    throw ArgumentError("shards keep their work beside the output, which needs a file (out)");
  io::check_info_key(o.key);
  std::vector<GivenPath> inputs = {{"genome", o.genome}, {"aliases", o.aliases}}, outputs = {{"tsv", o.tsv}};
  if (!io::is_standard_stream(o.vcf)) inputs.push_back({"vcf", o.vcf});
  if (!io::is_standard_stream(o.out)) outputs.push_back({"out", o.out});
  require_apart(inputs, outputs);
  std::erase_if(outputs, [](const GivenPath& given) { return given.path.empty(); });
  results::require_no_run_file(run, outputs);
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

infer::ScoreFn score_of(const run::OpenRun& run, const VariantOptions& o) {
  infer::EnsembleOptions ensemble = run.recipe.ensemble;
  if (!o.shifts.empty()) ensemble.shifts = o.shifts;
  return infer::ensemble_fn(run.model, run::strategy_of(o.strand_strategy, run), run.forms, ensemble, run.recipe.seed);
}

/// What the numbers depend on.
nlohmann::ordered_json facts_of(const run::OpenRun& run, const VariantOptions& o, const std::vector<std::string>& fields) {
  VariantOptions copy = o;
  nlohmann::ordered_json options = to_json(described(copy));
  for (const char* free : {"run", "vcf", "genome", "out", "tsv", "key", "shard", "device"}) options.erase(std::string(free));
  const auto hash_of = [](const fs::path& file) { return fs::exists(file) ? sha256_file(file) : std::string(); };
  return {{"basewise", version()},
          {"weights", hash_of(run.folder / results::weights_file())},
          {"config", hash_of(run.folder / results::kConfigFile)},
          {"genome", {{"file", o.genome.filename().string()}, {"bytes", fs::file_size(o.genome)}}},
          {"fields", fields},
          {"options", std::move(options)}};
}

/// One call of the verb.
class Work {
 public:
  Work(const run::OpenRun& run, const VariantOptions& options)
      : o_(options),
        reader_(o_.vcf),
        genome_(genome_of(o_, result_.notes)),
        score_(score_of(run, o_)),
        windows_(genome_, run::window_length(run, o_.window), o_.fill),
        tracks_(run, o_, of_nothing(), windows_.left()),
        batch_(windows_, o_.compensation, o_.batch_size),
        shard_(shard_of(o_.shard)),
        parts_(parts_folder(o_), facts_of(run, o_, tracks_.fields()), o_.part_rows, shard_) {
    result_.fields = tracks_.fields();
    result_.window = windows_.length();
  }

  VariantResult done();

 private:
  /// Outputs for a window of N, whose shapes are those of all.
  Bundle of_nothing() const { return score_({{"sequence", at::zeros({1, seq::kChannels, windows_.length()})}}); }

  bool shared() const { return shard_.parts > 1; }
  void run_batch();
  void count(const detail::PendingRow& row);
  void note();

  const VariantOptions& o_;
  VariantResult result_ = {};
  io::VcfReader reader_;
  seq::Genome genome_;
  infer::ScoreFn score_;
  corpus::VariantWindows windows_;
  detail::Tracks tracks_;
  detail::AlleleBatch batch_;
  Shard shard_;
  detail::Parts parts_;
  std::optional<detail::RowFiles> files_ = {};
  std::map<AlleleStatus, std::int64_t> counts_ = {}, first_lines_ = {};
};

void Work::count(const detail::PendingRow& row) {
  ++result_.rows;
  for (const AlleleStatus status : row.variant.status) {
    ++result_.alleles;
    if (counts_[status]++ == 0) first_lines_[status] = row.record.number;
    if (!corpus::has_window(status)) continue;
    ++result_.scored;
    result_.padded += row.variant.padded;
  }
}

void Work::run_batch() {
  const auto predictions = with_context(format("rows {} to {}", result_.rows + 1, result_.rows + std::ssize(batch_.rows())),
                                        [&] { return batch_.predict(score_, tracks_); });
  for (const detail::PendingRow& row : batch_.rows()) {
    detail::AlleleTexts texts = row.texts;
    for (std::size_t i = 0; row.task == detail::RowTask::compute && i < row.alleles.size(); ++i)
      texts.push_back(detail::texts_of(detail::scores_of(row, i, predictions, tracks_)));
    if (row.task == detail::RowTask::compute) {
      parts_.keep(texts);
      ++result_.computed;
    }
    if (files_) files_->add(row.record, row.variant, texts);
    count(row);
  }
  batch_.clear();
}

std::string_view help_of(AlleleStatus status) {
  for (const auto& known : words_of(AlleleStatus{}))
    if (known.value == status) return known.help;
  throw InternalError("an allele without a status");
}

void Work::note() {
  const io::ReadReport& report = reader_.report();
  for (const std::string& remark : report.remarks) result_.notes.push_back(format("{}: {}", reader_.name(), remark));
  if (!report.notes.empty() || report.skipped > 0) result_.notes.push_back(format("{}: {}", reader_.name(), report.summary()));
  for (const auto& [status, alleles] : counts_) {
    result_.status[std::string(to_word(status))] = alleles;
    if (status == AlleleStatus::as_written) continue;
    result_.notes.push_back(format("{} of {} alleles are {}: {}{} (the first: line {})", alleles, result_.alleles, status, help_of(status),
                                   corpus::has_window(status) ? "" : "; they have no scores", first_lines_[status]));
  }
  if (result_.padded > 0)
    result_.notes.push_back(
        format("{} of {} windows leave their chromosome and have N there (padded)", result_.padded, result_.scored));
  if (const auto names = windows_.unknown_names(); !names.empty())
    result_.notes.push_back(format("{} has no chromosome {}", genome_.source(), some_of(names, "'")));
}

VariantResult Work::done() {
  const auto started = std::chrono::steady_clock::now();
  if (!shared()) files_.emplace(o_, reader_.header(), tracks_.fields());
  Progress progress("variants", -1, "rows");
  for (io::VcfRecord record; reader_.next(record); progress.advance()) {
    const detail::RowTask task = parts_.next(record);
    detail::PendingRow& row = batch_.add(std::move(record), task);
    if (task == detail::RowTask::known) row.texts = parts_.known();
    if (batch_.full() || parts_.full()) run_batch();
    if (parts_.full()) parts_.finish(false);
  }
  run_batch();
  parts_.finish(true);
  progress.finish();
  if (const auto elsewhere = counts_.find(AlleleStatus::elsewhere); elsewhere != counts_.end() && elsewhere->second == result_.alleles)
    throw DataError(genome_.sizes().missing_text(windows_.unknown_names(), reader_.name()));
  if (files_) {
    result_.files = files_->close();
    result_.finished = true;
    parts_.remove();
  }
  note();
  result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return std::move(result_);
}

}  // namespace

void describe(Visitor& v, VariantOptions& o) {
  v("run", o.run, "run folder with model.toml and weights.safetensors");
  v("vcf", o.vcf, "variants: VCF, plain, gzip or bgzip, or BCF; - is standard input");
  v("genome", o.genome, "FASTA file of the genome that the variants are of");
  v("out", o.out, "VCF that is written: .vcf, .vcf.gz or .bcf; - is standard output");
  v("tsv", o.tsv, "table with a row for each alternative allele");
  v("scores", o.scores, "empty: SAD; of runs with a profile logfc and jsd");
  v("outputs", o.outputs, "heads of the model; empty: all");
  v("tracks", o.tracks, "channels by name or number; empty: all");
  v("pairs", o.pairs, "the two strands of a track, as the run knows them, are scored as one");
  v("values", o.values, "what is scored of the numbers that the model gives");
  v("pseudocount", o.pseudocount, "of usar, xsad and xsar", positive());
  v("key", o.key, "of the scores in the column INFO");
  v("window", o.window, "bases that the model is given; 0: as the model or the recipe says", counted(0));
  v("fill", o.fill, "what stands behind an allele that is shorter than that of the genome");
  v("compensation", o.compensation, "for insertions and deletions: a second window in which what follows them has its place");
  v("strand_strategy", o.strand_strategy, "one strand, or how both are merged");
  v("shifts", o.shifts, "bases by which sequences are moved, each a prediction of its own, as ensemble.shifts; empty: those of the run");
  v("circular", o.circular, "names of the circular sequences of the genome; all stands for every one");
  v("aliases", o.aliases, "table of names of equal meaning for chromosomes: one sequence per line, columns by tabs");
  v("part_rows", o.part_rows, "rows of each part in which work is kept beside the output until it is there", counted(1));
  v("shard", o.shard, "i/n, such as 2/5: this part of the work; a last call without it writes the output");
  v("batch_size", o.batch_size, "sequences at once; changes speed and memory, and numbers by rounding alone", counted(1));
  v("device", o.device, "cpu, cuda, cuda:1 or auto");
}

VariantResult score_variants(const VariantOptions& options) {
  if (options.run.empty()) throw ArgumentError("variants needs a run folder (run)");
  check_files(options, options.run);
  return score_variants(run::open_run(options.run, {.weights = {}, .set = {}, .device = options.device}), options);
}

VariantResult score_variants(const run::OpenRun& run, const VariantOptions& options) {
  VariantOptions found = options;
  check_files(options, run.folder);
  for (std::filesystem::path* file : {&found.vcf, &found.genome})
    if (!io::is_standard_stream(*file)) *file = corpus::resolve_path(file->string());
  check_model(*run.model);
  if (found.run.empty()) found.run = run.folder;
  return Work(run, found).done();
}

}  // namespace basewise::variants
