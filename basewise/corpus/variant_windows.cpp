#include "basewise/corpus/variant_windows.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/seq/shuffle.h"

namespace basewise::corpus {
namespace {

AlleleStatus status_of(io::AlleleKind kind) {
  switch (kind) {
    case io::AlleleKind::letters:
      return AlleleStatus::as_written;
    case io::AlleleKind::ambiguous:
      return AlleleStatus::ambiguous;
    case io::AlleleKind::symbolic:
      return AlleleStatus::symbolic;
    case io::AlleleKind::breakend:
      return AlleleStatus::breakend;
    case io::AlleleKind::overlapped:
      return AlleleStatus::overlapped;
    case io::AlleleKind::missing:
      return AlleleStatus::missing;
  }
  throw InternalError("an allele of no kind");
}

}  // namespace

bool PlacedVariant::scored() const { return std::any_of(status.begin(), status.end(), has_window); }

VariantWindows::VariantWindows(const seq::Genome& genome, std::int64_t length, WindowFill fill)
    : genome_(genome), length_(length), fill_(fill) {
  if (length < 2) throw ArgumentError(format("windows of {} bases hold no variant and a base in front of it; give at least 2", length));
}

void VariantWindows::fill_from_genome(std::size_t chrom, std::int64_t start, std::span<seq::Token> tokens) const {
  const seq::Chrom& of = genome_.sizes()[chrom];
  if (of.circular) start = (start % of.length + of.length) % of.length;
  genome_.read(chrom, start, seq::Strand::none, tokens);
}

bool VariantWindows::genome_has(std::size_t chrom, std::int64_t position, std::string_view allele) const {
  const std::int64_t end = position + std::ssize(allele);
  if (end > genome_.sizes()[chrom].length) return false;
  const auto bases = genome_.sequence(chrom).subspan(static_cast<std::size_t>(position), allele.size());
  // N in the genome says nothing of its base.
  return std::equal(bases.begin(), bases.end(), allele.begin(),
                    [](seq::Token base, char letter) { return base != seq::kN && seq::kLetters[base] == (letter & ~0x20); });
}

PlacedVariant VariantWindows::place(const io::VcfRecord& record) {
  PlacedVariant v{.position = record.position, .ref = record.ref, .alts = record.alts};
  for (const io::AlleleKind kind : record.kinds) v.status.push_back(status_of(kind));
  const auto with_all = [&v](AlleleStatus status) {
    for (AlleleStatus& s : v.status)
      if (has_window(s)) s = status;
    return v;
  };
  auto known = places_.find(record.chrom);
  if (known == places_.end()) known = places_.emplace(record.chrom, genome_.sizes().find(record.chrom)).first;
  if (!known->second) return with_all(AlleleStatus::elsewhere);
  v.chrom = *known->second;
  const std::int64_t size = genome_.sizes()[v.chrom].length;
  if (v.position < 0 || v.position >= size || std::ssize(v.ref) > size - v.position) return with_all(AlleleStatus::outside);
  if (genome_has(v.chrom, v.position, v.ref)) {
    v.in_genome = v.ref;
  } else {
    for (std::size_t i = 0; i < v.alts.size() && v.in_genome.empty(); ++i)
      if (has_window(v.status[i]) && genome_has(v.chrom, v.position, v.alts[i])) v.in_genome = v.alts[i];
    // Letters of the reference other than these could not be put there.
    if (v.ref.find_first_not_of("ACGTNacgtn") != std::string::npos) v.in_genome.clear();
    v = with_all(v.in_genome.empty() ? AlleleStatus::mismatch : AlleleStatus::flipped);
    if (v.in_genome.empty()) return v;
  }
  v.padded = !genome_.sizes()[v.chrom].circular && (v.position < left() || v.position - left() + length_ > size);
  return v;
}

ShuffledFlanks VariantWindows::shuffled(const PlacedVariant& variant, const Stream& stream) const {
  const auto side = [&](std::int64_t begin, std::uint64_t number) {
    std::vector<seq::Token> bases(static_cast<std::size_t>(length_));
    fill_from_genome(variant.chrom, begin, bases);
    Stream draw = stream.fork(number);
    return seq::dinucleotide_shuffle(bases, draw);
  };
  return {side(variant.position - length_, 0), side(variant.position + std::ssize(variant.in_genome), 1)};
}

void VariantWindows::read(const PlacedVariant& variant, std::string_view allele, std::int64_t offset, std::span<seq::Token> tokens,
                          const ShuffledFlanks* flanks) const {
  if (std::ssize(tokens) != length_) throw ArgumentError(format("a window has {} tokens, not {}", length_, tokens.size()));
  // Places relative to the first base of the allele: [first, last).
  const std::int64_t first = offset - left(), last = first + length_, size = std::ssize(allele);
  const auto part = [&](std::int64_t from, std::int64_t to) {
    from = std::clamp(from, first, last), to = std::clamp(to, from, last);
    return tokens.subspan(static_cast<std::size_t>(from - first), static_cast<std::size_t>(to - from));
  };
  if (const auto before = part(first, 0); !before.empty())
    flanks ? void(std::copy_n(flanks->left.end() + first, before.size(), before.begin()))
           : fill_from_genome(variant.chrom, variant.position + first, before);
  const std::int64_t from = std::max<std::int64_t>(first, 0);
  if (const auto letters = part(0, size); !letters.empty())
    seq::encode(allele.substr(static_cast<std::size_t>(from), letters.size()), letters);
  // Where the genome goes on, in places relative to the variant.
  const std::int64_t behind = std::max(first, size), length_in_genome = std::ssize(variant.in_genome);
  const std::int64_t next = length_in_genome + behind - size;
  const std::int64_t most = fill_ == WindowFill::n ? std::max<std::int64_t>(length_ - left() - next, 0) : length_;
  const auto after = part(behind, last);
  const auto there = after.first(std::min(after.size(), static_cast<std::size_t>(most)));
  if (!there.empty())
    flanks ? void(std::copy_n(flanks->right.begin() + (next - length_in_genome), there.size(), there.begin()))
           : fill_from_genome(variant.chrom, variant.position + next, there);
  const auto rest = after.subspan(there.size());
  std::fill(rest.begin(), rest.end(), seq::kN);
}

std::vector<std::string> VariantWindows::unknown_names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : places_)
    if (!place) names.push_back(name);
  return names;
}

}  // namespace basewise::corpus
