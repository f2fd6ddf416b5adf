#include "basewise/run/detail/predict_reads.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/infer/tracks.h"
#include "basewise/run/detail/bed_rows.h"
#include "basewise/run/detail/predict_tracks.h"
#include "basewise/run/detail/window_batch.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

/// A window by its middle; what it predicts counts from `low` to `high`.
struct ReadWindow {
  std::size_t chrom = 0;
  std::int64_t middle = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;

  bool operator<(const ReadWindow& other) const { return std::pair(chrom, middle) < std::pair(other.chrom, other.middle); }
};

/// How an input of the model and what it predicts lie to each other.
struct ReadShape {
  std::int64_t input = 0;
  std::int64_t left = 0;    ///< bases before the first one predicted
  std::int64_t output = 0;  ///< bases predicted

  std::int64_t middle_of(std::int64_t first_predicted) const { return first_predicted - left + input / 2; }
  std::int64_t first_of(std::int64_t middle) const { return middle - input / 2 + left; }
};

ReadShape shape_of(const PredictJob& job) {
  const nn::Model::Context context = job.model.context(job.output);
  if (!context.has_length || context.stride != 1)
    throw ArgumentError(format("expected reads need a profile with a value at each base; output '{}' has not", job.output));
  const std::int64_t input = window_length(job), output = input - context.left - context.right;
  if (output < 1)
    throw ArgumentError(format("windows of {} bases are too short: output '{}' loses {} on the left and {} on the right", input, job.output,
                               context.left, context.right));
  return {input, context.left, output};
}

/// Bases [low, high) of a chromosome, as whole windows side by side; the last one is moved back
/// where it would leave what there is.
void add_side_by_side(std::vector<ReadWindow>& to, const seq::ChromSizes& sizes, const seq::Interval& interval, const ReadShape& shape,
                      bool pad) {
  const std::size_t chrom = sizes.index(interval.chrom, "the request");
  const bool free = pad || sizes[chrom].circular;
  const std::int64_t first = shape.left, last = sizes[chrom].length - shape.input + shape.left;  // of those inside
  if (!free && last < first) return;
  for (std::int64_t start = free ? interval.start : std::max(interval.start, first); start < interval.end; start += shape.output) {
    const std::int64_t place = free ? start : std::clamp(start, first, last);
    to.push_back({chrom, shape.middle_of(place), interval.start, interval.end});
    if (!free && place == last) break;
  }
}

std::vector<ReadWindow> windows_of(const PredictJob& job, const seq::ChromSizes& sizes, const ReadShape& shape, PredictResult& result) {
  const bool pad = job.options.examples.edges == infer::EdgeValues::pad;
  std::vector<ReadWindow> windows;
  if (job.options.examples.bed.empty()) {
    for (const seq::Interval& interval : wanted_intervals(job, sizes, result)) add_side_by_side(windows, sizes, interval, shape, pad);
    return windows;
  }
  BedRows bed(job, sizes);
  for (BedRow row; bed.next(row);)
    if (row.there) windows.push_back({row.chrom, row.middle, 0, sizes[row.chrom].length});
  bed.note(result, "left out");
  std::sort(windows.begin(), windows.end());
  return windows;
}

/// The mean of overlapping windows, handed on from left to right.
class ReadTrack {
 public:
  ReadTrack(const PredictJob& job, const seq::ChromSizes& sizes) : job_(job), sizes_(sizes) {}

  /// Windows in order: `values` (S, n) from base `start` on.
  void add(const ReadWindow& window, std::int64_t start, const at::Tensor& values) {
    if (window.chrom != chrom_) hand_on(start_ + std::ssize(windows_));
    chrom_ = window.chrom;
    strands_ = values.size(0);
    hand_on(start);
    if (windows_.empty()) start_ = std::max(start, window.low);
    const auto numbers = float_span(values);
    const std::int64_t n = values.size(1);
    const std::int64_t low = std::max(start_, window.low), high = std::min(start + n, window.high);
    for (std::int64_t base = low; base < high; ++base) {
      if (base - start_ >= std::ssize(windows_)) {
        windows_.resize(static_cast<std::size_t>(base - start_ + 1), 0);
        sums_.resize(windows_.size() * static_cast<std::size_t>(strands_), 0.0);
      }
      ++windows_[static_cast<std::size_t>(base - start_)];
      for (std::int64_t s = 0; s < strands_; ++s) sum(base - start_, s) += numbers[static_cast<std::size_t>(s * n + base - start)];
    }
  }

