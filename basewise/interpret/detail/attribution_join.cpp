#include "basewise/interpret/detail/attribution_join.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/interpret/attribution.h"
#include "basewise/interpret/detail/attribution_folder.h"
#include "basewise/interpret/detail/attribution_track.h"
#include "basewise/io/attribution_writer.h"
#include "basewise/io/half.h"
#include "basewise/io/tsv.h"

namespace basewise::interpret::detail {
namespace {

namespace fs = std::filesystem;

/// Sets the scores of letters that are not there to zero.
void project(ScoredPiece& piece) {
  const std::int64_t length = piece.length;
  for (std::int64_t n = 0; n < piece.size(); ++n)
    for (std::int64_t letter = 0; letter < 4; ++letter) {
      float* scores = piece.scores.data() + (4 * n + letter) * length;
      const seq::Token* tokens = piece.tokens.data() + n * length;
      for (std::int64_t i = 0; i < length; ++i)
        if (tokens[i] != letter) scores[i] = 0;
    }
}

/// What the pieces together are, gathered one by one, with the table of examples.
class Survey {
 public:
  explicit Survey(const fs::path& loci)
      : table_(loci, {"example", "name", "chrom", "start", "end", "strand", "prediction", "convergence"}) {}

  void add(std::int64_t first, const ScoredPiece& piece) {
    length_ = piece.length;
    for (const float score : piece.scores) largest_ = std::max(largest_, std::abs(score));
    for (std::int64_t n = 0; n < piece.size(); ++n) add_example(first + n, piece, n);
    checked_ += piece.checked;
    difference_ = std::max(difference_, piece.difference);
    if (!piece.note.empty()) said_.insert(piece.note);
  }

  void finish(JoinResult& result, const std::string& advice) {
    table_.close();
    result.length = length_;
    if (convergence_.compared) result.largest_convergence = convergence_.largest;
    result.over_threshold = convergence_.over;
    const auto note = [&](std::string text) { result.notes.push_back(std::move(text)); };
    if (convergence_.over > 0)
      note(format("the scores of {} of {} examples miss the difference from their references by more than {}, by {:.3g} at most{}",
                  convergence_.over, examples_, kConvergenceThreshold, convergence_.largest, advice.empty() ? "" : "; " + advice));
    else if (convergence_.compared)
      result.check = format("scores sum to the difference from their references within {:.2g}", convergence_.largest);
    if (with_n_ > 0) note(format("{} of {} examples hold letters N, whose columns in {} are zero", with_n_, examples_, kSequencesFile));
    std::sort(seen_.begin(), seen_.end());
    const auto different = std::unique(seen_.begin(), seen_.end()) - seen_.begin();
    if (different < examples_)
      note(format("{} of {} examples have the sequence of another one before them", examples_ - different, examples_));
    if (largest_ == 0)
      note("all scores are zero: the target does not depend on these sequences");
    else if (flat_ > 0)
      note(format("all scores of {} of {} examples are zero", flat_, examples_));
    for (const std::string& text : said_) note(text);
    if (checked_ > 0)
      result.check =
          format("{} edits were computed by whole passes too: they differ by {:.2g} of the output at most", checked_, difference_);
  }

  float largest() const { return largest_; }
  std::int64_t examples() const { return examples_; }

 private:
  void add_example(std::int64_t number, const ScoredPiece& piece, std::int64_t n) {
    const auto row = static_cast<std::size_t>(n), length = static_cast<std::size_t>(piece.length);
    const std::span<const seq::Token> tokens(piece.tokens.data() + row * length, length);
    const std::span<const float> scores(piece.scores.data() + 4 * row * length, 4 * length);
    ++examples_;
    with_n_ += std::find(tokens.begin(), tokens.end(), seq::kN) != tokens.end();
    seen_.push_back(std::stoull(sha256({reinterpret_cast<const char*>(tokens.data()), length}).substr(0, 16), nullptr, 16));
    flat_ += std::all_of(scores.begin(), scores.end(), [](float s) { return s == 0; });
    const run::Example& e = piece.examples[row];
    const bool placed = !e.chrom.empty();
    std::string convergence;
    if (!piece.convergence.empty()) {
      const double difference = piece.convergence[row];
      convergence_.compared = true;
      convergence = format("{}", static_cast<float>(difference));
      convergence_.largest = std::max(convergence_.largest, std::abs(difference));
      convergence_.over += std::abs(difference) > kConvergenceThreshold;
    }
    table_.add({std::to_string(number), e.name, e.chrom, placed ? std::to_string(e.start) : "", placed ? std::to_string(e.end) : "",
                placed ? (e.reverse ? "-" : "+") : "", format("{}", static_cast<float>(piece.predictions[row])), convergence});
  }

