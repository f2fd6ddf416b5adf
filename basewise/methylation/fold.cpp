#include "basewise/methylation/fold.h"

#include <algorithm>
#include <array>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"

namespace basewise::methylation {
namespace {

constexpr std::int64_t kMostOfNoCpg = 4;  // one call in so many may be at no CpG

/// What a position is. `first` and those behind it are told by the positions around it.
enum class Kind : std::uint8_t {
  unknown,
  forward,
  reverse,
  no_cpg,
  first,
  second,
  undecided,
  ambiguous_first,
  ambiguous_second,
  ambiguous_alone
};

/// The positions that any cell has on a chromosome, and what they are.
struct Places {
  std::vector<std::uint32_t> positions = {};
  std::vector<Kind> kinds = {};
};

std::vector<std::uint32_t> union_of(const CallTable& table, std::size_t chrom) {
  std::vector<std::uint32_t> all, both;
  for (const CellCalls& cell : table.cells) {
    const auto& own = cell.chroms[chrom].positions;
    both.resize(all.size() + own.size());
    both.erase(std::set_union(all.begin(), all.end(), own.begin(), own.end(), both.begin()), both.end());
    std::swap(all, both);
  }
  return all;
}

Kind by_letters(const KnownSequence& sequence, std::int64_t place, std::int64_t position) {
  std::array<seq::Token, 3> bases = {};  // before, at and behind the position
  sequence.read(place, position - 1, bases);
  if (bases[1] == seq::kN) return Kind::unknown;
  if (bases[1] == seq::kC) return bases[2] == seq::kG ? Kind::forward : bases[2] == seq::kN ? Kind::unknown : Kind::no_cpg;
  if (bases[1] == seq::kG) return bases[0] == seq::kC ? Kind::reverse : bases[0] == seq::kN ? Kind::unknown : Kind::no_cpg;
  return Kind::no_cpg;
}

/// Positions [begin, end) follow each other without a gap, and no sequence is known.
void pair_up(std::span<Kind> run) {
  const bool odd = run.size() % 2 == 1;
  for (std::size_t i = 0; i + 1 < run.size(); i += 2) {
    run[i] = odd ? Kind::ambiguous_first : Kind::first;
    run[i + 1] = odd ? Kind::ambiguous_second : Kind::second;
  }
  if (odd) run.back() = run.size() == 1 ? Kind::undecided : Kind::ambiguous_alone;
}

Places places_of(const CallTable& table, std::size_t chrom, const KnownSequence* sequence, std::int64_t place) {
  Places places = {.positions = union_of(table, chrom)};
  const std::size_t n = places.positions.size();
  places.kinds.assign(n, Kind::unknown);
  if (sequence && place >= 0)
    for (std::size_t i = 0; i < n; ++i) places.kinds[i] = by_letters(*sequence, place, places.positions[i]);
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin + 1;
    if (places.kinds[begin] == Kind::unknown) {
      while (end < n && places.kinds[end] == Kind::unknown && places.positions[end] == places.positions[end - 1] + 1) ++end;
      pair_up(std::span(places.kinds).subspan(begin, end - begin));
    }
    begin = end;
  }
  return places;
}

/// Whether a call moves to the position before it.
bool moves(Kind kind) { return kind == Kind::reverse || kind == Kind::second || kind == Kind::ambiguous_second; }

std::int64_t& count_of(FoldCounts& counts, Kind kind) {
  switch (kind) {
    case Kind::forward:
      return counts.forward_by_sequence;
    case Kind::reverse:
      return counts.reverse_by_sequence;
    case Kind::no_cpg:
      return counts.no_cpg;
    case Kind::first:
      return counts.forward_by_pair;
    case Kind::second:
      return counts.reverse_by_pair;
    case Kind::ambiguous_first:
    case Kind::ambiguous_second:
    case Kind::ambiguous_alone:
      return counts.ambiguous;
    case Kind::unknown:
    case Kind::undecided:
      break;
  }
  return counts.undecided;
}

/// Puts calls together at the front of the vectors that they came from.
class Folding {
 public:
  explicit Folding(ChromCalls& calls) : calls_(calls), with_reads_(calls.coverage.size() == calls.positions.size()) {}

  void keep(std::size_t i, std::uint32_t position, FoldCounts& counts) {
    if (kept_ > 0 && calls_.positions[kept_ - 1] == position) {
      merge(i);
      ++counts.merged;
      return;
    }
    calls_.positions[kept_] = position;
    calls_.shares[kept_] = calls_.shares[i];
    if (with_reads_) calls_.coverage[kept_] = calls_.coverage[i];
    ++kept_;
  }

  void finish() {
    calls_.positions.resize(kept_);
    calls_.shares.resize(kept_);
    calls_.coverage.resize(with_reads_ ? kept_ : 0);
  }

 private:
  void merge(std::size_t i) {
    float& share = calls_.shares[kept_ - 1];
    const double a = with_reads_ ? calls_.coverage[kept_ - 1] : 1, b = with_reads_ ? calls_.coverage[i] : 1;
    share = static_cast<float>((double{share} * a + double{calls_.shares[i]} * b) / (a + b));
    if (with_reads_) calls_.coverage[kept_ - 1] += calls_.coverage[i];
  }

  ChromCalls& calls_;
  bool with_reads_;
  std::size_t kept_ = 0;
};

void fold(ChromCalls& calls, const Places& places, FoldCounts& counts) {
  Folding folding(calls);
  std::size_t at = 0;
  for (std::size_t i = 0; i < calls.positions.size(); ++i) {
    while (places.positions[at] != calls.positions[i]) ++at;
    const Kind kind = places.kinds[at];
    ++count_of(counts, kind);
    if (kind != Kind::no_cpg) folding.keep(i, calls.positions[i] - (moves(kind) ? 1U : 0U), counts);
  }
  folding.finish();
}

std::int64_t by_sequence(const FoldCounts& counts) { return counts.forward_by_sequence + counts.reverse_by_sequence + counts.no_cpg; }

}  // namespace

FoldCounts& FoldCounts::operator+=(const FoldCounts& other) {
  forward_by_sequence += other.forward_by_sequence;
  reverse_by_sequence += other.reverse_by_sequence;
  no_cpg += other.no_cpg;
  forward_by_pair += other.forward_by_pair;
  reverse_by_pair += other.reverse_by_pair;
  undecided += other.undecided;
  ambiguous += other.ambiguous;
  merged += other.merged;
  return *this;
}

std::vector<FoldCounts> fold_strands(CallTable& table, const KnownSequence* sequence) {
  std::vector<FoldCounts> counts(table.cells.size());
  const std::vector<std::int64_t> in_sequence = sequence ? sequence->places_of(table.chromosomes) : std::vector<std::int64_t>{};
  for (std::size_t chrom = 0; chrom < table.chromosomes.size(); ++chrom) {
    const Places places = places_of(table, chrom, sequence, sequence ? in_sequence[chrom] : -1);
    parallel_for(std::ssize(table.cells), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
        fold(table.cells[i].chroms[chrom], places, counts[i]);
    });
  }
  FoldCounts all;
  for (const FoldCounts& of_cell : counts) all += of_cell;
  if (const std::int64_t known = by_sequence(all); kMostOfNoCpg * all.no_cpg > known)
    throw DataError(
        format("{} of {} calls with known sequence are at no CpG; the sequence is of another assembly, positions count from another "
               "number (first_base), or the files have calls of other contexts (CHG, CHH)",
               all.no_cpg, known));
  return counts;
}

}  // namespace basewise::methylation
