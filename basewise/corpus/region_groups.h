// Groups of places: promoters, genes and what lies between them, and those of BED files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

struct GroupOptions {
  std::filesystem::path annotation = {};          ///< GTF or GFF3; empty: no promoters and no genes
  std::int64_t upstream = 1000;                   ///< bases of a promoter before a start
  std::int64_t downstream = 1000;                 ///< and behind it, with the start itself
  std::vector<std::filesystem::path> files = {};  ///< BED, one group each, called as the file without its ending
};
void describe(Visitor& v, GroupOptions& o);

/// Places of a genome in groups. With an annotation every place is in one of "promoter",
/// "intragenic" (in a gene and in no promoter) and "intergenic";
/// groups of BED files may overlap these and each other.
class RegionGroups {
 public:
  /// Errors: ArgumentError where there is neither annotation nor file, and for two groups of one
  /// name; DataError as `read_genes` and `io::read_bed`.
  RegionGroups(const GroupOptions& options, const seq::ChromSizes& sizes);

  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::string>& remarks() const { return remarks_; }

  /// Whether a base is in group `group`.
  bool contains(std::size_t group, std::string_view chrom, std::int64_t position) const;

 private:
  std::vector<std::string> names_ = {};
  std::vector<std::string> remarks_ = {};
  bool annotated_ = false;
  seq::IntervalSet promoters_ = {}, genes_ = {};
  std::vector<seq::IntervalSet> files_ = {};
};

}  // namespace basewise::corpus