  struct {
    bool compared = false;
    double largest = 0;
    std::int64_t over = 0;
  } convergence_ = {};
  io::TsvWriter table_;
  std::vector<std::uint64_t> seen_ = {};  ///< hashes of sequences
  std::set<std::string> said_ = {};
  std::int64_t length_ = 0, examples_ = 0, with_n_ = 0, flat_ = 0, checked_ = 0;
  double difference_ = 0;
  float largest_ = 0;
};

/// The score of the letter that is there at each base, as the genome is written; NaN where that is
/// N.
std::vector<float> base_scores(const ScoredPiece& piece, std::int64_t n) {
  const auto length = static_cast<std::size_t>(piece.length);
  const float* scores = piece.scores.data() + 4 * static_cast<std::size_t>(n) * length;
  const seq::Token* tokens = piece.tokens.data() + static_cast<std::size_t>(n) * length;
  std::vector<float> values(length, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < length; ++i)
    if (tokens[i] < seq::kN) values[i] = scores[tokens[i] * length + i];
  if (piece.examples[static_cast<std::size_t>(n)].reverse) std::reverse(values.begin(), values.end());
  return values;
}

/// Scores of bases in a file, L of each example, so that windows can be taken in any order.
class BaseScores {
 public:
  BaseScores(const fs::path& file, std::int64_t length) : file_(file), row_(static_cast<std::size_t>(length)) {
    fs::create_directories(file.parent_path());
    stream_.open(file, std::ios::in | std::ios::out | std::ios::binary | std::ios::trunc);
    check();
  }

  void append(const std::vector<float>& values) {
    stream_.write(reinterpret_cast<const char*>(values.data()), bytes());
    check();
  }

  std::span<const float> of(std::int64_t example) {
    stream_.seekg(example * bytes());
    stream_.read(reinterpret_cast<char*>(row_.data()), bytes());
    check();
    return row_;
  }

 private:
  std::streamsize bytes() const { return static_cast<std::streamsize>(row_.size() * sizeof(float)); }
  void check() const {
    if (!stream_) throw DataError(format("{}: cannot write or read: is the disk full?", file_.string()));
  }

  fs::path file_;
  std::fstream stream_ = {};
  std::vector<float> row_;
};

/// The track; what it lacks is noted.
void write_track_of(const Pieces& pieces, const JoinOptions& o, JoinResult& result) {
  if (!o.chromosomes) throw ArgumentError("bigwig needs examples of a genome: give a genome with bed or regions");
  BaseScores scores(o.folder / kPiecesFolder / "bases.f32", result.length);
  std::vector<TrackWindow> windows;
  std::int64_t nowhere = 0;
  pieces.each([&](std::int64_t first, const ScoredPiece& piece) {
    for (std::int64_t n = 0; n < piece.size(); ++n) {
      scores.append(base_scores(piece, n));
      const run::Example& e = piece.examples[static_cast<std::size_t>(n)];
      const auto chrom = e.chrom.empty() ? std::nullopt : o.chromosomes->find(e.chrom);
      if (chrom)
        windows.push_back({*chrom, e.start, e.end, first + n});
      else
        ++nowhere;
    }
  });
  const TrackPlan plan = cut_halfway(windows, *o.chromosomes);
  const fs::path file = o.folder / kTrackFile;
  write_track(file, plan, *o.chromosomes, [&](std::int64_t example) { return scores.of(example); });
  result.files.push_back(file);
  if (nowhere > 0) result.notes.push_back(format("{} examples have no place on the genome: {} lacks them", nowhere, kTrackFile));
  if (plan.hidden > 0)
    result.notes.push_back(format("{} examples lie around the same base as another one, which {} shows", plan.hidden, kTrackFile));
}

}  // namespace

JoinResult join_pieces(const Pieces& pieces, const JoinOptions& o) {
  JoinResult result;
  const bool hypothetical = o.hypothetical && !o.projected;
  const auto each = [&](const auto& use) {
    pieces.each([&](std::int64_t first, const ScoredPiece& piece) {
      if (hypothetical) return use(first, piece);
      ScoredPiece written = piece;
      project(written);
      use(first, written);
    });
  };
  Survey survey(o.folder / kLociFile);
  each([&](std::int64_t first, const ScoredPiece& piece) { survey.add(first, piece); });
  const bool half = o.float16 && survey.largest() <= io::kLargestHalf;
  const bool h5 = o.h5 && survey.largest() <= io::kLargestHalf;
  survey.finish(result, o.advice);
  const io::AttributionWriteOptions as{.hypothetical = hypothetical, .pair_type = half ? io::DType::f16 : io::DType::f32};
  const fs::path sequences = o.folder / kSequencesFile, attributions = o.folder / kAttributionsFile;
  {
    io::AttributionPairWriter pair(sequences, attributions, result.length, as);
    std::optional<io::AttributionH5Writer> file;
    if (h5) file.emplace(o.folder / kH5File, result.length, as);
    each([&](std::int64_t, const ScoredPiece& piece) {
      pair.append(piece.tokens, piece.scores);
      if (file) file->append(piece.tokens, piece.scores);
    });
    pair.close();
    if (file) file->close();
  }
  result.files = {sequences, attributions};
  if (h5) result.files.push_back(o.folder / kH5File);
  if (o.track) write_track_of(pieces, o, result);
  result.files.push_back(o.folder / kLociFile);
  if (o.float16 && !half)
    result.notes.push_back(
        format("scores reach {:.4g}, where float16 ends at {}: they were written as float32", survey.largest(), io::kLargestHalf));
  if (o.h5 && !h5)
    result.notes.push_back(
        format("{} was not written: scores reach {:.4g}, and its float16 ends at {}", kH5File, survey.largest(), io::kLargestHalf));
  return result;
}

}  // namespace basewise::interpret::detail
