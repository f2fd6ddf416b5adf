#include "basewise/seq/genome.h"

#include <algorithm>
#include <array>

#include "basewise/seq/detail/lanes.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::seq {
namespace {

[[noreturn]] void refuse(const Interval& interval, const Chrom& chrom, const std::string& source, std::string_view advice) {
  throw DataError(format("interval {} [{}, {}) (0-based) does not lie inside '{}', which has {} bases in {}{}", interval.chrom,
                         interval.start, interval.end, chrom.name, chrom.length, source, advice));
}

// At most one round, from a start at most one round before the origin.
void check_circular(const Interval& interval, const Chrom& chrom, const std::string& source) {
  const std::int64_t n = chrom.length;
  if (interval.length() <= n && interval.start >= -n && interval.start < std::max<std::int64_t>(n, 1)) return;
  refuse(interval, chrom, source, format(" and is circular: at most {} bases that start in [-{}, {})", n, n, n));
}

}  // namespace

Genome::Genome(std::string source) { sizes_.set_source(std::move(source)); }

void Genome::store(std::string name, std::shared_ptr<const void> owner, std::span<const Token> tokens, bool circular) {
  if (!detail::all_tokens(tokens.data(), tokens.size())) {
    const auto bad = std::find_if(tokens.begin(), tokens.end(), [](Token t) { return t > kN; });
    throw ArgumentError(format("token {} at position {} of '{}'; expected 0 to 4", *bad, bad - tokens.begin() + 1, name));
  }
  sizes_.add(Chrom{std::move(name), static_cast<std::int64_t>(tokens.size()), circular});
  sequences_.push_back(tokens);
  owners_.push_back(std::move(owner));
}

void Genome::add(std::string name, std::vector<Token> tokens, bool circular) {
  auto owner = std::make_shared<const std::vector<Token>>(std::move(tokens));
  store(std::move(name), owner, *owner, circular);
}

void Genome::adopt(std::string name, TokenBuffer tokens, bool circular) {
  tokens.shrink();
  auto owner = std::make_shared<const TokenBuffer>(std::move(tokens));
  store(std::move(name), owner, owner->tokens(), circular);
}

Piece Genome::fetch(const Interval& interval, Edges edges) const {
  if (interval.end < interval.start) throw ArgumentError(format("interval {} ends before it starts", to_string(interval)));
  // Checked before memory is asked for: a slip in a coordinate must not become an allocation of its
  // size.
  const Chrom& chrom = sizes_.resolve(interval.chrom, "the request");
  if (chrom.circular)
    check_circular(interval, chrom, source());
  else if (edges == Edges::error && interval.length() > chrom.length)
    refuse(interval, chrom, source(), "");
  Piece piece;
  const auto length = static_cast<std::size_t>(interval.length());
  piece.tokens.resize(length);
  piece.inside.resize(length);
  if (fetch(interval, piece.tokens, piece.inside, edges) == 0) piece.inside.clear();
  return piece;
}

std::int64_t Genome::fetch(const Interval& interval, std::span<Token> tokens, std::span<std::uint8_t> inside, Edges edges) const {
  const auto length = static_cast<std::size_t>(std::max<std::int64_t>(interval.length(), 0));
  if (tokens.size() != length || (!inside.empty() && inside.size() != length)) {
    throw ArgumentError(format("fetch of {} bases into arrays of {} and {}", interval.length(), tokens.size(), inside.size()));
  }
  const std::size_t chrom = sizes_.index(interval.chrom, "the request");
  std::int64_t padded = 0;
  if (sizes_[chrom].circular) {
    copy_circular(interval, chrom, tokens);
    std::fill(inside.begin(), inside.end(), std::uint8_t{1});
  } else {
    padded = copy_linear(interval, chrom, tokens, inside, edges);
  }
  if (interval.strand == Strand::reverse) {
    reverse_complement_in_place(tokens);
    std::reverse(inside.begin(), inside.end());
  }
  return padded;
}

void Genome::copy_circular(const Interval& interval, std::size_t chrom, std::span<Token> tokens) const {
  check_circular(interval, sizes_[chrom], source());
  const std::int64_t n = sizes_[chrom].length;
  const std::span<const Token> sequence = sequences_[chrom];
  const std::int64_t start = interval.start < 0 ? interval.start + n : interval.start;
  const std::int64_t first = std::min(interval.length(), n - start);
  std::copy_n(sequence.begin() + start, first, tokens.begin());
  std::copy_n(sequence.begin(), interval.length() - first, tokens.begin() + first);
}

std::int64_t Genome::copy_linear(const Interval& interval, std::size_t chrom, std::span<Token> tokens, std::span<std::uint8_t> inside,
                                 Edges edges) const {
  const std::int64_t n = sizes_[chrom].length;
  const bool over = interval.start < 0 || interval.end > n;
  if (over && edges == Edges::error) refuse(interval, sizes_[chrom], source(), "; leave it out, or ask for padding");
  const std::int64_t begin = std::clamp<std::int64_t>(interval.start, 0, n);
  const std::int64_t end = std::clamp<std::int64_t>(interval.end, begin, n);
  const std::int64_t offset = std::min(std::max<std::int64_t>(begin - interval.start, 0), interval.length());
  if (over) {
    std::fill(tokens.begin(), tokens.end(), kN);
    std::fill(inside.begin(), inside.end(), std::uint8_t{0});
  }
  std::copy_n(sequences_[chrom].begin() + begin, end - begin, tokens.begin() + offset);
  if (!inside.empty()) std::fill_n(inside.begin() + offset, end - begin, std::uint8_t{1});
  return interval.length() - (end - begin);
}

