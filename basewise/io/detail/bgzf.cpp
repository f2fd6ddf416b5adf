#include "basewise/io/detail/bgzf.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "basewise/core/parallel.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/inflate.h"

namespace basewise::io::detail {
namespace {

constexpr std::size_t kHeader = 18;
constexpr std::uint32_t kLargest = 65536;

struct Block {
  std::size_t from = 0;  // in the compressed bytes
  std::size_t size = 0;
  std::size_t to = 0;  // in the inflated bytes
  std::size_t length = 0;
};

std::vector<Block> whole_blocks(std::span<const char> bytes) {
  std::vector<Block> blocks;
  std::size_t from = 0;
  std::size_t to = 0;
  while (from < bytes.size()) {
    const std::size_t size = bgzf_block_size(bytes.subspan(from));
    if (size == 0 || size > bytes.size() - from) break;
    const auto length = get<std::uint32_t>(bytes.data() + from + size - 4);
    if (length > kLargest) break;
    blocks.push_back({from, size, to, length});
    from += size;
    to += length;
  }
  return blocks;
}

}  // namespace

std::size_t bgzf_block_size(std::span<const char> bytes) {
  if (bytes.size() < kHeader) return 0;
  // gzip, deflated, with extra fields, of which BC comes first (as every bgzip writes it).
  const bool is_block = get<std::uint32_t>(bytes.data()) == 0x04088b1fu && get<std::uint16_t>(bytes.data() + 10) >= 6 && bytes[12] == 'B' &&
                        bytes[13] == 'C' && get<std::uint16_t>(bytes.data() + 14) == 2;
  const std::size_t size = is_block ? std::size_t{get<std::uint16_t>(bytes.data() + 16)} + 1 : 0;
  return size > kHeader + 8 ? size : 0;
}

std::size_t inflate_bgzf(std::span<const char> bytes, std::vector<char>& out) {
  std::vector<Block> blocks = whole_blocks(bytes);
  out.resize(blocks.empty() ? 0 : blocks.back().to + blocks.back().length);
  std::atomic<std::size_t> sound = blocks.size();  // the first damaged block, or all
  parallel_for(static_cast<std::int64_t>(blocks.size()), 4, [&](std::int64_t begin, std::int64_t end) {
    Inflater inflater;
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Block& block = blocks[i];
      if (inflater.gzip(bytes.subspan(block.from, block.size), std::span(out).subspan(block.to, block.length))) continue;
      for (std::size_t known = sound; i < known && !sound.compare_exchange_weak(known, i);) {
      }
    }
  });
  blocks.resize(sound);
  if (blocks.empty()) {
    out.clear();
    return 0;
  }
  out.resize(blocks.back().to + blocks.back().length);
  return blocks.back().from + blocks.back().size;
}

}  // namespace basewise::io::detail
