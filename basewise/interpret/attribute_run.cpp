#include "basewise/interpret/attribute_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/file_lock.h"
#include "basewise/core/files.h"
#include "basewise/core/progress.h"
#include "basewise/core/shard.h"
#include "basewise/corpus/registry.h"
#include "basewise/interpret/attribution.h"
#include "basewise/interpret/detail/attribution_choice.h"
#include "basewise/interpret/detail/attribution_facts.h"
#include "basewise/interpret/detail/attribution_folder.h"
#include "basewise/interpret/detail/attribution_join.h"
#include "basewise/interpret/detail/attribution_pieces.h"
#include "basewise/interpret/detail/methods.h"
#include "basewise/interpret/target.h"
#include "basewise/run/example_source.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret {
namespace {

namespace fs = std::filesystem;

void check_options(const AttributeOptions& o) {
  if (o.out.empty()) throw ArgumentError("attribute needs a folder for its files (out)");
  if (o.overwrite && (o.resume || o.join || !o.shard.empty()))
    throw ArgumentError("overwrite starts anew: it does not go together with resume, join and shard");
  if (o.join && !o.shard.empty()) throw ArgumentError("join puts the parts together: it does not go together with shard");
  shard_of(o.shard);
}

bool wants(const AttributeOptions& o, AttributeFormat format) {
  return std::find(o.formats.begin(), o.formats.end(), format) != o.formats.end();
}

/// One call of the verb.
class Work {
 public:
  Work(const run::OpenRun& run, const AttributeOptions& options)
      : run_(run), o_(options), target_(target_of(run, o_.target)), method_(detail::make_method(run, o_, target_)) {}

  AttributeResult done();

 private:
  void look();
  void open();
  void choose_and_compute();
  void compute();
  std::int64_t examples_at_once(std::int64_t width) const;
  detail::ScoredPiece piece_of(const run::ExampleBatch& batch, std::int64_t first, Progress& progress) const;
  void put_together();
  AttributeResult finished_before();

