// What a simulation takes from files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/motifs/motif.h"
#include "basewise/seq/alphabet.h"

namespace basewise::corpus::detail {

/// A motif of a MEME or JASPAR file by name.
/// Errors: DataError that lists some of the names there are.
motifs::MotifMatrix motif_from_file(const std::filesystem::path& file, const std::string& name);

/// Sequences of a FASTA file cut at their N, as long as `length` or longer.
/// Errors: DataError when there is none.
std::vector<std::vector<seq::Token>> background_from_file(const std::filesystem::path& file, std::int64_t length);

}  // namespace basewise::corpus::detail
