// Drafts along a genome: sites, tracks and profiles. They share how a genome is named.
#pragma once

#include <filesystem>
#include <string>

#include "basewise/draft/detail/places.h"

namespace basewise::draft::detail {

/// "[data.genome]" with the FASTA file.
void write_genome(RecipeText& recipe, const std::filesystem::path& fasta, const seq::ChromSizes& sizes);

/// What is printed of a split: "test IV (12 % of the sites), ...".
std::string told(const SplitChoice& split, const std::string& what);

/// "17 sequences, 12,157,105 bases"
std::string told(const seq::ChromSizes& sizes);

}  // namespace basewise::draft::detail
