#include "basewise/io/detail/crc32c.h"

#include <array>
#include <cstddef>

#include "basewise/io/detail/bytes.h"

namespace basewise::io::detail {
namespace {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

CrcTables crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    tables[0][i] = c;
  }
  for (std::size_t t = 1; t < tables.size(); ++t)
    for (std::size_t i = 0; i < 256; ++i) tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xff];
  return tables;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const CrcTables t = crc_tables();
  std::uint32_t crc = 0xffffffffu;
  // Eight bytes at a time, each through the table that knows how far it is from the end.
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const std::uint64_t word = get<std::uint64_t>(bytes.data()) ^ crc;
    crc = 0;
    for (int i = 0; i < 8; ++i) crc ^= t[static_cast<std::size_t>(7 - i)][word >> (8 * i) & 0xff];
  }
  for (const char byte : bytes) crc = crc >> 8 ^ t[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

}  // namespace basewise::io::detail
