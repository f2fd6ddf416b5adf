#include "basewise/motifs/sites.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/site_filter.h"

namespace basewise::motifs {
namespace {

constexpr std::int64_t kLongestPiece = 1 << 14;     // windows; their codes stay in the first cache
constexpr std::int64_t kShortestPiece = 1 << 8;
constexpr std::int64_t kPiecesAtOnce = 64;          // between two calls of the consumer
constexpr double kSitesOfPiece = 1 << 18;           // expected at most, so that a loose threshold needs no more memory
constexpr std::int64_t kLongGap = 64;               // stretches of N from this length on are not looked at
constexpr std::int64_t kFront = 1;                  // a filter may read the code before its window

/// Losses of A C G T N and of tokens that no table has;
/// a letter that cannot stand loses more than any site.
using LossRow = std::array<std::int32_t, 8>;
constexpr std::int32_t kLost = 1 << 30;

/// A motif as it reads on one strand.
struct Reading {
  detail::SiteFilter filter;
  std::vector<LossRow> losses;
};

/// Tokens [begin, end) of a piece between two long gaps.
struct Stretch {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// What one thread computes a piece with.
struct PieceWork {
  std::vector<std::uint8_t> codes;
  std::vector<std::int32_t> passing;
  std::vector<std::int32_t> counts;
  std::vector<Site> by_motif;
};

std::vector<LossRow> losses_of(const ScoreMatrix& matrix) {
  std::vector<LossRow> result;
  for (const auto& row : matrix.rows) {
    LossRow losses;
    losses.fill(kLost);
    const std::int32_t best = *std::max_element(row.begin(), row.end());
    for (std::size_t c = 0; c < 4; ++c)
      if (row[c] != kForbidden) losses[c] = best - row[c];
    result.push_back(losses);
  }
  return result;
}

detail::LossRows filter_rows(const std::vector<LossRow>& losses) {
  detail::LossRows rows;
  for (const LossRow& row : losses) {
    auto& to = rows.emplace_back();
    for (std::size_t c = 0; c < 4; ++c) to[c] = row[c] == kLost ? -1 : row[c];
  }
  return rows;
}

/// A letter in the place of an N: any will do, because what passes is looked at again, but one that
/// is always the same would let the motifs pass that are rich in it.
std::uint8_t letter(seq::Token token, std::int64_t place) {
  return token < 4 ? token : static_cast<std::uint8_t>((static_cast<std::uint64_t>(place) * 0x9E3779B97F4A7C15u) >> 62);
}

/// Codes of two neighbouring letters at every token, readable before the first and behind the last.
void fill_codes(std::span<const seq::Token> tokens, std::int64_t largest_width, std::vector<std::uint8_t>& codes) {
  const auto size = static_cast<std::int64_t>(tokens.size());
  codes.assign(static_cast<std::size_t>(kFront + size + largest_width + detail::kCodePadding), 0);
  for (std::int64_t i = 0; i < size; ++i) codes[static_cast<std::size_t>(kFront + i)] = letter(tokens[static_cast<std::size_t>(i)], i);
  for (std::size_t i = 0; i + 1 < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(codes[i] | (codes[i + 1] << 2));
}

std::vector<Stretch> stretches(std::span<const seq::Token> tokens) {
  std::vector<Stretch> result;
  const auto size = static_cast<std::int64_t>(tokens.size());
  std::int64_t gap = kLongGap;  // length of the run of N that ends here; before the first letter there is nothing
  for (std::int64_t i = 0; i < size; ++i) {
    if (tokens[static_cast<std::size_t>(i)] > 3) {
      ++gap;
      continue;
    }
    if (gap >= kLongGap) result.push_back({i, i});
    gap = 0;
    result.back().end = i + 1;
  }
  return result;
}

/// Sites that are in order of motif, then start, into order of start, then motif.
void order_by_start(const std::vector<Site>& sites, std::int64_t windows, std::vector<std::int32_t>& counts, std::vector<Site>& out) {
  counts.assign(static_cast<std::size_t>(windows) + 1, 0);
  for (const Site& site : sites) ++counts[static_cast<std::size_t>(site.start) + 1];
  for (std::size_t i = 1; i < counts.size(); ++i) counts[i] += counts[i - 1];
  out.resize(sites.size());
  for (const Site& site : sites) out[static_cast<std::size_t>(counts[static_cast<std::size_t>(site.start)]++)] = site;
}

/// One motif with all that is needed to find its sites.
struct Prepared {
  ScoreMatrix matrix;
  ScoreDistribution distribution;
  std::int64_t ranks = 0;
  std::int64_t best = 0;           ///< score
  std::int32_t largest_loss = -1;  ///< of a site; -1: no window can be one
  std::vector<Reading> readings;   ///< forward, reverse

  Prepared(ScoreMatrix m, const BaseVector& background, const SiteOptions& options)
      : matrix(std::move(m)), distribution(matrix, background, options.p_value) {
    const auto threshold = distribution.threshold(options.p_value);
    if (!threshold) return;
    ranks = distribution.rank(*threshold) + 1;
    best = matrix.best();
    largest_loss = static_cast<std::int32_t>(best - *threshold);
    const std::vector<LossRow> forward = losses_of(matrix);
    const detail::SiteFilter filter = detail::make_filter(filter_rows(forward), largest_loss, background);
    readings.push_back({filter, forward});
    if (options.strands == ScanStrands::both)
      readings.push_back({detail::reversed(filter, matrix.width()), losses_of(reverse_complement(matrix))});
  }

  /// What a window loses; more than `largest_loss` as soon as it is known to.
  std::int32_t loss(const Reading& reading, const seq::Token* window) const {
    std::int32_t sum = 0;
    for (std::size_t w = 0; w < reading.losses.size(); ++w) {
      sum += reading.losses[w][window[w] & 7u];
      if (sum > largest_loss) break;
    }
    return sum;
  }
};

}  // namespace

struct SiteScanner::State {
  SiteOptions options;
  std::vector<Prepared> motifs;
  std::int64_t largest_width = 0;
  std::int64_t piece = kLongestPiece;
  detail::FindWindows find;

