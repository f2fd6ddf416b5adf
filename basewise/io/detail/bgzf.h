// Blocks of bgzip: gzip members of at most 64 KiB that tell their own size,
// so that several threads can inflate them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/detail/bytes.h"

namespace basewise::io::detail {

/// Compressed bytes of the bgzip block that `bytes` begins with; 0 if it begins with no such block
/// or the header is cut short.
std::size_t bgzf_block_size(std::span<const char> bytes);

/// Inflates the whole blocks that `bytes` begins with, by all threads, into `out` (which is
/// resized). Returns the compressed bytes that were used: up to the first thing that is no whole
/// sound block, which is left to a slower reader that can say what is wrong.
std::size_t inflate_bgzf(std::span<const char> bytes, std::vector<char>& out);

/// Where a block lies in the file and in what it holds.
struct BgzfBlock {
  std::uint64_t at = 0;
  std::uint64_t start = 0;  ///< first byte of the inflated data
  std::uint64_t length = 0;
};

/// All blocks of a file, by their headers; nothing is inflated.
/// Errors: DataError naming file and byte of what is no block of bgzip, or cut short.
std::vector<BgzfBlock> bgzf_blocks(const PositionedFile& file);

/// Checks an index of blocks (.gzi: their number, then for each its place in the file and in the
/// inflated data, little-endian) against the blocks that there are. The first block and blocks
/// without data need not be listed.
/// Errors: DataError naming the index and what does not fit.
void check_gzi(const std::filesystem::path& gzi, const std::vector<BgzfBlock>& blocks, std::uint64_t file_size);

/// bgzip ends every file with an empty block; a file cut at the border of a block lacks it and is
/// sound otherwise. Whether `tail`, the last bytes of a file, ends with one.
bool ends_with_bgzf_end(std::string_view tail);
inline constexpr std::size_t kBgzfEnd = 28;  ///< bytes of that block

/// The warning where it is missing, once for each file.
void warn_of_bgzf_end(const std::string& file);

}  // namespace basewise::io::detail
