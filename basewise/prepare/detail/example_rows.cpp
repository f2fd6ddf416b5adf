#include "basewise/prepare/detail/example_rows.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::int64_t kBytesAtOnce = std::int64_t{256} << 20;

/// Values (bins) of unmappable bins become the quantile of the window at most.
void clip_unmappable(std::span<float> values, std::span<const std::uint8_t> mask, double q) {
  if (std::find(mask.begin(), mask.end(), 1) == mask.end()) return;
  const auto most = static_cast<float>(quantile(values, q));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (mask[i] != 0) values[i] = std::min(values[i], most);
}

void round_decimals(std::span<float> values, std::int64_t decimals) {
  const double factor = std::pow(10.0, static_cast<double>(decimals));
  for (float& value : values) value = static_cast<float>(std::nearbyint(static_cast<double>(value) * factor) / factor);
}

}  // namespace

std::int64_t rows_at_once(const BinsOptions& options, std::int64_t targets) {
  const std::int64_t row = bin_count(options) * targets * static_cast<std::int64_t>(sizeof(std::uint16_t));
  return std::clamp<std::int64_t>(kBytesAtOnce / row, 1, options.per_file);
}

std::vector<std::uint16_t> read_bins(const ExampleSource& source, std::int64_t first, std::int64_t behind) {
  const auto rows = static_cast<std::size_t>(behind - first), bins = static_cast<std::size_t>(source.bins());
  const auto targets = static_cast<std::size_t>(source.target_count());
  std::vector<std::uint16_t> all(rows * bins * targets), halves(rows * bins);
  std::vector<float> values(rows * bins);
  for (std::size_t t = 0; t < targets; ++t) {
    const io::H5File file(source.folder.coverage(t));
    const io::H5Info info = file.info("targets");
    if (info.shape != std::vector<std::int64_t>{std::ssize(source.plan.windows), source.bins()})
      throw StateError(format("{}: is not the coverage of these windows; remove it", file.path().string()));
    file.read_rows("targets", first, behind, std::span(values));
    for (std::size_t row = 0; row < rows; ++row) {
      const auto window = std::span(values).subspan(row * bins, bins);
      if (source.options.unmappable_clip < 1 && !source.plan.unmapped.empty())
        clip_unmappable(window, mask_of(source, first + static_cast<std::int64_t>(row)), source.options.unmappable_clip);
      if (source.options.decimals) round_decimals(window, *source.options.decimals);
    }
    io::float_to_half(values, halves);
    for (std::size_t i = 0; i < halves.size(); ++i) all[i * targets + t] = halves[i];
  }
  return all;
}

void read_sequence(const ExampleSource& source, std::int64_t row, std::span<seq::Token> tokens) {
  const Contig& place = source.plan.windows[static_cast<std::size_t>(row)].place;
  source.genome.read(place.chrom, place.start - source.options.crop, tokens);
}

std::vector<std::uint8_t> mask_of(const ExampleSource& source, std::int64_t row) {
  const auto bins = static_cast<std::size_t>(source.bins());
  if (source.plan.unmapped.empty()) return std::vector<std::uint8_t>(bins, 0);
  const auto mask = std::span(source.plan.unmapped).subspan(static_cast<std::size_t>(row) * bins, bins);
  return {mask.begin(), mask.end()};
}

}  // namespace basewise::prepare::detail
