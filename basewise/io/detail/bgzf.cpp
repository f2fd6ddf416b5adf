#include "basewise/io/detail/bgzf.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
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

std::vector<BgzfBlock> bgzf_blocks(const PositionedFile& file) {
  std::vector<BgzfBlock> blocks;
  std::string header = file.size() < kHeader ? "" : file.read(0, kHeader, "the header of a bgzip block");
  std::uint64_t start = 0;
  for (std::uint64_t at = 0; at < file.size();) {
    const std::uint64_t size = bgzf_block_size(header);
    if (size == 0) file.fail(format("no block of bgzip begins at byte {}; the file is truncated or damaged", at));
    // The length at the end of a block and the header of the next one, in one go.
    const std::uint64_t left = file.size() - std::min(file.size(), at + size);
    const std::string next = file.read(at + size - 4, 4 + std::min<std::uint64_t>(left, kHeader), "the end of a bgzip block");
    const auto length = get<std::uint32_t>(next.data());
    if (length > kLargest) file.fail(format("the block of bgzip at byte {} claims {} bytes, more than a block holds", at, length));
    blocks.push_back({at, start, length});
    header = next.substr(4);
    start += length;
    at += size;
  }
  return blocks;
}

void check_gzi(const std::filesystem::path& gzi, const std::vector<BgzfBlock>& blocks, std::uint64_t file_size) {
  const PositionedFile index(gzi);
  const auto refuse = [&](const std::string& what) {
    index.fail(format("is no index of the blocks of its bgzip file: {}; delete it, it will be built anew", what));
  };
  if (index.size() < 8) refuse(format("it has {} bytes, where the number of blocks alone takes 8", index.size()));
  const auto count = get<std::uint64_t>(index.read(0, 8, "the number of blocks").data());
  if (count > index.size() / 16 || index.size() != 8 + 16 * count) refuse(format("{} entries do not make {} bytes", count, index.size()));
  const std::string entries = index.read(8, 16 * count, "the entries");
  const std::uint64_t total = blocks.empty() ? 0 : blocks.back().start + blocks.back().length;
  std::size_t next = 0;  // the first block that no entry has reached yet
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = get<std::uint64_t>(entries.data() + 16 * i), start = get<std::uint64_t>(entries.data() + 16 * i + 8);
    while (next < blocks.size() && blocks[next].at != at && (next == 0 || blocks[next].length == 0)) ++next;
    const bool block = next < blocks.size() && blocks[next].at == at && blocks[next].start == start;
    const bool end = next == blocks.size() && at == file_size && start == total;
    if (!block && !end) refuse(format("entry {} says byte {} of the file and {} of its contents, where no block begins", i + 1, at, start));
    next += block ? 1 : 0;
  }
  for (next = std::max<std::size_t>(next, 1); next < blocks.size(); ++next)
    if (blocks[next].length > 0) refuse(format("the block at byte {} is not in it", blocks[next].at));
}

bool ends_with_bgzf_end(std::string_view tail) {
  constexpr std::string_view kEnd("\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0", kBgzfEnd);
  return tail.ends_with(kEnd);
}

void warn_of_bgzf_end(const std::string& file) {
  log_warning_once(format(
      "{}: the end-of-file block of bgzip is missing: the file may be truncated; compare it with its source, or copy it again", file));
}

}  // namespace basewise::io::detail
