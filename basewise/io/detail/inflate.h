// Whole blocks of deflated data, several times faster than a stream of them (libdeflate).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

struct libdeflate_decompressor;

namespace basewise::io::detail {

/// One per thread: cheap to make, no state from block to block.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// A zlib block into `out`; returns its size, or -1 when it is damaged or longer than `out`.
  std::ptrdiff_t zlib(std::span<const char> block, std::span<char> out);

  /// One gzip member, its checksum proved; true if it fills `out` exactly.
  bool gzip(std::span<const char> member, std::span<char> out);

 private:
  libdeflate_decompressor* state_;
};

}  // namespace basewise::io::detail
