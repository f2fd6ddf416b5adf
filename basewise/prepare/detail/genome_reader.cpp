#include "basewise/prepare/detail/genome_reader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "basewise/io/fasta_genome.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::string_view kGzip = ".gz";

/// Whether a file is gzip without the blocks of bgzip, which say so in an extra field of their
/// header (SAM specification, 4.1): it has no index.
bool is_one_stream(const std::filesystem::path& file) {
  std::array<unsigned char, 4> head = {};
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(head.data()), std::ssize(head));
  return head[0] == 0x1f && head[1] == 0x8b && (head[3] & 4) == 0;
}

/// Nothing for a file that is to be read as a whole.
std::unique_ptr<io::IndexedFasta> open_indexed(const std::filesystem::path& fasta, Blocks blocks) {
  const bool whole = blocks == Blocks::whole;
  if ((whole && fasta.extension() == kGzip) || is_one_stream(fasta)) return nullptr;
  auto indexed = std::make_unique<io::IndexedFasta>(fasta);
  return whole && indexed->compressed() ? nullptr : std::move(indexed);
}

}  // namespace

GenomeReader::GenomeReader(const std::filesystem::path& fasta, Blocks blocks) : indexed_(open_indexed(fasta, blocks)) {
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
