#include "basewise/io/track_format.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/io/detail/bigwig_format.h"
#include "basewise/io/detail/byte_source.h"
#include "basewise/io/detail/bytes.h"

namespace basewise::io {

namespace {

constexpr std::array<std::string_view, 2> kBigWigEndings = {".bw", ".bigwig"};
constexpr std::string_view kHdf5Magic = "\x89HDF", kBamMagic = "BAM\1", kCramMagic = "CRAM";

}  // namespace

TrackFormat track_format(const std::filesystem::path& path) {
  using detail::kBigBedMagic, detail::kBigWigMagic;
  std::array<char, 4> bytes{};
  detail::ByteSource source(path);
  const std::size_t size = source.read(bytes);
  if (size == 0) {
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    const bool named = std::find(kBigWigEndings.begin(), kBigWigEndings.end(), ending) != kBigWigEndings.end();
    return named ? TrackFormat::bigwig : TrackFormat::bedgraph;
  }
  const auto magic = detail::get<std::uint32_t>(bytes.data());
  const bool known = size == bytes.size() && (magic == kBigWigMagic || magic == __builtin_bswap32(kBigWigMagic) ||
                                              magic == kBigBedMagic || magic == __builtin_bswap32(kBigBedMagic));
  const std::string_view begin(bytes.data(), size);
  if (begin == kBamMagic || begin == kCramMagic)
    throw DataError(
        format("{0}: holds alignments of reads and is no track; count them: basewise data coverage {0} --out track.bw", path.string()));
  const bool hdf5 = begin == kHdf5Magic;
  if ((known || hdf5) && source.compressed())
    throw DataError(format("{}: is {} file that was compressed as a whole; unpack it, it is compressed inside", path.string(),
                           hdf5 ? "an HDF5" : "a bigWig"));
  if (hdf5) return TrackFormat::w5;
  return known ? TrackFormat::bigwig : TrackFormat::bedgraph;
}

}  // namespace basewise::io
