// Records of zip archives, and members as both sides of .npz files know them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace basewise::io::detail {

// Zip records (APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3 and 4.5.3).
inline constexpr std::uint32_t kLocalMagic = 0x04034b50;
inline constexpr std::uint32_t kCentralMagic = 0x02014b50;
inline constexpr std::uint32_t kEndMagic = 0x06054b50;
inline constexpr std::uint32_t kEnd64Magic = 0x06064b50;
inline constexpr std::uint32_t kLocator64Magic = 0x07064b50;
inline constexpr std::size_t kLocalBytes = 30;
inline constexpr std::size_t kCentralBytes = 46;
inline constexpr std::size_t kEndBytes = 22;
inline constexpr std::size_t kEnd64Bytes = 56;
inline constexpr std::size_t kLocator64Bytes = 20;
inline constexpr std::uint16_t kZip64Extra = 1;
inline constexpr std::uint32_t kFull32 = 0xffffffff;
inline constexpr std::uint16_t kStored = 0, kDeflated = 8;
inline constexpr std::uint64_t kLargestRatio = 1032;  // deflate cannot do better, so that a lying size is seen before memory is taken

struct Member {
  std::string file_name;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

/// CRC-32 as zip keeps it.
std::uint32_t crc_of(std::string_view bytes);

}  // namespace basewise::io::detail
