#include "basewise/corpus/genes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "basewise/core/error.h"
#include "basewise/core/lower_case.h"
#include "basewise/corpus/sites.h"
#include "basewise/io/bed.h"
#include "basewise/io/gff.h"

namespace basewise::corpus {
namespace {

/// Genes by name and sequence, in the order of the file.
class Collected {
 public:
  Collected(const GeneOptions& options, const seq::ChromSizes& sizes) : options_(options), sizes_(sizes) {}

  /// One more interval of a gene.
  void add(const std::string& name, std::size_t chrom, const seq::Interval& interval) {
    const auto [at, is_new] = places_.try_emplace({name, chrom}, genes_.size());
    if (is_new) genes_.push_back({.name = name, .chrom = chrom, .strand = interval.strand});
    Gene& gene = genes_[at->second];
    if (gene.strand != interval.strand) gene.strand = seq::Strand::none;
    if (interval.length() == 0) return;
    const std::int64_t start = site_position(SitePoint::start, interval);
    gene.starts.push_back(start);
    if (options_.part == GenePart::tss)
      gene.pieces.emplace_back(std::max<std::int64_t>(0, start - options_.around),
                               std::min(sizes_[chrom].length, start + options_.around + 1));
    else
      gene.pieces.emplace_back(interval.start, interval.end);
  }

  std::vector<Gene> finish() && {
    std::erase_if(genes_, [](const Gene& gene) { return gene.pieces.empty(); });
    for (Gene& gene : genes_) {
      std::sort(gene.starts.begin(), gene.starts.end());
      gene.starts.erase(std::unique(gene.starts.begin(), gene.starts.end()), gene.starts.end());
      join(gene);
    }
    std::stable_sort(genes_.begin(), genes_.end(), [](const Gene& a, const Gene& b) {
      return std::pair(a.chrom, a.pieces.front().first) < std::pair(b.chrom, b.pieces.front().first);
    });
    return std::move(genes_);
  }

 private:
  void join(Gene& gene) const {
    std::sort(gene.pieces.begin(), gene.pieces.end());
    if (options_.part == GenePart::span) {
      std::int64_t end = 0;
      for (const auto& piece : gene.pieces) end = std::max(end, piece.second);
      gene.pieces = {{gene.pieces.front().first, end}};
      // A span begins once.
      gene.starts = {gene.strand == seq::Strand::reverse ? gene.starts.back() : gene.starts.front()};
      return;
    }
    std::vector<std::pair<std::int64_t, std::int64_t>> joined;
    for (const auto& piece : gene.pieces) {
      if (joined.empty() || piece.first > joined.back().second)
        joined.push_back(piece);
      else
        joined.back().second = std::max(joined.back().second, piece.second);
    }
    gene.pieces = std::move(joined);
  }

  const GeneOptions& options_;
  const seq::ChromSizes& sizes_;
  std::vector<Gene> genes_ = {};
  std::map<std::pair<std::string, std::size_t>, std::size_t> places_ = {};
};

GeneTable genes_of_bed(const GeneOptions& o, const seq::ChromSizes& sizes) {
  if (o.part == GenePart::exons)
    throw ArgumentError(format("{}: exons are read from a GTF or GFF3 file; a BED file gives tss or span", o.file.string()));
  if (!o.types.empty())
    throw ArgumentError(format("{}: types are of features of a GTF or GFF3 file, and this is a BED file", o.file.string()));
  const io::BedResult bed = io::read_bed(o.file, sizes);
  Collected genes(o, sizes);
  for (const io::BedRecord& record : bed.records) {
    const std::string name = record.name.empty() ? seq::to_string(record.interval) : record.name;
    genes.add(name, sizes.index(record.interval.chrom, o.file.string()), record.interval);
  }
  return {.genes = std::move(genes).finish(), .left_out = bed.left_out, .remarks = bed.report.remarks};
}

/// The gene of each feature.
class GeneNames {
 public:
  explicit GeneNames(const std::vector<io::GffRecord>& records) {
    for (const io::GffRecord& record : records)
      if (const std::string id(record.attribute("ID")); !id.empty()) parents_.try_emplace(id, record.attribute("Parent"));
  }

