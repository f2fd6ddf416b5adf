// What a bigWig reader knows of its file, for the sources that implement it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/io/bigwig.h"
#include "basewise/io/detail/bigwig_format.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/inflate.h"

namespace basewise::io {

namespace detail {

struct BigWigHeader {
  std::uint16_t zoom_count = 0;
  std::uint64_t chromosome_tree = 0;
  std::uint64_t data = 0;  // number of blocks, and the blocks
  std::uint64_t index = 0;
  std::uint64_t summary = 0;
  std::uint32_t buffer_size = 0;  // 0: blocks are not compressed
};

}  // namespace detail

struct BigWigReader::State {
  explicit State(const std::filesystem::path& path) : file(path) {}

  // What one thread reads blocks into.
  struct BlockMemory {
    std::string stored;
    std::string inflated;
    detail::Inflater inflater;
  };

  struct Entry {
    std::uint32_t id = 0;
    std::int64_t length = 0;
    std::size_t first = 0;  // blocks [first, last) of this chromosome
    std::size_t last = 0;
  };

  detail::PositionedFile file;
  detail::BigWigHeader header;
  TrackChromosomes chromosomes;
  std::map<std::string, Entry, std::less<>> by_name;
  std::vector<detail::Block> blocks;  // by chromosome, then start
  std::vector<std::uint32_t> reach;  // largest end of the blocks of the chromosome up to this one
  std::vector<std::int64_t> zooms;
  TrackSummary total;

  void read_names();
  void read_blocks();
  void read_total();
  const Entry& find(std::string_view chromosome) const;
  const Entry& find(std::string_view chromosome, std::int64_t start, std::int64_t end) const;

  // Blocks [first, last) that may overlap [start, end) of a chromosome; some between them may not.
  std::pair<std::size_t, std::size_t> blocks_of(const Entry& entry, std::int64_t start, std::int64_t end) const;

  // f(from, to, value) for every stretch, clipped to [start, end), in order.
  template <class F>
  void for_each(std::string_view chromosome, std::int64_t start, std::int64_t end, F&& f) const;
  template <class F>
  void decode(const detail::Block& block, std::string_view chromosome, std::span<const char> section, std::int64_t start, std::int64_t end,
              std::int64_t length, F&& f) const;
  std::span<const char> load(const detail::Block& block, BlockMemory& memory, std::string_view chromosome) const;
};

template <class F>
void BigWigReader::State::decode(const detail::Block& block, std::string_view chromosome, std::span<const char> section, std::int64_t start,
                                 std::int64_t end, std::int64_t length, F&& f) const {
  using namespace detail;
  const auto damaged = [&](const std::string& what) {
    file.fail(format("block of {}:{}-{} at byte {} {}; the file is damaged", chromosome, block.start, block.end, block.offset, what));
  };
  if (section.size() < kSectionHeaderBytes) damaged(format("has {} bytes, fewer than its header", section.size()));
  const char* head = section.data();
  const auto first = get<std::uint32_t>(head + 4);
  const auto step = get<std::uint32_t>(head + 12);
  const auto span = get<std::uint32_t>(head + 16);
  const auto type = get<std::uint8_t>(head + 20);
  const std::size_t count = get<std::uint16_t>(head + 22);
  if (get<std::uint32_t>(head) != block.chromosome)
    damaged(format("says that it belongs to chromosome number {}", get<std::uint32_t>(head)));
  if (type < 1 || type > 3) damaged(format("has type {}; 1, 2 and 3 are known", type));
  const auto kind = static_cast<SectionType>(type);
  if (section.size() < kSectionHeaderBytes + count * item_bytes(kind))
    damaged(format("promises {} items of {} bytes in {} bytes", count, item_bytes(kind), section.size()));
  const char* item = head + kSectionHeaderBytes;
  for (std::size_t i = 0; i < count; ++i, item += item_bytes(kind)) {
    std::int64_t from = 0, to = 0;
    if (kind == SectionType::fixed_step) {
      from = std::int64_t{first} + static_cast<std::int64_t>(i) * step;
      to = from + span;
    } else {
      from = get<std::uint32_t>(item);
      to = kind == SectionType::intervals ? std::int64_t{get<std::uint32_t>(item + 4)} : from + span;
    }
    // Some programs let the last stretch reach past the end; what starts behind it is no slip.
    if (from >= to || from >= length)
      damaged(format("has a value at {}:{}-{}, outside of the {} bases of the chromosome", chromosome, from, to, length));
    if (to <= start || from >= end) continue;
    const auto value = get<float>(item + item_bytes(kind) - 4);
    if (!std::isnan(value)) f(std::max(from, start), std::min(to, end), value);
  }
}

template <class F>
void BigWigReader::State::for_each(std::string_view chromosome, std::int64_t start, std::int64_t end, F&& f) const {
  const Entry& entry = find(chromosome, start, end);
  if (start == end) return;
  BlockMemory memory;
  const auto [first, last] = blocks_of(entry, start, end);
  for (std::size_t i = first; i < last; ++i)
    if (blocks[i].end > start) decode(blocks[i], chromosome, load(blocks[i], memory, chromosome), start, end, entry.length, f);
}

}  // namespace basewise::io
