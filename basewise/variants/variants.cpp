#include "basewise/variants/variants.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/core/random.h"
#include "basewise/core/shard.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/vcf_writer.h"
#include "basewise/variants/detail/allele_batch.h"
#include "basewise/variants/detail/background.h"
#include "basewise/variants/detail/inputs.h"
#include "basewise/variants/detail/parts.h"
#include "basewise/variants/detail/row_files.h"
#include "basewise/variants/detail/tracks.h"
#include "basewise/variants/detail/window_passes.h"

namespace basewise::variants {
namespace {

using corpus::AlleleStatus;

constexpr std::uint64_t kShuffleStream = 0x73687566666c65;
constexpr std::int64_t kMostBatches = 4, kMostNumbers = std::int64_t{1} << 24;

/// One of several runs whose scores are averaged.
struct Fold {
  Fold(const run::OpenRun& run, const VariantOptions& o, const corpus::VariantWindows& windows)
      : passes(run, o), nothing(passes.whole(at::zeros({1, seq::kChannels, windows.length()}))), tracks(run, o, nothing, windows.left()) {}

  detail::WindowPasses passes;
  Bundle nothing;  ///< outputs for a window of N, whose shapes are those of all
  detail::Tracks tracks;
};

/// One call of the verb.
class Work {
 public:
  Work(const detail::Runs& runs, const VariantOptions& options)
      : o_(options),
        reader_(o_.vcf),
        genome_(detail::genome_of(o_, result_.notes)),
        windows_(genome_, detail::window_length_of(runs, o_), o_.fill),
        layout_(make_folds(runs)),
        facts_(o_.background_out.empty() ? std::string() : detail::background_facts(runs, o_)),
        batch_(windows_, o_.compensation, windows_each()),
        shard_(shard_of(o_.shard)),
        parts_(detail::parts_folder(o_), detail::facts_of(runs, o_, layout_.columns(), genome_), o_.part_rows, shard_) {
    result_.fields = layout_.fields;
    result_.window = windows_.length();
    if (!o_.background_out.empty()) collected_.emplace(runs.size());
  }

  VariantResult done();

 private:
  detail::ScoreLayout make_folds(const detail::Runs& runs);

  /// Windows at once: several batches, so that neighbours come together, where the predictions fit.
  std::int64_t windows_each() const {
    std::int64_t numbers = 1;
    for (const auto& [name, value] : folds_.front()->nothing) numbers += value.numel();
    return std::clamp(kMostNumbers / numbers, o_.batch_size, kMostBatches * o_.batch_size);
  }

  bool shared() const { return shard_.parts > 1; }
  void run_batch();
  /// Fields of an allele, of one run; none where it has no window.
  std::vector<double> allele_scores(const detail::PendingRow& row, std::size_t allele, std::size_t fold,
                                    const std::vector<detail::Prediction>& predictions);
  /// Columns of the scores of each allele of the rows of the batch.
  std::vector<std::vector<std::vector<double>>> batch_scores();
  void count(const detail::PendingRow& row, const detail::AlleleTexts& texts);
  void note();
  std::int64_t count_rows() const;
  void add_shuffles(const io::VcfRecord& record, std::int64_t rows);

