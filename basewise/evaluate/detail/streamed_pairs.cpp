#include "basewise/evaluate/detail/streamed_pairs.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"

namespace basewise::evaluate::detail {
namespace {

/// The measured ones of some values: where they lie, or a copy where some are missing.
class Measured {
 public:
  Measured(const PairBatch& batch, std::int64_t example, std::int64_t channel, std::int64_t begin, std::int64_t end) {
    const auto from = static_cast<std::size_t>(begin), count = static_cast<std::size_t>(end - begin);
    scores = batch.scores(example, channel).subspan(from, count);
    targets = batch.targets(example, channel).subspan(from, count);
    if (const bool* there = batch.measured(example, channel)) copy(there + begin);
  }
  std::span<const float> scores, targets;
  std::int64_t missing = 0;

 private:
  void copy(const bool* there) {
    missing = std::count(there, there + scores.size(), false);
    if (missing == 0) return;
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (there[i]) score_copy_.push_back(scores[i]), target_copy_.push_back(targets[i]);
    scores = score_copy_;
    targets = target_copy_;
  }
  std::vector<float> score_copy_, target_copy_;
};

}  // namespace

StreamedPairs::StreamedPairs(metrics::StreamedMetrics set, StreamOptions options, KeptPairs&& kept)
    : set_(std::move(set)), options_(options), outputs_(kept.columns().size()) {
  for (std::size_t c = 0; c < outputs_.size() && set_.needs_bins(); ++c) {
    const Column& column = kept.columns()[c];
    outputs_[c].bins = metrics::PairBins::fit(column.scores, column.targets, cells(), options_.labels);
  }
  add(std::move(kept));
}

std::int64_t StreamedPairs::cells() const {
  return options_.memory / static_cast<std::int64_t>(sizeof(double) * std::max<std::size_t>(outputs_.size(), 1));
}

metrics::PairSums StreamedPairs::add(Output& output, std::span<const float> scores, std::span<const float> targets, std::int64_t block) {
  const metrics::PairSums sums = set_.sums(scores, targets);
  output.sums.merge(sums);
  if (set_.needs_bins()) {
    // Where nothing but one value was there before, the bins have yet to find their places.
    if (output.bins.prediction_bins() < 2 || output.bins.target_bins() < 2) {
      auto fitted = metrics::PairBins::fit(scores, targets, cells(), options_.labels);
      if (fitted.prediction_bins() > 1 && fitted.target_bins() > 1) {
        fitted.merge(output.bins);
        output.bins = std::move(fitted);
      }
    }
    output.bins.add(scores, targets);
  }
  if (options_.each && sums.pairs > 0) output.blocks.add(block, sums);
  return sums;
}

std::vector<StreamedPairs::Run> StreamedPairs::runs_of(const PairBatch& batch, std::int64_t example, std::int64_t number) const {
  std::vector<Run> runs;
  if (!options_.places.blocks) return {{0, batch.length(), number / kAlone}};
  for (std::int64_t l = 0; l < batch.length(); ++l) {
    const std::int64_t block = options_.places.block_at(batch, example, number, l);
    if (runs.empty() || runs.back().block != block) runs.push_back({l, l, block});
    runs.back().end = l + 1;
  }
  return runs;
}

void StreamedPairs::add(const PairBatch& batch, std::int64_t example, std::int64_t number) {
  if (outputs_.size() != static_cast<std::size_t>(batch.channels()))
    throw ShapeError(format("an example has {} outputs, those before it have {}", batch.channels(), outputs_.size()));
  const auto runs = runs_of(batch, example, number);
  std::vector<metrics::PairSums> parts(options_.intervals ? outputs_.size() * runs.size() : 0);
  parallel_for(batch.channels(), 16, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t c = from; c < to; ++c) {
      Output& output = outputs_[static_cast<std::size_t>(c)];
      for (std::size_t r = 0; r < runs.size(); ++r) {
        const Measured values(batch, example, c, runs[r].begin, runs[r].end);
        output.missing += values.missing;
        metrics::PairSums sums = add(output, values.scores, values.targets, runs[r].block);
        if (options_.intervals) parts[static_cast<std::size_t>(c) * runs.size() + r] = std::move(sums);
      }
    }
  });
  // In the order of the outputs: sums do not depend on the number of threads.
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].pairs > 0) blocks_.add(runs[i % runs.size()].block, parts[i]);
}

void StreamedPairs::add(Output& output, Column&& column) {
  const Column values = std::move(column);
  output.missing += values.missing;
  for (std::size_t i = 0; i < values.scores.size();) {
    std::size_t end = i + 1;
    const auto block_at = [&](std::size_t v) { return values.blocks.empty() ? static_cast<std::int64_t>(v) / kAlone : values.blocks[v]; };
    while (end < values.scores.size() && block_at(end) == block_at(i)) ++end;
    const auto part = add(output, std::span(values.scores).subspan(i, end - i), std::span(values.targets).subspan(i, end - i), block_at(i));
    if (options_.intervals) blocks_.add(block_at(i), part);
    i = end;
  }
}

void StreamedPairs::add(KeptPairs&& kept) {
  auto& columns = kept.columns();
  for (std::size_t c = 0; c < columns.size(); ++c) add(outputs_.at(c), std::exchange(columns[c], {}));
  kept = KeptPairs(options_.places);
}

void StreamedPairs::merge(StreamedPairs&& other) {
  if (outputs_.size() != other.outputs_.size())
    throw ShapeError(format("{} outputs are merged with {}", outputs_.size(), other.outputs_.size()));
  for (std::size_t c = 0; c < outputs_.size(); ++c) {
    outputs_[c].sums.merge(other.outputs_[c].sums);
    outputs_[c].bins.merge(other.outputs_[c].bins);
    outputs_[c].blocks.merge(other.outputs_[c].blocks);
    outputs_[c].missing += other.outputs_[c].missing;
  }
  blocks_.merge(other.blocks_);
}

StreamedPairs::Output StreamedPairs::pooled() const {
  Output all = outputs_.size() == 1 ? outputs_[0] : Output();
  all.blocks = blocks_;
  if (outputs_.size() == 1) return all;
  std::vector<const metrics::PairBins*> bins;
  for (const Output& output : outputs_) {
    all.sums.merge(output.sums);
    all.missing += output.missing;
    bins.push_back(&output.bins);
  }
  if (set_.needs_bins()) all.bins = metrics::PairBins::join(bins, options_.memory / 8, options_.labels);
  return all;
}

std::int64_t StreamedPairs::bytes() const {
  std::int64_t bytes = blocks_.bytes();
  for (const Output& output : outputs_)
    bytes += static_cast<std::int64_t>(sizeof(Output)) + output.bins.bytes() + output.blocks.bytes();
  return bytes;
}

}  // namespace basewise::evaluate::detail
