#include "basewise/annotate/detail/places.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/format.h"

namespace basewise::annotate::detail {

SeqletPlace place_of(const motifs::Seqlet& seqlet, const std::vector<io::AttributionLocus>& loci) {
  SeqletPlace place = {format("example_{}", seqlet.example), seqlet.start, seqlet.end, seqlet.reverse};
  if (loci.empty()) return place;
  const io::AttributionLocus& locus = loci[seqlet.example];
  if (!locus.chrom.empty()) {
    place.chrom = locus.chrom;
    place.start = locus.reverse ? locus.end - seqlet.end : locus.start + seqlet.start;
    place.end = place.start + seqlet.end - seqlet.start;
    place.reverse ^= locus.reverse;
    place.genomic = true;
  } else if (!locus.name.empty()) {
    place.chrom = locus.name;
  }
  // Names come from other people's files, and a tab would be another column.
  std::replace_if(place.chrom.begin(), place.chrom.end(), [](unsigned char c) { return c < ' '; }, '_');
  return place;
}

int bed_score(double p_value) { return p_value <= 1e-10 ? 1000 : static_cast<int>(std::lround(-100 * std::log10(p_value))); }

}  // namespace basewise::annotate::detail
