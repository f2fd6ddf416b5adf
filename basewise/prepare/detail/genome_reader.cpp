#include "basewise/prepare/detail/genome_reader.h"

#include <algorithm>
#include <string_view>

#include "basewise/io/fasta_genome.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::string_view kGzip = ".gz";

// A file that is compressed without blocks has no index, and in one with blocks each window costs
// the inflation of its blocks.
std::unique_ptr<io::IndexedFasta> open_plain(const std::filesystem::path& fasta) {
  if (fasta.extension() == kGzip) return nullptr;
  auto indexed = std::make_unique<io::IndexedFasta>(fasta);
  return indexed->compressed() ? nullptr : std::move(indexed);
}

}  // namespace

GenomeReader::GenomeReader(const std::filesystem::path& fasta) : indexed_(open_plain(fasta)) {
  if (!indexed_) whole_.emplace(io::load_genome({.path = fasta, .ambiguity = seq::Ambiguity::as_n}).genome);
}

void GenomeReader::read(std::size_t chrom, std::int64_t start, std::span<seq::Token> tokens) const {
  const std::int64_t size = std::ssize(tokens), length = sizes()[chrom].length;
  const std::int64_t from = std::clamp<std::int64_t>(start, 0, length), to = std::clamp<std::int64_t>(start + size, from, length);
  std::fill(tokens.begin(), tokens.end(), seq::kN);
  if (from >= to) return;
  const auto inside = tokens.subspan(static_cast<std::size_t>(from - start), static_cast<std::size_t>(to - from));
  if (indexed_)
    indexed_->read(chrom, from, inside);
  else
    whole_->read(chrom, from, seq::Strand::none, inside);
}

}  // namespace basewise::prepare::detail
