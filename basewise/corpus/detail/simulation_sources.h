// What a simulation takes from files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/io/jaspar.h"
#include "basewise/motifs/motif.h"
#include "basewise/seq/alphabet.h"

namespace basewise::corpus::detail {

/// A motif of a file by its name or further name.
/// Errors: DataError that names the nearest there is.
motifs::MotifMatrix motif_from_file(const std::filesystem::path& file, const std::string& name, io::MotifRows rows);

/// Sequences of a FASTA file cut at their N, as long as `length` or longer.
/// Errors: DataError when there is none.
std::vector<std::vector<seq::Token>> background_from_file(const std::filesystem::path& file, std::int64_t length);

}  // namespace basewise::corpus::detail
