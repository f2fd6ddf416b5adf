#include "basewise/corpus/region_groups.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/genes.h"
#include "basewise/io/bed.h"

namespace basewise::corpus {
namespace {

void append(std::vector<std::string>& all, const std::vector<std::string>& more) { all.insert(all.end(), more.begin(), more.end()); }

/// [start - upstream, start + downstream) as the gene is read.
seq::Interval promoter_at(const std::string& chrom, std::int64_t start, seq::Strand strand, const GroupOptions& o) {
  const bool reverse = strand == seq::Strand::reverse;
  const std::int64_t first = reverse ? start + 1 - o.downstream : start - o.upstream;
  const std::int64_t end = reverse ? start + 1 + o.upstream : start + o.downstream;
  return {chrom, std::max<std::int64_t>(0, first), std::max<std::int64_t>(0, end), strand};
}

/// "peaks" of "x/peaks.narrowPeak.gz".
std::string group_name(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::size_t dot = name.find('.', 1);
  return name.substr(0, dot);
}

}  // namespace

void describe(Visitor& v, GroupOptions& o) {
  v("annotation", o.annotation, "GTF or GFF3 file: groups promoter, intragenic and intergenic; empty: none of them");
  v("upstream", o.upstream, "bases of a promoter before a start of a gene", non_negative());
  v("downstream", o.downstream, "bases of a promoter from a start of a gene on", non_negative());
  v("files", o.files, "BED files, a group each");
}

RegionGroups::RegionGroups(const GroupOptions& o, const seq::ChromSizes& sizes) : annotated_(!o.annotation.empty()) {
  if (!annotated_ && o.files.empty()) throw ArgumentError("groups: name an annotation or files: there is nothing to group by");
  if (annotated_) {
    if (!named_as_annotation(o.annotation))
      throw ArgumentError(format("annotation: {} is no .gtf, .gff or .gff3 file; a BED file goes into files", o.annotation.string()));
    names_ = {"promoter", "intragenic", "intergenic"};
    std::vector<seq::Interval> promoters, genes;
    const std::vector<GeneTable> tables = read_genes({.file = o.annotation}, {GenePart::tss, GenePart::span}, sizes);
    for (const Gene& gene : tables[0].genes)
      for (const std::int64_t start : gene.starts) promoters.push_back(promoter_at(sizes[gene.chrom].name, start, gene.strand, o));
    for (const Gene& gene : tables[1].genes)
      genes.push_back({sizes[gene.chrom].name, gene.pieces.front().first, gene.pieces.back().second});
    promoters_ = seq::IntervalSet(promoters);
    genes_ = seq::IntervalSet(genes);
    append(remarks_, tables[0].remarks);
  }
  for (const std::filesystem::path& file : o.files) {
    const io::BedResult bed = io::read_bed(file, sizes);
    names_.push_back(group_name(file));
    files_.emplace_back(io::intervals(bed.records));
    append(remarks_, bed.report.remarks);
  }
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (std::count(names_.begin(), names_.end(), names_[i]) > 1)
      throw ArgumentError(format("two groups are called '{}': rename one of the files", names_[i]));
}

bool RegionGroups::contains(std::size_t group, std::string_view chrom, std::int64_t position) const {
  const std::size_t own = annotated_ ? 3 : 0;
  if (group >= own) return files_.at(group - own).contains(chrom, position);
  const bool promoter = promoters_.contains(chrom, position);
  if (group == 0) return promoter;
  if (promoter) return false;
  return genes_.contains(chrom, position) == (group == 1);
}

}  // namespace basewise::corpus
