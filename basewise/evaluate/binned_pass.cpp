#include "basewise/evaluate/binned_pass.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/data/several.h"
#include "basewise/evaluate/detail/pair_batch.h"
#include "basewise/evaluate/detail/target_field.h"

namespace basewise::evaluate {
namespace {

/// The values of one example as (tracks, bins), and which of its bins are new.
class ExampleValues {
 public:
  ExampleValues(const BinnedHead& head, const Field* field) : head_(head), field_bin_(field ? field->bin : 0) {}

  /// Nothing is new before `note_new`.
  void fill(const detail::PairBatch& pairs, std::int64_t example) {
    tracks_ = static_cast<std::size_t>(pairs.channels());
    bins_ = static_cast<std::size_t>(pairs.length());
    predicted_.resize(tracks_ * bins_);
    measured_.resize(tracks_ * bins_);
    known_.assign(tracks_ * bins_, 1);
    fresh_.assign(bins_, 0);
    for (std::size_t t = 0; t < tracks_; ++t) copy_track(pairs, example, t);
  }

  /// `is_new(bin)` is asked for bins that were measured in some track.
  template <class IsNew>
  void note_new(const IsNew& is_new) {
    for (std::size_t b = 0; b < bins_; ++b) {
      bool some = false;
      for (std::size_t t = 0; t < tracks_ && !some; ++t) some = known_[t * bins_ + b] != 0;
      fresh_[b] = some && is_new(static_cast<std::int64_t>(b));
    }
  }

  BinnedExample view(std::int64_t number, const data::Origin& origin, std::int64_t bin) const {
    return {.number = number,
            .chromosome = origin.chromosome,
            .start = origin.start,
            .bin = bin,
            .tracks = tracks_,
            .bins = bins_,
            .predicted = predicted_,
            .measured = measured_,
            .known = known_,
            .fresh = fresh_};
  }

  /// Bases of a bin: what the schema says, or the window of a site.
  std::int64_t bin(const data::Origin& origin) const {
    if (field_bin_ > 0) return field_bin_;
    return std::max<std::int64_t>(1, (origin.end - origin.start) / static_cast<std::int64_t>(bins_));
  }

 private:
  void copy_track(const detail::PairBatch& pairs, std::int64_t example, std::size_t track) {
    const auto channel = static_cast<std::int64_t>(track);
    const std::span<const float> scores = pairs.scores(example, channel), targets = pairs.targets(example, channel);
    const bool* there = pairs.measured(example, channel);
    for (std::size_t b = 0; b < bins_; ++b) {
      const std::size_t at = track * bins_ + b;
      predicted_[at] = head_.exponential ? std::exp(scores[b]) : scores[b];
      measured_[at] = targets[b];
      if (there && !there[b]) known_[at] = 0;
    }
  }

  const BinnedHead& head_;
  std::int64_t field_bin_;
  std::size_t tracks_ = 0, bins_ = 0;
  std::vector<float> predicted_, measured_;
  std::vector<std::uint8_t> known_, fresh_;
};

}  // namespace

bool SeenBins::add(const std::string& chromosome, std::int64_t start) {
  const std::int64_t middle = start + bin_ / 2;
  if (middle < 0) return true;  // in front of the chromosome there is nothing to count twice
  const auto at = static_cast<std::size_t>(middle / bin_);
  std::vector<bool>& seen = seen_[chromosome];
  if (at >= seen.size()) seen.resize(at + at / 2 + 64);
  if (seen[at]) return false;
  seen[at] = true;
  return true;
}

std::int64_t SeenBins::bytes() const {
  std::int64_t sum = 0;
  for (const auto& [name, bins] : seen_) sum += static_cast<std::int64_t>(bins.capacity() / 8);
  return sum;
}

BinnedPass each_binned(const Source& source, const BinnedHead& head, const BatchOptions& batches,
                       const std::function<void(const BinnedExample&)>& receive) {
  BinnedPass pass;
  std::int64_t before = 0;
  for (const data::DatasetPtr& set : data::sets_of(source.dataset)) {
    if (detail::measured_by(*source.dataset, *set, head.target)) {
      ExampleValues values(head, set->schema().find(head.target));
      std::unordered_map<std::int64_t, SeenBins> seen;  // by size of bins, of one set: others may be of other genomes
      infer::predict_batches(set, source.score, batches, [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
        const detail::PairBatch pairs(head_name(head.output, outputs), head.target, outputs, batch);
        for (std::int64_t n = 0; n < pairs.examples(); ++n) {
          const data::Origin origin = set->origin(first + n);
          if (origin.reverse && !origin.chromosome.empty() && pairs.length() > 1)
            throw ArgumentError(format("example {} is read from the other strand: measure a set that is not augmented", first + n));
          values.fill(pairs, n);
          const std::int64_t bin = values.bin(origin);
          SeenBins& bins = seen.try_emplace(bin, bin).first->second;
          values.note_new([&](std::int64_t b) {
            const bool is_new = origin.chromosome.empty() || pairs.length() < 2 || bins.add(origin.chromosome, origin.start + b * bin);
            ++(is_new ? pass.bins : pass.repeated);
            return is_new;
          });
          ++pass.examples;
          receive(values.view(before + first + n, origin, bin));
        }
      });
    }
    before += set->size();
  }
  return pass;
}

}  // namespace basewise::evaluate
