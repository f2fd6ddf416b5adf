// Numbers of the bigWig format that its reader and its writer share (Kent et al.
// 2010, supplement, tables 5 to 19).
#pragma once

#include <cstdint>

namespace basewise::io::detail {

inline constexpr std::uint32_t kBigWigMagic = 0x888FFC26;
inline constexpr std::uint32_t kBigBedMagic = 0x8789F2EB;
inline constexpr std::uint32_t kChromosomeTreeMagic = 0x78CA8C91;
inline constexpr std::uint32_t kIndexMagic = 0x2468ACE0;

inline constexpr std::uint64_t kHeaderBytes = 64;
inline constexpr std::uint64_t kZoomHeaderBytes = 24;
inline constexpr std::uint64_t kSummaryBytes = 40;
inline constexpr std::uint64_t kChromosomeTreeHeaderBytes = 32;
inline constexpr std::uint64_t kIndexHeaderBytes = 48;
inline constexpr std::uint64_t kNodeHeaderBytes = 4;
inline constexpr std::uint64_t kIndexLeafBytes = 32;
inline constexpr std::uint64_t kIndexInnerBytes = 24;
inline constexpr std::uint64_t kSectionHeaderBytes = 24;
inline constexpr std::uint64_t kZoomRecordBytes = 32;

/// How the items of a section are stored.
enum class SectionType : std::uint8_t { intervals = 1, variable_step = 2, fixed_step = 3 };

/// Bytes of one item.
constexpr std::uint64_t item_bytes(SectionType type) {
  return type == SectionType::intervals ? 12 : type == SectionType::variable_step ? 8 : 4;
}

/// Where the data of a stretch of one chromosome lie.
struct Block {
  std::uint32_t chromosome = 0;
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

}  // namespace basewise::io::detail
