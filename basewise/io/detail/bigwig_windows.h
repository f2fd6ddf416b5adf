// Windows of a bigWig file, read in the order of their starts.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/detail/bigwig_state.h"

namespace basewise::io {

namespace detail {

/// The stretches of one block.
struct DecodedBlock {
  struct Item {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    float value = 0;
  };
  std::size_t block = 0;
  std::vector<Item> items;
  bool in_order = true;  ///< and without overlap, as a sound file has them
};

}  // namespace detail

/// Serves windows in order of their starts, and keeps the blocks that the next ones may need.
class BigWigReader::Sweep {
 public:
  explicit Sweep(const State& file) : file_(file) {}

  /// As `BigWigReader::values`.
  void read(const std::string& chromosome, std::int64_t start, std::span<float> out, float missing);

 private:
  void keep(std::size_t block, const std::string& chromosome, std::int64_t length);

  const State& file_;
  State::BlockMemory memory_;
  std::deque<detail::DecodedBlock> kept_;
  std::vector<detail::DecodedBlock> spare_;
};

}  // namespace basewise::io