  State(std::vector<ScoreMatrix> matrices, const SiteOptions& o);

  void scan_piece(std::span<const seq::Token> tokens, std::int64_t windows, PieceWork& work, std::vector<Site>& sites) const;
  void sites_of(const Prepared& motif, std::int32_t number, std::span<const seq::Token> tokens, std::int64_t windows,
                const Stretch& stretch, PieceWork& work) const;
};

SiteScanner::State::State(std::vector<ScoreMatrix> matrices, const SiteOptions& o)
    : options(o), find(detail::find_windows(kernels::default_isa())) {
  check_background(o.background);
  if (!(o.p_value > 0 && o.p_value <= 1)) throw ArgumentError(format("p_value = {}; expected a number above 0, at most 1", o.p_value));
  const BaseVector background = o.strands == ScanStrands::both ? both_strands(o.background) : o.background;
  const auto count = static_cast<std::int64_t>(matrices.size());
  std::vector<std::optional<Prepared>> prepared(matrices.size());
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      prepared[i].emplace(std::move(matrices[i]), background, options);
  });
  for (auto& motif : prepared) {
    largest_width = std::max(largest_width, motif->matrix.width());
    motifs.push_back(std::move(*motif));
  }
  const double expected = o.p_value * static_cast<double>(std::max<std::int64_t>(1, count) * (o.strands == ScanStrands::both ? 2 : 1));
  while (piece > kShortestPiece && expected * static_cast<double>(piece) > kSitesOfPiece) piece /= 2;
}

void SiteScanner::State::sites_of(const Prepared& motif, std::int32_t number, std::span<const seq::Token> tokens, std::int64_t windows,
                                  const Stretch& stretch, PieceWork& work) const {
  const std::int64_t n = std::min(stretch.end - motif.matrix.width() + 1, windows) - stretch.begin;
  if (n <= 0) return;
  for (std::size_t r = 0; r < motif.readings.size(); ++r) {
    const Reading& reading = motif.readings[r];
    const std::uint8_t* codes = work.codes.data() + kFront + stretch.begin;
    const std::int64_t passing = find(reading.filter, codes, n, work.passing.data());
    for (std::int64_t i = 0; i < passing; ++i) {
      const std::int64_t start = stretch.begin + work.passing[static_cast<std::size_t>(i)];
      const std::int32_t loss = motif.loss(reading, tokens.data() + start);
      if (loss > motif.largest_loss) continue;
      const auto rank = static_cast<std::int32_t>(motif.distribution.rank(motif.best - loss));
      work.by_motif.push_back({start, number, rank, r == 1});
    }
  }
}

/// Sites of the windows that start at the first `windows` tokens.
void SiteScanner::State::scan_piece(std::span<const seq::Token> tokens, std::int64_t windows, PieceWork& work,
                                    std::vector<Site>& sites) const {
  fill_codes(tokens, largest_width, work.codes);
  work.passing.resize(static_cast<std::size_t>(windows));
  work.by_motif.clear();
  const std::vector<Stretch> parts = stretches(tokens);
  for (std::size_t m = 0; m < motifs.size(); ++m) {
    if (motifs[m].largest_loss < 0) continue;
    for (const Stretch& part : parts) sites_of(motifs[m], static_cast<std::int32_t>(m), tokens, windows, part, work);
  }
  order_by_start(work.by_motif, windows, work.counts, sites);
}

namespace {

std::vector<ScoreMatrix> matrices_of(const std::vector<MotifMatrix>& motifs, const SiteOptions& options) {
  const BaseVector b = options.strands == ScanStrands::both ? both_strands(options.background) : options.background;
  std::vector<ScoreMatrix> result;
  for (const MotifMatrix& motif : motifs)
    result.push_back(score_matrix(motif, {.pseudocount = options.pseudocount, .background = {b.begin(), b.end()}}, options.bin));
  return result;
}

}  // namespace

SiteScanner::SiteScanner(const std::vector<MotifMatrix>& motifs, const SiteOptions& options)
    : SiteScanner(matrices_of(motifs, options), options) {}

SiteScanner::SiteScanner(std::vector<ScoreMatrix> motifs, const SiteOptions& options)
    : state_(std::make_unique<State>(std::move(motifs), options)) {}

SiteScanner::~SiteScanner() = default;
SiteScanner::SiteScanner(SiteScanner&&) noexcept = default;

std::int64_t SiteScanner::motifs() const { return static_cast<std::int64_t>(state_->motifs.size()); }
std::int64_t SiteScanner::strands() const { return state_->options.strands == ScanStrands::both ? 2 : 1; }
std::int64_t SiteScanner::largest_width() const { return state_->largest_width; }
const ScoreMatrix& SiteScanner::matrix(std::int64_t motif) const { return state_->motifs.at(static_cast<std::size_t>(motif)).matrix; }
const ScoreDistribution& SiteScanner::distribution(std::int64_t motif) const {
  return state_->motifs.at(static_cast<std::size_t>(motif)).distribution;
}
std::int64_t SiteScanner::ranks(std::int64_t motif) const { return state_->motifs.at(static_cast<std::size_t>(motif)).ranks; }

double SiteScanner::score(const Site& site) const {
  const Prepared& motif = state_->motifs[static_cast<std::size_t>(site.motif)];
  return motif.distribution.scores()[static_cast<std::size_t>(site.rank)] * motif.matrix.bin;
}

double SiteScanner::p_value(const Site& site) const {
  return state_->motifs[static_cast<std::size_t>(site.motif)].distribution.p_values()[static_cast<std::size_t>(site.rank)];
}

void SiteScanner::scan(std::span<const seq::Token> tokens, const Consumer& consumer, std::int64_t first, std::int64_t end) const {
  const auto length = static_cast<std::int64_t>(tokens.size());
  const std::int64_t windows = end < 0 ? length : std::min(end, length);
  const std::int64_t piece = state_->piece;
  const std::int64_t pieces = (windows + piece - 1) / piece;
  std::vector<std::vector<Site>> found(static_cast<std::size_t>(std::min(pieces, kPiecesAtOnce)));
  for (std::int64_t round = 0; round < pieces; round += kPiecesAtOnce) {
    parallel_for(std::min(kPiecesAtOnce, pieces - round), 1, [&](std::int64_t begin, std::int64_t stop) {
      PieceWork work;
      for (std::int64_t p = begin; p < stop; ++p) {
        const std::int64_t from = (round + p) * piece, n = std::min(piece, windows - from);
        const std::int64_t to = std::min(length, from + n + state_->largest_width - 1);
        state_->scan_piece(tokens.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)), n, work,
                           found[static_cast<std::size_t>(p)]);
        for (Site& site : found[static_cast<std::size_t>(p)]) site.start += first + from;
      }
    });
    for (std::int64_t p = 0; p < std::min(kPiecesAtOnce, pieces - round); ++p)
      if (!found[static_cast<std::size_t>(p)].empty()) consumer(found[static_cast<std::size_t>(p)]);
  }
}

std::vector<Site> SiteScanner::scan(std::span<const seq::Token> tokens) const {
  std::vector<Site> all;
  scan(tokens, [&](std::span<const Site> sites) { all.insert(all.end(), sites.begin(), sites.end()); });
  return all;
}

}  // namespace basewise::motifs
