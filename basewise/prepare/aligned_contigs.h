// Contigs of two genomes split together, so that what is aligned to each other is in one set.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::prepare {

/// What `basewise data contigs` is asked for.
struct AlignedContigsOptions {
  std::vector<std::filesystem::path> genomes = {};  ///< two FASTA files
  std::filesystem::path aligned = {};
  std::filesystem::path out = {};                ///< folder
  std::vector<std::filesystem::path> gaps = {};  ///< none, or one BED for each genome
  std::int64_t length = 131'072;                 ///< shorter contigs are left out
  std::int64_t longest_contig = 1'048'576;
  std::int64_t least_region = 100'000;
  std::int64_t least_overlap = 1'024;
  double validation_fraction = 0.1;
  double test_fraction = 0.1;
  std::int64_t folds = 0;
  std::uint64_t seed = 44;
};
void describe(Visitor& v, AlignedContigsOptions& o);

struct AlignedContigsResult {
  std::vector<std::string> sets;
  std::vector<std::array<std::int64_t, 2>> bases;  ///< by set and genome
  std::vector<std::vector<std::int64_t>> aligned;  ///< by set of genome 0 and of genome 1: aligned bases of genome 0
  std::int64_t components = 0;
  std::int64_t regions = 0;
  std::vector<std::filesystem::path> files;
  std::vector<std::string> notes;
};

/// Writes out/NAME.contigs.bed for each genome (NAME: its file without endings), to be given to
/// `basewise data bins --contigs`, and out/aligned.tsv, which says how many aligned bases have each
/// pair of sets. A component goes to validation or test if it is at most half of what the set
/// lacks.
/// Errors: ArgumentError for options; those of the readers.
AlignedContigsResult split_aligned(const AlignedContigsOptions& options);

}  // namespace basewise::prepare
