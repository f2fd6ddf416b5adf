// Where seqlets are, as lines of a BED file say it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/io/attributions.h"
#include "basewise/motifs/pattern.h"

namespace basewise::annotate::detail {

/// A stretch [start, end), 0-based.
struct SeqletPlace {
  std::string chrom;
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool reverse = false;  ///< the seqlet reads the other strand of `chrom`
  bool genomic = false;  ///< on a chromosome; else `chrom` is the name of the example
};

/// The place of a seqlet on the genome where `loci` say that of its example; else within the
/// example, by its name, or "example_7" where it has none. Control characters of names become _.
SeqletPlace place_of(const motifs::Seqlet& seqlet, const std::vector<io::AttributionLocus>& loci);

/// -100 log10 of a p-value, from 0 to 1000, as BED wants scores.
int bed_score(double p_value);

}  // namespace basewise::annotate::detail
