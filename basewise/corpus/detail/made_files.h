// Files of data sets that the program makes itself, so that nobody has to fetch them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace basewise::corpus::detail {

/// Whether `made` of an entry of the registry names a set that can be made.
bool can_be_made(std::string_view what);

/// A table of sequences with planted motifs as Koo and Ploenzke 2021 draw them (repository
/// p-koo/exponential_activations, commit 7e48054b, notebooks of code/generate_data), with the same
/// random numbers. Columns: index before shuffling, split, label, sequence, planted motifs as
/// start-end:NAMEstrand from 0, half-open.
/// * koo_task1: 30,000 sequences of 200 bases with 1 to 5 of 12 motifs in either orientation, a
///   label of 12 digits.
/// * koo_task3: 20,000 with 3 to 7 motifs, half of them of a core set of five (label 1),
///   half of these and 50 others.
///
/// `motifs`: the file pfm_vertebrates.txt of jaspar2016_vertebrates.
/// Errors: DataError where it lacks a motif; InternalError for other names.
std::string make_file(std::string_view what, const std::filesystem::path& motifs);

}  // namespace basewise::corpus::detail
