// Dot products of bytes: four rows with thirty-two at a time.
#pragma once

#include <cstdint>

#include "basewise/kernels/isa.h"

namespace basewise::motifs::detail {

inline constexpr std::int64_t kUnitRows = 32;    ///< rows of a unit
inline constexpr std::int64_t kByteQueries = 4;  ///< rows that are multiplied with a unit at once
inline constexpr std::int64_t kGroupBytes = 4;    ///< neighbouring slots, which lie together

/// `unit` is (groups, kUnitRows, kGroupBytes). `group` names `count` of its groups;
/// `queries` (count, kByteQueries, kGroupBytes) holds the queries' bytes of these alone. Bytes are
/// at most 127. sums (kByteQueries, kUnitRows) are exact, and so the same in every form.
using ByteProducts = void (*)(const std::uint8_t* unit, const std::uint16_t* group, std::int64_t count, const std::uint8_t* queries,
                                std::int32_t* sums);

/// The form for an instruction set; of avx512 there are two.
ByteProducts byte_products(kernels::Isa isa);

/// The plain form.
void byte_products_portable(const std::uint8_t* unit, const std::uint16_t* group, std::int64_t count, const std::uint8_t* queries,
                              std::int32_t* sums);

}  // namespace basewise::motifs::detail
