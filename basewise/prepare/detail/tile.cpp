#include "basewise/prepare/detail/tile.h"

#include <algorithm>
#include <cmath>

#include "basewise/prepare/detail/poisson_clip.h"

namespace basewise::prepare::detail {

TileMaker::TileMaker(const CoverageOptions& options, double scale)
    : options_(options), scale_(scale), clip_gaussian_(options.clip_smooth), gc_gaussian_(options.gc_smooth) {
  if (options.smooth > 0) smooth_gaussian_.emplace(options.smooth);
}

std::vector<float> TileMaker::counts(const TrackChrom& chrom, std::int64_t start, std::int64_t end) const {
  std::vector<float> values(static_cast<std::size_t>(end - start), 0.0F);
  chrom.single.add_to(start, values);
  chrom.multi.add_to(start, values);
  return values;
}

std::vector<float> TileMaker::clipped(const TrackChrom& chrom, std::int64_t start, std::int64_t end) const {
  if (options_.clip == ClipWhat::none) return counts(chrom, start, end);
  const std::int64_t r = clip_gaussian_.radius();
  const std::int64_t from = std::max<std::int64_t>(0, start - r), to = std::min(chrom.length, end + r);
  const std::vector<float> total = counts(chrom, from, to);
  std::vector<float> around(static_cast<std::size_t>(end - start));
  clip_gaussian_.smooth(total, from, start, chrom.length, around);
  std::vector<float> single(around.size(), 0.0F);
  if (options_.clip == ClipWhat::multi) chrom.single.add_to(start, single);
  std::vector<float> values(total.begin() + (start - from), total.begin() + (end - from));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] <= single[i]) continue;
    const double cut = poisson_clipped(static_cast<double>(values[i]), static_cast<double>(around[i]), options_.clip_tail);
    values[i] = std::max(single[i], static_cast<float>(cut));
  }
  return values;
}

GcShares TileMaker::shares(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end) const {
  const std::int64_t r = gc_gaussian_.radius();
  const std::int64_t from = std::max<std::int64_t>(0, start - r);
  return {bases(from, std::min(chrom.length, end + r)), from, gc_gaussian_};
}

std::vector<float> TileMaker::corrected(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end) const {
  std::vector<float> values = clipped(chrom, start, end);
  if (!gc_) return values;
  const GcShares share = shares(chrom, bases, start, end);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] > 0)
      values[i] = static_cast<float>(static_cast<double>(values[i]) / gc_->factor(share.at(start + static_cast<std::int64_t>(i))));
  return values;
}

void TileMaker::gc_points(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end, GcPoints& points) const {
  const std::int64_t r = gc_gaussian_.radius(), step = std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.gc_smooth));
  const std::int64_t from = std::max<std::int64_t>(0, start - r), to = std::min(chrom.length, end + r);
  if (chrom.single.is_zero(from, to) && chrom.multi.is_zero(from, to)) return;
  const std::vector<float> values = clipped(chrom, from, to);
  std::vector<float> around(static_cast<std::size_t>(end - start));
  gc_gaussian_.smooth(values, from, start, chrom.length, around);
  const GcShares share = shares(chrom, bases, start, end);
  for (std::int64_t at = (start + step - 1) / step * step; at < end; at += step) {
    const auto mean = static_cast<double>(around[static_cast<std::size_t>(at - start)]);
    if (mean <= 0) continue;
    const double gc = share.at(at);
    if (!std::isnan(gc)) points.add(gc, std::log2(mean));
  }
}

std::vector<float> TileMaker::binned(std::span<const float> values) const {
  const auto bin = static_cast<std::size_t>(options_.bin);
  std::vector<float> bins;
  for (std::size_t at = 0; at < values.size(); at += bin) {
    const std::size_t end = std::min(at + bin, values.size());
    double sum = 0;
    float highest = values[at];
    for (std::size_t i = at; i < end; ++i) {
      sum += static_cast<double>(values[i]);
      highest = std::max(highest, values[i]);
    }
    switch (options_.bin_value) {
      case BinValue::mean: bins.push_back(static_cast<float>(sum / static_cast<double>(end - at))); break;
      case BinValue::sum: bins.push_back(static_cast<float>(sum)); break;
      case BinValue::max: bins.push_back(highest); break;
    }
  }
  return bins;
}

std::vector<float> TileMaker::values(const TrackChrom& chrom, const BasesOf& bases, std::int64_t start, std::int64_t end) const {
  const std::int64_t r = smooth_gaussian_ ? smooth_gaussian_->radius() : 0;
  const std::int64_t from = std::max<std::int64_t>(0, start - r), to = std::min(chrom.length, end + r);
  if (chrom.single.is_zero(from, to) && chrom.multi.is_zero(from, to)) return {};
  std::vector<float> values;
  if (smooth_gaussian_) {
    const std::vector<float> rough = corrected(chrom, bases, from, to);
    values.resize(static_cast<std::size_t>(end - start));
    smooth_gaussian_->smooth(rough, from, start, chrom.length, values);
  } else {
    values = corrected(chrom, bases, start, end);
  }
  const auto floor = static_cast<float>(options_.floor), scale = static_cast<float>(scale_);
  for (float& value : values) value = value < floor ? 0.0F : value * scale;
  return options_.bin == 1 ? values : binned(values);
}

}  // namespace basewise::prepare::detail
