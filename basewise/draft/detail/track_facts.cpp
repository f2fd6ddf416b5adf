#include "basewise/draft/detail/track_facts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/corpus/track_file.h"

namespace basewise::draft::detail {
namespace {

constexpr std::int64_t kPiece = std::int64_t{1} << 20;

/// Values that come base by base.
class TrackReader {
 public:
  explicit TrackReader(TrackFacts& facts) : facts_(facts) {}

  std::int64_t add(std::span<const float> values) {
    std::int64_t measured = 0;
    for (const float value : values) {
      if (std::isnan(value)) continue;
      ++measured;
      add(static_cast<double>(value));
    }
    for (const float value : values) follow(value);
    facts_.measured += measured;
    return measured;
  }

  void finish() {
    follow(last_ + 1);
    facts_.step = std::max<std::int64_t>(1, std::max_element(runs_.begin(), runs_.end()) - runs_.begin());
  }

 private:
  void add(double value) {
    facts_.least = any_ ? std::min(facts_.least, value) : value;
    facts_.most = any_ ? std::max(facts_.most, value) : value;
    any_ = true;
    if (value > 0 && (facts_.least_positive == 0 || value < facts_.least_positive)) facts_.least_positive = value;
    facts_.sum += value;
  }

  // Lengths of stretches of one value; what was not measured and zeros tell nothing of the step.
  void follow(float value) {
    if (value == last_) {
      ++run_;
      return;
    }
    if (!std::isnan(last_) && last_ != 0) ++runs_[static_cast<std::size_t>(std::min<std::int64_t>(run_, std::ssize(runs_) - 1))];
    last_ = value;
    run_ = 1;
  }

  TrackFacts& facts_;
  bool any_ = false;
  float last_ = 0;
  std::int64_t run_ = 0;
  std::array<std::int64_t, 513> runs_ = {};
};

}  // namespace

TrackFacts look_at_track(const std::filesystem::path& file, const seq::ChromSizes& sizes) {
  const corpus::TrackFile track(file, sizes, {});
  TrackFacts facts;
  facts.by_chrom.resize(sizes.size());
  TrackReader reader(facts);
  std::vector<float> values(static_cast<std::size_t>(kPiece));
  for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom) {
    if (!track.has(chrom)) continue;
    for (std::int64_t start = 0; start < sizes[chrom].length; start += kPiece) {
      const auto piece = std::span(values).first(static_cast<std::size_t>(std::min(kPiece, sizes[chrom].length - start)));
      track.values(chrom, start, piece);
      facts.by_chrom[chrom] += reader.add(piece);
    }
    if (facts.by_chrom[chrom] > 0) facts.of += sizes[chrom].length;
  }
  reader.finish();
  if (facts.measured == 0)
    throw DataError(format("{} has no value on the sequences of {}: there is nothing to learn", track.path().string(), sizes.source()));
  return facts;
}

}  // namespace basewise::draft::detail
