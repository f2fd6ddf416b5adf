// The checksum of TFRecords.
#pragma once

#include <cstdint>
#include <string_view>

namespace basewise::io::detail {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of bytes.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace basewise::io::detail