  std::string operator()(const io::GffRecord& record) const {
    if (const std::string_view id = record.attribute("gene_id"); !id.empty()) return std::string(id);
    if (std::string parent(record.attribute("Parent")); !parent.empty()) return outermost(std::move(parent));
    for (const char* key : {"ID", "Name", "gene"})
      if (const std::string_view text = record.attribute(key); !text.empty()) return std::string(text);
    return seq::to_string(record.interval);
  }

 private:
  std::string outermost(std::string id) const {
    // A file may name parents in a circle.
    for (int steps = 0; steps < 16; ++steps) {
      const auto found = parents_.find(id);
      if (found == parents_.end() || found->second.empty()) break;
      id = found->second;
    }
    return id;
  }
  std::unordered_map<std::string, std::string> parents_ = {};
};

/// The first group of types of which the file has a feature.
std::vector<std::string> types_of(const GeneOptions& o, const std::vector<io::GffRecord>& records) {
  if (!o.types.empty()) return o.types;
  const std::vector<std::string> transcripts = {"transcript", "mRNA"}, genes = {"gene"}, exons = {"exon"};
  using Groups = std::vector<std::vector<std::string>>;
  const Groups usual = o.part == GenePart::tss    ? Groups{transcripts, genes}
                       : o.part == GenePart::span ? Groups{genes, transcripts}
                                                  : Groups{exons};
  for (const std::vector<std::string>& types : usual)
    for (const io::GffRecord& record : records)
      if (std::find(types.begin(), types.end(), record.type) != types.end()) return types;
  return usual.front();
}

GeneTable genes_of_annotation(const GeneOptions& o, const io::GffResult& gff, const seq::ChromSizes& sizes) {
  const GeneNames name_of(gff.records);
  const std::vector<std::string> types = types_of(o, gff.records);
  Collected genes(o, sizes);
  std::set<std::string> there;
  for (const io::GffRecord& record : gff.records) {
    there.insert(record.type);
    if (std::find(types.begin(), types.end(), record.type) != types.end())
      genes.add(name_of(record), sizes.index(record.interval.chrom, o.file.string()), record.interval);
  }
  GeneTable table{.genes = std::move(genes).finish(), .left_out = gff.left_out, .remarks = gff.report.remarks};
  if (table.genes.empty())
    throw DataError(format("{}: there is no feature of type {}; there are {} (types)", o.file.string(), fmt::join(types, ", "),
                           fmt::join(there, ", ")));
  return table;
}

}  // namespace

std::int64_t Gene::bases() const {
  std::int64_t sum = 0;
  for (const auto& [start, end] : pieces) sum += end - start;
  return sum;
}

bool named_as_annotation(const std::filesystem::path& file) {
  std::string name = lower_case(file.filename().string());
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name.ends_with(".gtf") || name.ends_with(".gff") || name.ends_with(".gff3");
}

GeneTable read_genes(const GeneOptions& options, const seq::ChromSizes& sizes) {
  return std::move(read_genes(options, {options.part}, sizes).front());
}

std::vector<GeneTable> read_genes(GeneOptions options, const std::vector<GenePart>& parts, const seq::ChromSizes& sizes) {
  std::optional<io::GffResult> gff;
  if (named_as_annotation(options.file)) gff = io::read_gff(options.file, sizes);
  std::vector<GeneTable> tables;
  for (const GenePart part : parts) {
    options.part = part;
    tables.push_back(gff ? genes_of_annotation(options, *gff, sizes) : genes_of_bed(options, sizes));
    if (tables.back().genes.empty())
      throw DataError(format("{}: there is no gene on a sequence of {}", options.file.string(), sizes.source()));
  }
  return tables;
}

}  // namespace basewise::corpus
