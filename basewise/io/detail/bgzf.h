// Blocks of bgzip: gzip members of at most 64 KiB that tell their own size,
// so that several threads can inflate them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace basewise::io::detail {

/// Compressed bytes of the bgzip block that `bytes` begins with; 0 if it begins with no such block
/// or the header is cut short.
std::size_t bgzf_block_size(std::span<const char> bytes);

/// Inflates the whole blocks that `bytes` begins with, by all threads, into `out` (which is
/// resized). Returns the compressed bytes that were used: up to the first thing that is no whole
/// sound block, which is left to a slower reader that can say what is wrong.
std::size_t inflate_bgzf(std::span<const char> bytes, std::vector<char>& out);

}  // namespace basewise::io::detail
