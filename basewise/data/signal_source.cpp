#include "basewise/data/signal_source.h"

#include <algorithm>
#include <limits>

#include "basewise/core/error.h"

namespace basewise::data {

namespace {

// The rows of one example: (channels, bins).
struct Rows {
  float* values;
  bool* mask;
  std::int64_t channels;
  std::int64_t bins;

  void blank(std::int64_t first, std::int64_t last) const {
    for (std::int64_t c = 0; c < channels && first < last; ++c) {
      std::fill_n(values + c * bins + first, last - first, 0.0F);
      std::fill_n(mask + c * bins + first, last - first, false);
    }
  }
};

}  // namespace

SignalSource::SignalSource(Field field) : field_(std::move(field)), mask_(field_.name + ".mask") {
  field_.role = Role::target;
}

void SignalSource::add_fields(Schema& schema, const corpus::Windows& windows) const {
  if (windows.length() % field_.bin != 0)
    throw ArgumentError(format("tiles of {} bases do not hold a whole number of bins of {} bases", windows.length(), field_.bin));
  Field whole = field_;
  whole.shape.push_back(windows.length() / field_.bin);
  schema.add(std::move(whole));
  schema.add_mask(field_.name);
}

void SignalSource::fill(const corpus::Window& window, const ExampleRow& row) const {
  const std::int64_t bin = field_.bin;
  const Rows rows{row.data<float>(field_.name), row.data<bool>(mask_), field_.shape.front(), window.length / bin};
  // Whole bins only: a bin of which a part belongs to another set is nobody's. A last tile may lie behind its region.
  const bool owner = window.owned_start < window.owned_end;
  const std::int64_t first = owner ? (window.owned_start - window.start + bin - 1) / bin : 0;
  const std::int64_t last = owner ? std::max((window.owned_end - window.start) / bin, first) : 0;
  rows.blank(0, first);
  rows.blank(last, rows.bins);
  const auto read_bins = [&](std::int64_t from, std::int64_t to, std::int64_t start) {
    if (from < to) read(window.chrom, start, (to - from) * bin, rows.values + from, rows.mask + from, rows.bins);
  };
  const std::int64_t begin = window.start + first * bin;
  const std::int64_t end = window.circle > 0 ? window.circle : std::numeric_limits<std::int64_t>::max();
  const std::int64_t origin = first + std::clamp<std::int64_t>((end - begin) / bin, 0, last - first);
  read_bins(first, origin, begin);
  if (origin == last) return;
  // A bin with the origin of a circle inside is nobody's, too.
  const std::int64_t behind = window.start + origin * bin < end ? origin + 1 : origin;
  rows.blank(origin, behind);
  read_bins(behind, last, window.start + behind * bin - end);
}

}  // namespace basewise::data
