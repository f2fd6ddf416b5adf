// A genome and what lies on it: sizes, sites, and who trains and who tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/corpus/sites.h"
#include "basewise/draft/detail/recipe_text.h"
#include "basewise/draft/draft.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::draft::detail {

/// Lengths of the sequences of a FASTA file; of one of 200 MB or more by its index, if there is
/// one.
/// Errors: those of the readers.
seq::ChromSizes sizes_of_genome(const std::filesystem::path& fasta);

/// What a file with sites holds.
struct SiteFacts {
  corpus::SiteOptions options = {};  ///< how a recipe reads it
  corpus::SiteTable table = {};
  std::vector<double> widths = {};  ///< of the intervals; empty for single positions
  bool summits = false;             ///< every row says where its summit is
  bool stranded = false;
  std::int64_t left_out = 0;  ///< rows on sequences that the genome has not
};

/// Sites of all files; each is a label of its own where there are several.
/// Errors: DataError for fewer than 20 sites, and those of `corpus::read_sites`.
SiteFacts look_at_sites(const std::vector<std::filesystem::path>& files, const seq::ChromSizes& sizes);

/// The table [data.genome.sites].
void write_sites(RecipeText& recipe, const SiteFacts& facts);

/// How much of what there is to learn lies on one chromosome: sites, or measured bases.
struct Weight {
  std::string chromosome = {};
  std::int64_t length = 0;
  double weight = 0;
  std::vector<std::int64_t> positions = {};  ///< of the sites, rising; empty: even
};
std::vector<Weight> weights_of(const SiteFacts& facts, const seq::ChromSizes& sizes);

/// Held-out chromosomes, or where no chromosome is of a fitting size, stretches of the largest one.
struct SplitChoice {
  std::vector<std::string> validation = {};  ///< chromosomes; empty: stretches
  std::vector<std::string> test = {};
  std::string chromosome = {};  ///< of the stretches
  std::int64_t from = 0;        ///< validation begins
  std::int64_t middle = 0;      ///< test begins
  double validation_share = 0;  ///< of the weight
  double test_share = 0;
  double train_share() const { return 1 - validation_share - test_share; }
};
SplitChoice choose_split(const std::vector<Weight>& weights);

/// The table [data.split]; `what` is what the shares are of: "sites".
void write_split(RecipeText& recipe, const SplitChoice& split, const std::string& what);

}  // namespace basewise::draft::detail