std::string Genome::letters(const Interval& interval, Edges edges) const { return decode(fetch(interval, edges).tokens); }

std::int64_t Genome::one_hot(const Interval& interval, std::span<float> out, Edges edges) const {
  const std::int64_t length = interval.length();
  if (length < 0 || out.size() != static_cast<std::size_t>(length) * 4) {
    throw ArgumentError(format("one_hot of {} bases into an array of {}", length, out.size()));
  }
  const std::size_t index = sizes_.index(interval.chrom, "the request");
  const Chrom& chrom = sizes_[index];
  if (edges == Edges::error && !chrom.circular && (interval.start < 0 || interval.end > chrom.length))
    refuse(interval, chrom, source(), "; leave it out, or ask for padding");
  return read_one_hot(index, interval.start, interval.strand, length, out.data(), length);
}

// The forward strand, padded or over the origin.
std::int64_t Genome::copy(std::size_t chrom, std::int64_t start, std::span<Token> tokens) const {
  const std::span<const Token> sequence = sequences_[chrom];
  const auto n = static_cast<std::int64_t>(sequence.size());
  const auto length = static_cast<std::int64_t>(tokens.size());
  if (sizes_[chrom].circular) {
    if (start < 0) start += n;
    if (start >= n) start -= n;
    const std::int64_t first = std::min(length, n - start);
    std::copy_n(sequence.begin() + start, first, tokens.begin());
    std::copy_n(sequence.begin(), length - first, tokens.begin() + first);
    return 0;
  }
  const std::int64_t begin = std::clamp<std::int64_t>(start, 0, n);
  const std::int64_t inside = std::clamp<std::int64_t>(start + length, begin, n) - begin;
  const std::int64_t before = std::min(begin - start, length);
  if (before > 0) std::fill_n(tokens.begin(), before, kN);
  if (inside > 0) std::copy_n(sequence.begin() + begin, inside, tokens.begin() + before);
  if (const std::int64_t after = length - std::max<std::int64_t>(before, 0) - inside; after > 0)
    std::fill_n(tokens.end() - after, after, kN);
  return length - inside;
}

std::int64_t Genome::read(std::size_t chrom, std::int64_t start, Strand strand, std::span<Token> tokens) const {
  const Chrom& known = sizes_[chrom];
  const auto length = static_cast<std::int64_t>(tokens.size());
  if (known.circular) check_circular({known.name, start, start + length, strand}, known, source());
  const std::int64_t padded = copy(chrom, start, tokens);
  if (strand == Strand::reverse) reverse_complement_in_place(tokens);
  return padded;
}

template <class T>
std::int64_t Genome::read_rows(std::size_t chrom, std::int64_t start, Strand strand, std::int64_t length, T* out,
                               std::int64_t stride) const {
  const Chrom& known = sizes_[chrom];
  if (known.circular) check_circular({known.name, start, start + length, strand}, known, source());
  const auto rows = static_cast<std::size_t>(stride);
  if (strand != Strand::reverse && start >= 0 && length <= known.length - start) {
    detail::one_hot_rows(sequences_[chrom].data() + start, static_cast<std::size_t>(length), out, rows);
    return 0;
  }
  // Pieces of the second half are turned in the first and never leave the nearest cache.
  constexpr std::int64_t kPiece = 2048;
  std::array<Token, 2 * kPiece> memory;
  std::int64_t padded = 0;
  for (std::int64_t done = 0; done < length; done += kPiece) {
    const std::int64_t count = std::min(kPiece, length - done);
    Token* piece = memory.data();
    if (strand == Strand::reverse) {
      padded += copy(chrom, start + length - done - count, std::span(memory).subspan(kPiece, static_cast<std::size_t>(count)));
      detail::reverse_complement(memory.data() + kPiece, static_cast<std::size_t>(count), piece);
    } else {
      padded += copy(chrom, start + done, std::span(memory).first(static_cast<std::size_t>(count)));
    }
    detail::one_hot_rows(piece, static_cast<std::size_t>(count), out + done, rows);
  }
  return padded;
}

std::int64_t Genome::read_one_hot(std::size_t chrom, std::int64_t start, Strand strand, std::int64_t length, float* out,
                                  std::int64_t stride) const {
  return read_rows(chrom, start, strand, length, out, stride);
}

std::int64_t Genome::read_one_hot(std::size_t chrom, std::int64_t start, Strand strand, std::int64_t length, std::int8_t* out,
                                  std::int64_t stride) const {
  return read_rows(chrom, start, strand, length, out, stride);
}

}  // namespace basewise::seq
