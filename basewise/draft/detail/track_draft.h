// Choices of a draft of tracks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace basewise::draft::detail {

/// Whether files come in pairs of forward and reverse strand, by what their names differ in: plus
/// and minus, fwd and rev, forward and reverse, pos and neg.
bool come_in_pairs(const std::vector<std::filesystem::path>& files);

}  // namespace basewise::draft::detail
