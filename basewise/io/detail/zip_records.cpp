#include "basewise/io/detail/zip_records.h"

#include <zlib.h>

namespace basewise::io::detail {

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace basewise::io::detail
