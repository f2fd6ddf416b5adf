#include "basewise/io/detail/inflate.h"

#include <new>

#include <libdeflate.h>

namespace basewise::io::detail {

Inflater::Inflater() : state_(libdeflate_alloc_decompressor()) {
  if (!state_) throw std::bad_alloc();
}

Inflater::~Inflater() { libdeflate_free_decompressor(state_); }

std::ptrdiff_t Inflater::zlib(std::span<const char> block, std::span<char> out) {
  std::size_t size = 0;
  const auto result = libdeflate_zlib_decompress(state_, block.data(), block.size(), out.data(), out.size(), &size);
  return result == LIBDEFLATE_SUCCESS ? static_cast<std::ptrdiff_t>(size) : -1;
}

bool Inflater::gzip(std::span<const char> member, std::span<char> out) {
  // Without a place for the size, anything but out.size() bytes is refused.
  return libdeflate_gzip_decompress(state_, member.data(), member.size(), out.data(), out.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

}  // namespace basewise::io::detail
