// What a model file may ask for: a slip in one should neither fill the memory of the machine nor
// overflow a number.
#pragma once

#include <cstdint>

namespace basewise::spec {

/// Of a model, repetitions written out, layers inside of blocks counted too.
inline constexpr std::int64_t kMostLayers = 10'000;
inline constexpr std::int64_t kMostNumbers = 1'000'000'000;  ///< of one weight
inline constexpr std::int64_t kMostSize = 1'000'000'000;     ///< channels of an activation, and its positions

}  // namespace basewise::spec
