// The two search trees of a bigWig file, as bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "basewise/io/detail/bigwig_format.h"

namespace basewise::io::detail {

/// The tree from chromosome name to number and length, to stand at byte `offset` of a file. Numbers
/// follow the order given; the keys of the tree are sorted by bytes, because readers search them by
/// halves.
std::string chromosome_tree(std::span<const std::pair<std::string, std::int64_t>> chromosomes, std::uint64_t offset);

/// The index from position to block (an R tree), to stand at byte `offset`. `blocks` are in order
/// of chromosome and start; the data end at byte `data_end`.
std::string block_index(std::span<const Block> blocks, std::uint32_t items_per_block, std::uint64_t data_end, std::uint64_t offset);

}  // namespace basewise::io::detail