  void finish(PredictResult& result) {
    hand_on(start_ + std::ssize(windows_));
    if (!sink_) throw DataError("there is no window to predict: each leaves its chromosome");
    sink_->close();
    const auto files = sink_->files();
    result.files.insert(result.files.end(), files.begin(), files.end());
    result.values += values_;
  }

 private:
  double& sum(std::int64_t base, std::int64_t strand) { return sums_[static_cast<std::size_t>(base * strands_ + strand)]; }

  /// Bases before `end`, which no later window covers.
  void hand_on(std::int64_t end) {
    while (!windows_.empty() && start_ < end) {
      const std::int64_t most = std::min<std::int64_t>(end - start_, std::ssize(windows_));
      std::int64_t n = 0;
      while (n < most && windows_[static_cast<std::size_t>(n)] > 0) ++n;
      if (n > 0) write(n);
      const std::int64_t passed = std::max<std::int64_t>(n, 1);  // or a base between windows
      windows_.erase(windows_.begin(), windows_.begin() + passed);
      sums_.erase(sums_.begin(), sums_.begin() + passed * strands_);
      start_ += passed;
    }
  }

  void write(std::int64_t n) {
    at::Tensor values = at::empty({strands_, n}, at::kFloat);
    const auto numbers = mutable_float_span(values);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t s = 0; s < strands_; ++s)
        numbers[static_cast<std::size_t>(s * n + i)] = static_cast<float>(sum(i, s) / windows_[static_cast<std::size_t>(i)]);
    if (!sink_) sink_ = infer::bigwig_sink(job_.options.out, file_names(job_, strands_), sizes_);
    sink_->add({.chrom = sizes_[chrom_].name, .start = start_, .stride = 1, .values = values});
    values_ += values.numel();
  }

  const PredictJob& job_;
  const seq::ChromSizes& sizes_;
  std::unique_ptr<infer::TrackSink> sink_ = {};
  std::deque<double> sums_ = {};  // (bases, strands)
  std::deque<int> windows_ = {};  // (bases) that cover each
  std::size_t chrom_ = 0;
  std::int64_t start_ = 0, strands_ = 0, values_ = 0;
};

}  // namespace

PredictResult predict_reads(const PredictJob& job) {
  if (job.options.formats.size() > 1)
    throw ArgumentError("expected reads: bigwig has bases, tsv and npz have windows; ask for one of them at a time");
  check_reads_sequence(job);
  PredictResult result;
  const seq::Genome genome = load_genome(job.options.examples, result);
  const ReadShape shape = shape_of(job);
  const std::vector<ReadWindow> windows = windows_of(job, genome.sizes(), shape, result);
  const bool pad = job.options.examples.edges == infer::EdgeValues::pad;
  ReadTrack track(job, genome.sizes());
  WindowBatch batch(genome, shape.input);
  std::vector<ReadWindow> waiting;
  const auto run = [&] {
    if (waiting.empty()) return;
    const at::Tensor values = value_of(job, job.score({{"sequence", batch.take()}}));
    for (std::size_t n = 0; n < waiting.size(); ++n)
      track.add(waiting[n], shape.first_of(waiting[n].middle), values[static_cast<std::int64_t>(n)].contiguous());
    waiting.clear();
  };
  std::int64_t left_out = 0;
  Progress progress("predict", std::ssize(windows), "windows");
  for (const ReadWindow& window : windows) {
    progress.advance();
    if (!batch.fits(window.chrom, window.middle, pad)) {
      ++left_out;
      continue;
    }
    batch.add(window.chrom, window.middle, false);
    waiting.push_back(window);
    if (batch.size() == job.options.batch_size) run();
  }
  run();
  track.finish(result);
  result.sequences = std::ssize(windows) - left_out;
  if (left_out > 0)
    result.notes.push_back(format("{} of {} windows leave their chromosome and were left out (edges = \"pad\" predicts them with N)",
                                  left_out, windows.size()));
  return result;
}

}  // namespace basewise::run::detail