  const run::OpenRun& run_;
  const AttributeOptions& o_;
  Target target_;
  detail::Method method_;
  nlohmann::ordered_json facts_ = {};
  std::unique_ptr<FileLock> lock_ = {};
  std::unique_ptr<run::ExampleSource> source_ = {};
  std::int64_t examples_ = 0;  ///< of the source
  std::int64_t length_ = 0;    ///< bases that the model is given
  std::optional<detail::Chosen> chosen_ = {};
  std::optional<detail::Pieces> pieces_ = {};
  AttributeResult result_ = {};
};

/// The bases in the middle that are kept: [begin, begin + n) of `length`.
std::pair<std::int64_t, std::int64_t> kept(std::int64_t central, std::int64_t length) {
  if (central > length) throw ArgumentError(format("central is {}, but the sequences have {} bases", central, length));
  const std::int64_t n = central > 0 ? central : length;
  return {(length - n) / 2, n};
}

/// The place of the bases that are kept.
run::Example cut(run::Example example, std::int64_t begin, std::int64_t n) {
  if (example.chrom.empty()) return example;
  example.start = example.reverse ? example.end - begin - n : example.start + begin;
  example.end = example.start + n;
  return example;
}

void check_finite(const detail::Scored& scored, const run::ExampleBatch& batch, std::int64_t from) {
  const at::Tensor good = scored.scores.isfinite().flatten(1).all(1);
  for (std::int64_t i = 0; i < good.size(0); ++i)
    if (!good[i].item<bool>())
      throw StateError(format("the attributions of example '{}' are no finite numbers (its prediction is {}): look at the weights of "
                              "the run",
                              batch.examples[static_cast<std::size_t>(from + i)].name, scored.prediction[i].item<float>()));
}

/// Examples are counted first, and read again when a call goes on.
void check_can_be_read_again(const AttributeOptions& o) {
  for (const fs::path& file : {o.examples.bed, o.examples.fasta, o.examples.table}) {
    const fs::path found = file.empty() ? fs::path() : corpus::resolve_path(file.string());
    if (fs::exists(found) && !fs::is_regular_file(found))
      throw ArgumentError(format("{} is no regular file: attribute reads it more than once; write it to a file first", file.string()));
  }
}

/// Few enough that progress is seen, in calls that fill their passes.
std::int64_t Work::examples_at_once(std::int64_t width) const {
  constexpr std::int64_t kRows = 256, kEdits = 65'536;
  const bool edits = o_.method == AttributeMethod::mutagenesis;
  const std::int64_t rows = edits ? kEdits : o_.batch_size > 0 ? o_.batch_size : kRows, each = edits ? method_.rows * width : method_.rows;
  return std::max<std::int64_t>(1, rows / each);
}

detail::ScoredPiece Work::piece_of(const run::ExampleBatch& batch, std::int64_t first, Progress& progress) const {
  const at::Tensor& sequences = batch.inputs.at(o_.input);
  const auto [begin, n] = kept(o_.central, sequences.size(2));
  detail::ScoredPiece piece{.length = n};
  const std::int64_t at_once = examples_at_once(n);
  for (std::int64_t from = 0; from < batch.size(); from += at_once) {
    const std::int64_t to = std::min(from + at_once, batch.size());
    Bundle some;
    for (const auto& [name, values] : batch.inputs) some.set(name, values.slice(0, from, to));
    const detail::Scored scored = with_context(format("examples {} to {}", first + from, first + to - 1),
                                               [&] { return method_.score(some, first + from, begin, begin + n); });
    check_finite(scored, batch, from);
    const at::Tensor scores = scored.scores.slice(2, begin, begin + n).contiguous();
    piece.scores.insert(piece.scores.end(), scores.const_data_ptr<float>(), scores.const_data_ptr<float>() + scores.numel());
    for (std::int64_t i = 0; i < to - from; ++i) {
      piece.predictions.push_back(scored.prediction[i].item<double>());
      if (scored.convergence.defined()) piece.convergence.push_back(scored.convergence[i].item<double>());
    }
    piece.checked += scored.checked;
    piece.difference = std::max(piece.difference, scored.difference);
    if (!scored.note.empty()) piece.note = scored.note;
    progress.advance(to - from);
  }
  const auto tokens = tokens_of(sequences.to(at::kCPU, at::kFloat).contiguous());
  if (!tokens) throw ArgumentError(format("input '{}' holds no sequences of DNA: only these can be attributed", o_.input));
  const at::Tensor middle = tokens->slice(1, begin, begin + n).contiguous();
  piece.tokens.assign(middle.const_data_ptr<std::uint8_t>(), middle.const_data_ptr<std::uint8_t>() + middle.numel());
  for (const run::Example& example : batch.examples) piece.examples.push_back(cut(example, begin, n));
  return piece;
}

void Work::open() {
  const bool shared = !o_.shard.empty();
  std::error_code error;
  fs::create_directories(o_.out, error);
  if (error) throw DataError(format("{}: cannot make the folder: {}", o_.out.string(), error.message()));
  // Shards hold the lock only until they agree on what there is to do.
  lock_ = std::make_unique<FileLock>(o_.out / detail::kLockFile, shared ? FileLock::Wait::yes : FileLock::Wait::no,
                                     FileLock::Afterwards::remove);
  if (!lock_->held())
    throw StateError(format("another process works in {}; wait for it, or give another folder", o_.out.string()));
  detail::require_usable(o_.out, o_.resume || o_.join || shared, o_.overwrite);
  if (o_.overwrite || detail::attribute_state(o_.out) == detail::AttributeState::absent) detail::clear_attributions(o_.out);
  if (detail::attribute_state(o_.out) != detail::AttributeState::finished) fs::create_directories(o_.out / detail::kPiecesFolder);
}

void Work::compute() {
  const Shard shard = shard_of(o_.shard);
  std::vector<bool> wanted(static_cast<std::size_t>(pieces_->count()), false);
  std::int64_t examples = 0;
  for (const std::int64_t piece : pieces_->missing()) {
    if (!shard.has(piece)) continue;
    wanted[static_cast<std::size_t>(piece)] = true;
    examples += pieces_->size_of(piece);
  }
  Progress progress("attribute", examples, "examples");
  const auto is_wanted = [&](std::int64_t number) {
    const auto place = chosen_->place_of(number);
    return place && wanted[static_cast<std::size_t>(*place / pieces_->size())];
  };
  // Each piece but the last has the same number of examples, so that a batch is a piece.
  while (const auto batch = source_->next(pieces_->size(), is_wanted)) {
    const std::int64_t piece = *chosen_->place_of(batch->numbers.front()) / pieces_->size();
    const detail::ScoredPiece content = piece_of(*batch, piece * pieces_->size(), progress);
    if (content.size() != pieces_->size_of(piece))
      throw StateError(format("there were {} examples, now some of them are missing: an input file was changed", pieces_->examples()));
    // Another call may have put the folder together meanwhile.
    if (detail::attribute_state(o_.out) == detail::AttributeState::finished) break;
    pieces_->write(piece, content);
    result_.computed += content.size();
  }
  progress.finish();
}

void Work::put_together() {
  const detail::JoinResult joined = detail::join_pieces(*pieces_, {.folder = o_.out,
                                                                   .hypothetical = method_.hypothetical,
                                                                   .projected = o_.projected,
                                                                   .advice = method_.advice,
                                                                   .float16 = o_.type == AttributeType::float16,
                                                                   .h5 = wants(o_, AttributeFormat::h5),
                                                                   .track = wants(o_, AttributeFormat::bigwig),
                                                                   .chromosomes = wants(o_, AttributeFormat::bigwig)
                                                                                      ? source_->chromosomes()
                                                                                      : std::nullopt});
  result_.files = joined.files;
  result_.length = joined.length;
  result_.largest_convergence = joined.largest_convergence;
  result_.over_threshold = joined.over_threshold;
  result_.check = joined.check;
  if (o_.join) source_->next(1, [](std::int64_t) { return false; });  // what there is to say of the whole file
  result_.notes = source_->notes();
  result_.notes.insert(result_.notes.end(), joined.notes.begin(), joined.notes.end());
  const fs::path document = o_.out / detail::kAttributeFile;
  detail::write_document(document, facts_, result_,
                         {.run = o_.run,
                          .target = target_,
                          .references = method_.references,
                          .strands = run::strategy_of(o_.strand_strategy, run_),
                          .hypothetical = method_.hypothetical && !o_.projected},
                         o_);
  result_.files.push_back(document);
  result_.finished = true;
  detail::remove_pieces(o_.out);
}

AttributeResult Work::finished_before() {
  nlohmann::ordered_json all = facts_;
  all["written"] = detail::written_as(o_);
  if (!detail::was_made_with(o_.out, all))
    throw StateError(format("{} holds finished attributions that were made with other options; give another folder, or --overwrite to "
                            "replace them",
                            o_.out.string()));
  detail::remove_pieces(o_.out);
  result_.folder = o_.out;
  detail::read_document(o_.out / detail::kAttributeFile, result_);
  return result_;
}

/// Counts the examples and looks at the first: what cannot be done is said before a folder is made.
void Work::look() {
  check_can_be_read_again(o_);
  source_ = run::open_examples(run_, o_.examples, o_.central);
  if (wants(o_, AttributeFormat::bigwig) && o_.examples.genome.empty() && o_.examples.split == run::PredictSplit::none)
    throw ArgumentError("bigwig needs examples of a genome: give a genome with bed or regions");
  const auto first = source_->next(1, [](std::int64_t number) { return number == 0; });
  source_->next(1, [](std::int64_t) { return false; });
  if (!first) {
    const auto notes = source_->notes();
    throw DataError(notes.empty() ? std::string("there is no example to attribute")
                                  : format("there is no example to attribute: {}", fmt::join(notes, "; ")));
  }
  length_ = first->inputs.at(o_.input).size(-1);
  kept(o_.central, length_);
  examples_ = source_->passed();
  source_->rewind();
}

void Work::choose_and_compute() {
  chosen_ = detail::choose_examples(*source_, examples_, run_, o_, target_, o_.out / detail::kPiecesFolder / detail::kChosenFile);
  pieces_.emplace(o_.out / detail::kPiecesFolder, chosen_->size(), detail::piece_size(length_));
  result_.examples = chosen_->size();
  if (!o_.shard.empty()) lock_.reset();
  if (!o_.join) compute();
  const std::vector<std::int64_t> missing = pieces_->missing();
  for (const std::int64_t piece : missing) result_.missing += pieces_->size_of(piece);
  if (o_.join && !missing.empty())
    throw StateError(format("{}: {} of {} examples are missing, the first of them number {}: some shard is not done", o_.out.string(),
                            result_.missing, chosen_->size(), missing.front() * pieces_->size()));
}

AttributeResult Work::done() {
  const auto started = std::chrono::steady_clock::now();
  look();
  facts_ = detail::facts_of(run_, o_, target_);
  open();
  if (detail::attribute_state(o_.out) == detail::AttributeState::finished) return finished_before();
  const bool begins = detail::attribute_state(o_.out) == detail::AttributeState::absent && o_.shard.empty();
  detail::begin_attributions(o_.out, facts_);
  result_.folder = o_.out;
  result_.target = target_.text();
  try {
    choose_and_compute();
  } catch (...) {
    // Options that cannot work are no work begun, to which the next call would have to keep.
    if (begins && (!pieces_ || std::ssize(pieces_->missing()) == pieces_->count())) detail::clear_attributions(o_.out);
    throw;
  }
  if (o_.shard.empty()) put_together();
  result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result_;
}

}  // namespace