  const VariantOptions& o_;
  VariantResult result_ = {};
  io::VcfReader reader_;
  seq::Genome genome_;
  corpus::VariantWindows windows_;
  std::vector<std::unique_ptr<Fold>> folds_ = {};
  std::optional<detail::Background> background_ = {};
  detail::ScoreLayout plain_ = {};  ///< without quantiles
  detail::ScoreLayout layout_;
  std::string facts_;
  std::optional<detail::BackgroundWriter> collected_ = {};
  detail::AlleleBatch batch_;
  Shard shard_;
  detail::Parts parts_;
  std::optional<detail::RowFiles> files_ = {};
  std::int64_t shuffled_rows_ = 0;
  std::map<AlleleStatus, std::int64_t> counts_ = {}, first_lines_ = {};
};

detail::ScoreLayout Work::make_folds(const detail::Runs& runs) {
  for (const run::OpenRun& run : runs) {
    folds_.push_back(std::make_unique<Fold>(run, o_, windows_));
    const auto &first = folds_.front()->tracks.layout().fields, &fields = folds_.back()->tracks.layout().fields;
    if (first != fields)
      throw ArgumentError(format("runs whose scores are averaged have the same tracks: {} gives {}, and {} gives {}",
                                 runs.front().folder.string(), some_of(first, "'"), run.folder.string(), some_of(fields, "'")));
  }
  plain_ = folds_.front()->tracks.layout();
  plain_.runs = detail::names_of(runs);
  if (o_.background.empty()) return plain_;
  background_.emplace(o_.background, plain_, runs.size(), detail::background_facts(runs, o_));
  return background_->with_quantiles(plain_);
}

void Work::count(const detail::PendingRow& row, const detail::AlleleTexts& texts) {
  ++result_.rows;
  for (const auto& of_allele : texts) result_.undefined += std::count(of_allele.begin(), of_allele.end(), detail::kNoScore);
  for (const AlleleStatus status : row.variant.status) {
    ++result_.alleles;
    if (counts_[status]++ == 0) first_lines_[status] = row.record.number;
    if (!corpus::has_window(status)) continue;
    ++result_.scored;
    result_.padded += row.variant.padded;
  }
}

std::vector<double> Work::allele_scores(const detail::PendingRow& row, std::size_t allele, std::size_t fold,
                                        const std::vector<detail::Prediction>& predictions) {
  const detail::Tracks& tracks = folds_[fold]->tracks;
  std::vector<double> scores;
  detail::compare(row, allele, predictions, tracks, [&](const detail::Prediction& ref, const detail::Prediction& alt) {
    scores = tracks.scores(ref, alt);
    if (!collected_ && !background_) return;
    const std::vector<double> totals = tracks.totals(ref);
    if (collected_) collected_->add(fold, scores, totals);
    if (!background_) return;
    const std::vector<double> quantiles = background_->quantiles(fold, scores, totals, tracks.totals(alt));
    scores.insert(scores.end(), quantiles.begin(), quantiles.end());
  });
  return scores;
}

std::vector<std::vector<std::vector<double>>> Work::batch_scores() {
  std::vector<std::vector<std::vector<double>>> all;
  for (const detail::PendingRow& row : batch_.rows()) all.emplace_back(row.alleles.size());
  for (std::size_t fold = 0; fold < folds_.size(); ++fold) {
    const std::vector<detail::Prediction> predictions = batch_.predict(folds_[fold]->passes, folds_[fold]->tracks);
    for (std::size_t r = 0; r < all.size(); ++r)
      for (std::size_t i = 0; i < all[r].size(); ++i) {
        const std::vector<double> scores = allele_scores(batch_.rows()[r], i, fold, predictions);
        if (layout_.folds() > 0 && all[r][i].empty()) all[r][i].assign(scores.size(), 0);
        for (std::size_t f = 0; layout_.folds() > 0 && f < scores.size(); ++f)
          all[r][i][f] += scores[f] / static_cast<double>(layout_.folds());
        all[r][i].insert(all[r][i].end(), scores.begin(), scores.end());
      }
  }
  return all;
}

void Work::run_batch() {
  const auto scores =
      with_context(format("rows {} to {}", result_.rows + 1, result_.rows + std::ssize(batch_.rows())), [&] { return batch_scores(); });
  for (std::size_t r = 0; r < scores.size(); ++r) {
    const detail::PendingRow& row = batch_.rows()[r];
    detail::AlleleTexts texts = row.texts;
    for (std::size_t i = 0; row.task == detail::RowTask::compute && i < row.alleles.size(); ++i)
      texts.push_back(detail::texts_of(scores[r][i]));
    if (row.task == detail::RowTask::compute) {
      parts_.keep(texts);
      ++result_.computed;
    }
    if (files_) files_->add(row.record, row.variant, texts);
    count(row, texts);
  }
  result_.windows += std::ssize(batch_.windows().windows);
  result_.passes = 0;
  for (const auto& fold : folds_) result_.passes += fold->passes.passes();
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
    result_.notes.push_back(format("{} of {} alleles are {}: {}{} (the first: {} {})", alleles, result_.alleles, status, help_of(status),
                                   corpus::has_window(status) ? "" : "; they have no scores", reader_.counts(), first_lines_[status]));
  }
  if (result_.padded > 0)
    result_.notes.push_back(format("{} of {} windows leave their chromosome and have N there (padded)", result_.padded, result_.scored));
  if (result_.undefined > 0)
    result_.notes.push_back(
        format("{} scores of {} alleles are no finite number and stand as '.': logarithms, roots and shares need predictions above 0 "
               "(values, scores)",
               result_.undefined, result_.scored));
  if (const std::int64_t mismatch = counts_[AlleleStatus::mismatch]; 4 * mismatch > result_.alleles)
    result_.notes.push_back(
        format("{} of {} alleles do not fit {}: rows of another assembly, or positions that count from another number; what fits may do so "
               "by chance",
               mismatch, result_.alleles, genome_.source()));
  if (const auto names = windows_.unknown_names(); !names.empty())
    result_.notes.push_back(format("{} has no chromosome {}", genome_.source(), some_of(names, "'")));
}

std::int64_t Work::count_rows() const {
  io::VcfReader reader(o_.vcf);
  std::int64_t rows = 0;
  for (io::VcfRecord record; reader.next(record);) ++rows;
  return rows;
}

// The row as often as its share of all shuffles, drawn by its place in the file.
void Work::add_shuffles(const io::VcfRecord& record, std::int64_t rows) {
  const std::int64_t row = shuffled_rows_++;
  const Stream draws = Stream(static_cast<std::uint64_t>(o_.seed), kShuffleStream).fork(static_cast<std::uint64_t>(row));
  for (std::int64_t k = row * o_.shuffles / rows; k < (row + 1) * o_.shuffles / rows; ++k) {
    const Stream draw = draws.fork(static_cast<std::uint64_t>(k));
    batch_.add(record, detail::RowTask::compute, &draw);
    if (batch_.full()) run_batch();
  }
}

VariantResult Work::done() {
  const auto started = std::chrono::steady_clock::now();
  if (!shared()) files_.emplace(o_, reader_.header(), layout_);
  Progress progress("variants", -1, "rows");
  const std::int64_t rows = o_.shuffles > 0 ? count_rows() : 0;
  for (io::VcfRecord record; reader_.next(record); progress.advance()) {
    if (o_.shuffles > 0) {
      add_shuffles(record, rows);
      continue;
    }
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
  if (collected_) {
    collected_->write(o_.background_out, plain_, facts_);
    result_.files.push_back(o_.background_out);
  }
  note();
  result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return std::move(result_);
}

}  // namespace

void describe(Visitor& v, VariantOptions& o) {
  v("runs", o.runs, "run folders with model.toml and weights.safetensors; of several, folds or seeds, scores are averaged");
  v("vcf", o.vcf, "variants: VCF, plain, gzip or bgzip, or BCF; - is standard input");
  v("genome", o.genome, "FASTA file of the genome that the variants are of");
  v("out", o.out, "VCF that is written: .vcf, .vcf.gz or .bcf; - is standard output");
  v("tsv", o.tsv, "table with a row for each alternative allele");
  v("table", o.table, "columns of that table");
  v("hdf5", o.hdf5, "scores in the names of Basenji's sad.h5 and Baskerville's scores.h5");
  v("background", o.background, "file of an earlier background_out: adds the quantile of each score, and active_allele_quantile");
  v("background_out", o.background_out, "safetensors file of the distributions of these scores, for later calls");
  v("shuffles", o.shuffles, "alleles of the background, with shuffled bases around them; 0: all of the file as they are", counted(0));
  v("seed", o.seed, "of the shuffles");
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
  v("passes", o.passes, "what is computed of a window; changes speed, and numbers by rounding alone");
  v("batch_size", o.batch_size, "sequences at once; changes speed and memory, and numbers by rounding alone", counted(1));
  v("device", o.device, "cpu, cuda, cuda:1 or auto");
}

VariantResult score_variants(const VariantOptions& options) {
  if (options.runs.empty()) throw ArgumentError("variants needs a run folder, or several (runs)");
  detail::check_files(options, options.runs);
  std::vector<run::OpenRun> runs;
  for (const std::filesystem::path& folder : options.runs)
    runs.push_back(run::open_run(folder, {.weights = {}, .set = {}, .device = options.device}));
  return score_variants(runs, options);
}

VariantResult score_variants(const std::vector<run::OpenRun>& runs, const VariantOptions& options) {
  if (runs.empty()) throw ArgumentError("variants needs a run");
  VariantOptions found = options;
  detail::check_files(options, detail::folders_of(runs));
  for (std::filesystem::path* file : {&found.vcf, &found.genome})
    if (!io::is_standard_stream(*file)) *file = corpus::resolve_path(file->string());
  for (const run::OpenRun& run : runs) detail::check_model(*run.model);
  return Work(runs, found).done();
}

}  // namespace basewise::variants
