#include "basewise/prepare/detail/coverage_genome.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/io/alignments.h"
#include "basewise/io/chrom_files.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::prepare::detail {
namespace {

seq::ChromSizes all_chromosomes(const CoverageOptions& o, const seq::ChromSizes* fasta) {
  if (!o.sizes.empty()) return io::read_chrom_sizes(o.sizes);
  if (fasta != nullptr) return *fasta;
  for (const std::filesystem::path& file : o.reads) {
    if (!io::is_alignment_file(file)) continue;
    const io::AlignmentReader reader(file);
    seq::ChromSizes sizes({}, file.string());
    for (const auto& [name, length] : reader.chromosomes()) sizes.add({name, length, false});
    return sizes;
  }
  throw ArgumentError(
      format("sizes: {} begins as no BAM, SAM or CRAM file does, and files of text do not say how long chromosomes are; give 'sizes', a "
             "table of names and lengths, or 'genome'",
             shown_files(o.reads)));
}

}  // namespace

std::string shown_files(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files) names.push_back(file.string());
  return some_of(names);
}

CoverageGenome::CoverageGenome(const CoverageOptions& o) {
  if (!o.genome.empty() && (o.sizes.empty() || o.gc_correct)) fasta_.emplace(o.genome, Blocks::indexed);
  const seq::ChromSizes all = all_chromosomes(o, fasta_ ? &fasta_->sizes() : nullptr);
  std::vector<bool> used(all.size(), o.chromosomes.empty());
  for (const std::string& name : o.chromosomes) used[all.index(name, "chromosomes")] = true;
  for (const std::string& name : o.exclude) used[all.index(name, "exclude")] = false;
  sizes_.set_source(all.source());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!used[i])
      sizes_.add_unused(all[i].name);
    else if (all[i].length > kLongestChromosome)
      throw DataError(
          format("{}: {} has {} bases; at most {} can be counted on", all.source(), all[i].name, all[i].length, kLongestChromosome));
    else
      sizes_.add(all[i]);
  }
  if (sizes_.empty()) throw ArgumentError("exclude: no chromosome is left");
  if (o.gc_correct) match_bases();
}

void CoverageGenome::match_bases() {
  const seq::ChromSizes& there = fasta_->sizes();
  const seq::NameMatch match = seq::match_names(there, sizes_.names(), sizes_.source());
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    if (!match.places[i]) throw DataError(there.missing_text({sizes_[i].name}, sizes_.source()));
    in_fasta_.push_back(*match.places[i]);
    const std::int64_t length = there[in_fasta_.back()].length;
    if (length != sizes_[i].length)
      throw DataError(format("{}: {} has {} bases there, but {} in {}; both must be of the same assembly", there.source(), sizes_[i].name,
                             length, sizes_[i].length, sizes_.source()));
  }
}

io::TrackChromosomes CoverageGenome::chromosomes() const {
  io::TrackChromosomes chromosomes;
  for (const seq::Chrom& chrom : sizes_) chromosomes.emplace_back(chrom.name, chrom.length);
  return chromosomes;
}

std::vector<seq::Token> CoverageGenome::bases(std::size_t chrom, std::int64_t start, std::int64_t end) const {
  std::vector<seq::Token> tokens(static_cast<std::size_t>(end - start));
  fasta_->read(in_fasta_[chrom], start, tokens);
  return tokens;
}

}  // namespace basewise::prepare::detail