void describe(Visitor& v, AttributeOptions& o) {
  v("run", o.run, "run folder with model.toml and weights.safetensors");
  v("out", o.out, "folder of attributions");
  run::describe(v, o.examples);
  v("method", o.method, "what a letter is worth");
  v("target", o.target,
    "what is explained: an output, channels of it, sums and differences, as in logits:3 - logits:5 or mean(tracks:0[450:500]); empty: "
    "the only number of the run, or the counts of a profile");
  v("input", o.input, "of a model with several inputs the one that is attributed; the others are held");
  v("strand_strategy", o.strand_strategy, "one strand, or how both are merged");
  v("references", o.references,
    "what sequences are compared with: dinucleotide, permuted, uniform, zeros, or a FASTA file; empty: dinucleotide for deepshap, "
    "uniform for deeplift and integrated_gradients");
  v("number_of_references", o.number_of_references, "shuffles of each sequence", counted(1));
  v("steps", o.steps, "integrated_gradients: places on the way", counted(1));
  v("path", o.path, "integrated_gradients: where these places are");
  v("samples", o.samples, "smoothgrad: noisy copies", counted(1));
  v("noise", o.noise, "smoothgrad: standard deviation of the noise", non_negative());
  v("simplex", o.simplex, "gradients minus their mean over the four letters");
  v("seed", o.seed, "of shuffles, noise and the choice of examples");
  v("central", o.central, "bases in the middle of each example that are written; 0: all", counted(0));
  v("projected", o.projected, "scores of the letters that are there alone, zero elsewhere; else of all letters, as TF-MoDISco wants them");
  v("formats", o.formats, "npz is always written; beside it h5 and bigwig");
  v("type", o.type, "numbers of attributions.npz");
  v("max", o.max, "examples that are attributed; 0: all", counted(0));
  v("choose", o.choose, "which, where there are more");
  v("batch_size", o.batch_size,
    "sequences, or pairs of sequence and reference, at once; changes speed and memory, and numbers by rounding alone; 0: what fits "
    "about 1 GiB, at most 256",
    counted(0));
  v("shard", o.shard, "part i/n of the work, such as 2/5, into the same folder; a last call without shard puts the parts together");
  v("join", o.join, "only put together what the shards have computed");
  v("resume", o.resume, "go on with a folder that is not finished");
  v("overwrite", o.overwrite, "replace attributions that are there");
  v("report", o.report, "the page report.html in the folder");
  v("device", o.device, "cpu, cuda, cuda:1 or auto");
}

AttributeResult attribute_run(const AttributeOptions& options) {
  check_options(options);
  if (options.run.empty()) throw ArgumentError("attribute needs a run folder (run)");
  detail::require_usable(options.out, options.resume || options.join || !options.shard.empty(), options.overwrite);
  return attribute_run(run::open_run(options.run, {.weights = {}, .set = {}, .device = options.device}), options);
}

AttributeResult attribute_run(const run::OpenRun& run, const AttributeOptions& options) {
  check_options(options);
  detail::require_usable(options.out, options.resume || options.join || !options.shard.empty(), options.overwrite);
  return Work(run, options).done();
}

}  // namespace basewise::interpret
