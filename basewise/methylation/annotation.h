// Regions of the genome by which sites are told apart: CpG islands, promoters, exons.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/methylation/site_list.h"
#include "basewise/seq/interval.h"

namespace basewise::methylation {

/// The regions of one BED file on the chromosomes of a table.
class Annotation {
 public:
  /// Names of chromosomes may be spelt otherwise than in the table; regions on others are left out
  /// and counted. It is called as its file up to the first dot.
  /// Errors: those of `io::read_bed`; DataError where no region lies on any of the chromosomes.
  Annotation(const std::filesystem::path& bed, const std::vector<std::string>& chromosomes);

  const std::string& name() const { return name_; }
  std::int64_t left_out() const { return left_out_; }  ///< regions on other chromosomes
  bool contains(const Site& site) const;

 private:
  struct Stretch {
    std::int64_t start = 0, end = 0;
  };
  std::string name_;
  std::int64_t left_out_ = 0;
  std::vector<std::vector<Stretch>> stretches_;  // by chromosome, merged and sorted
};

/// One for each file. Errors also: ArgumentError for two of one name.
std::vector<Annotation> read_annotations(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& chromosomes);

}  // namespace basewise::methylation
