// A share of a work that several calls divide among them.
#pragma once

#include <cstdint>
#include <string>

namespace basewise {

/// Part `part` of `parts`, from 1; {1, 1} is everything.
struct Shard {
  std::int64_t part = 1;
  std::int64_t parts = 1;

  /// Every `parts`-th piece, from 0, is of one shard.
  bool has(std::int64_t piece) const { return piece % parts == part - 1; }
};

/// "2/5", or everything for an empty text. Errors: ArgumentError for another text.
Shard shard_of(const std::string& text);

}  // namespace basewise
