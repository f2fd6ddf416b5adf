// Genes of an annotation: the bases at which they begin, or that they cover.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// Which bases stand for a gene.
enum class GenePart { tss, span, exons };
constexpr auto words_of(GenePart) {
  return words<GenePart>({{GenePart::tss, "tss", "where it begins, each start once"},
                          {GenePart::span, "span", "from its first to its last base"},
                          {GenePart::exons, "exons", "of an annotation, the exons of all its transcripts together"}});
}

/// Where genes stand.
struct GeneOptions {
  std::filesystem::path file = {};       ///< BED, GFF3 or GTF
  GenePart part = GenePart::tss;
  std::int64_t around = 0;               ///< tss: further bases on each side
  std::vector<std::string> types = {};   ///< annotation: types of features; empty: the usual ones of the part
};

/// One gene. Intervals are 0-based half-open.
struct Gene {
  std::string name = {};
  std::size_t chrom = 0;  ///< index in the chromosome sizes
  seq::Strand strand = seq::Strand::none;
  std::vector<std::int64_t> starts = {};                            ///< bases at which it begins (5' ends), rising, each once
  std::vector<std::pair<std::int64_t, std::int64_t>> pieces = {};  ///< what stands for it: rising, joined where they touch

  std::int64_t bases() const;  ///< of all pieces
};

struct GeneTable {
  std::vector<Gene> genes = {};  ///< by chromosome and first base
  std::int64_t left_out = 0;     ///< records on sequences that the genome does not use
  std::vector<std::string> remarks = {};
};

/// Genes of a file. A BED record is a start of the gene that its fourth column names (its 5' end;
/// with `span` all of it); records of one name and chromosome are one gene, records without a name
/// are genes by themselves, called by their place. Of a GTF or GFF3, features belong to the gene
/// that `gene_id` names, else to the outermost `Parent`, else to their `ID` or `Name`; starts are
/// those of transcript or mRNA features, else of genes; spans are of genes, else of these; exons of
/// exons.
/// Errors: DataError for files that cannot be read, that have none of these features, and as
/// `io::read_bed` and `io::read_gff`; ArgumentError for exons of a BED file.
GeneTable read_genes(const GeneOptions& options, const seq::ChromSizes& sizes);

/// The same for several parts in place of `options.part`, a table each; an annotation is read once.
std::vector<GeneTable> read_genes(GeneOptions options, const std::vector<GenePart>& parts, const seq::ChromSizes& sizes);

/// Whether the name of a file says GFF3 or GTF.
bool named_as_annotation(const std::filesystem::path& file);

}  // namespace basewise::corpus
