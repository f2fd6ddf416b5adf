#include "basewise/io/detail/bigwig_windows.h"

#include <algorithm>

#include "basewise/core/parallel.h"
#include "basewise/io/detail/fill.h"
#include "basewise/io/detail/window_room.h"

namespace basewise::io {
namespace {

using detail::DecodedBlock;

void paint(const DecodedBlock& decoded, std::int64_t start, std::span<float> out) {
  const std::int64_t end = start + static_cast<std::int64_t>(out.size());
  const auto& items = decoded.items;
  const auto ends_before = [&](const DecodedBlock::Item& i) { return i.to <= start; };
  const auto first =
      decoded.in_order ? std::partition_point(items.begin(), items.end(), ends_before) : items.begin();
  for (auto item = first; item != items.end(); ++item) {
    if (item->from >= end && decoded.in_order) break;
    const std::int64_t from = std::max<std::int64_t>(item->from, start) - start;
    const std::int64_t to = std::min<std::int64_t>(item->to, end) - start;
    if (to - from == 1)
      out[static_cast<std::size_t>(from)] = item->value;
    else if (from < to)
      detail::fill_floats(out.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)), item->value);
  }
}

}  // namespace

void BigWigReader::Sweep::read(const std::string& chromosome, std::int64_t start, std::span<float> out, float missing) {
  const std::int64_t end = start + static_cast<std::int64_t>(out.size());
  const State::Entry& entry = file_.find(chromosome, start, end);
  detail::fill_floats(out, missing);
  if (start == end) return;
  const auto [first, last] = file_.blocks_of(entry, start, end);
  while (!kept_.empty() && kept_.front().block < first) {
    spare_.push_back(std::move(kept_.front()));
    kept_.pop_front();
  }
  for (std::size_t i = kept_.empty() ? first : kept_.back().block + 1; i < last; ++i) keep(i, chromosome, entry.length);
  for (const DecodedBlock& decoded : kept_)
    if (decoded.block < last) paint(decoded, start, out);
}

void BigWigReader::Sweep::keep(std::size_t block, const std::string& chromosome, std::int64_t length) {
  DecodedBlock decoded;
  if (!spare_.empty()) {
    decoded = std::move(spare_.back());
    spare_.pop_back();
  }
  decoded.block = block;
  decoded.items.clear();
  decoded.in_order = true;
  const detail::Block& where = file_.blocks[block];
  file_.decode(where, chromosome, file_.load(where, memory_, chromosome), 0, length, length,
               [&](std::int64_t from, std::int64_t to, float value) {
                 if (!decoded.items.empty() && decoded.items.back().to > from) decoded.in_order = false;
                 decoded.items.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), value});
               });
  kept_.push_back(std::move(decoded));
}

void BigWigReader::windows(std::span<const TrackWindow> windows, std::int64_t length, std::span<float> out, std::int64_t stride,
                           float missing) const {
  if (windows.empty()) return;
  const auto count = static_cast<std::int64_t>(windows.size());
  detail::check_window_room(path(), count, length, stride, out.size());
  for (const TrackWindow& window : windows)
    if (window.chromosome >= chromosomes().size())
      throw ArgumentError(format("{}: no chromosome number {} among {}", path().string(), window.chromosome, chromosomes().size()));
  // Chromosome and start in one number: positions have 32 bits, and a start that has more is
  // refused when its turn comes.
  std::vector<std::pair<std::uint64_t, std::size_t>> order(windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i)
    order[i] = {windows[i].chromosome << 32 | static_cast<std::uint32_t>(std::clamp<std::int64_t>(windows[i].start, 0, UINT32_MAX)), i};
  std::sort(order.begin(), order.end());
  // Few pieces: where two meet, a block is inflated twice.
  const bool beyond_caches = out.size_bytes() > detail::kCaches;
  parallel_for(count, std::max<std::int64_t>(16, count / (4 * threads())), [&](std::int64_t begin, std::int64_t end) {
    Sweep sweep(*state_);
    std::vector<float> values(static_cast<std::size_t>(beyond_caches ? length : 0));
    for (std::int64_t k = begin; k < end; ++k) {
      const std::size_t i = order[static_cast<std::size_t>(k)].second;
      const auto row = out.subspan(i * static_cast<std::size_t>(stride), static_cast<std::size_t>(length));
      sweep.read(chromosomes()[windows[i].chromosome].first, windows[i].start, beyond_caches ? std::span(values) : row, missing);
      if (beyond_caches) detail::stream_floats(values, row.data());
    }
    detail::finish_streaming();
  });
}

}  // namespace basewise::io
