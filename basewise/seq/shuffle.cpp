#include "basewise/seq/shuffle.h"

#include <algorithm>
#include <array>
#include <utility>

#include "basewise/core/parallel.h"

namespace basewise::seq {
namespace {

constexpr std::size_t kSymbols = 5;
using Counts = std::array<std::array<std::uint32_t, kSymbols>, kSymbols>;

// Draws that are 16 bits wide serve up to this many choices; above, 64 bits are drawn.
constexpr std::uint32_t kNarrow = 4096;

// Unbiased small numbers, two out of each 32-bit word of a stream. Words are fetched many at a
// time; `used` says how many were needed.
class SmallDraws {
 public:
  explicit SmallDraws(const Stream& stream) : ahead_(stream) {}

  // Uniform in [0, n), by Lemire's multiply and reject.
  std::uint32_t below(std::uint32_t n) { return n <= kNarrow ? narrow(n) : wide(n); }

  std::uint32_t narrow(std::uint32_t n) {
    std::uint32_t product = half() * n;
    if ((product & 0xffffu) < n) [[unlikely]] {
      const std::uint32_t floor = (0x10000u - n) % n;
      while ((product & 0xffffu) < floor) product = half() * n;
    }
    return product >> 16;
  }

  // Words used so far; halves, when all draws were narrow.
  std::uint64_t used() const { return fetched_ - (kWords - at_); }
  std::uint64_t halves() const { return 2 * used() - (upper_ ? 1 : 0); }

 private:
  static constexpr std::size_t kWords = 16;

  std::uint32_t half() {
    if (!upper_) word_ = next();
    upper_ = !upper_;
    const std::uint32_t value = word_ & 0xffffu;
    word_ >>= 16;
    return value;
  }

  std::uint32_t next() {
    if (at_ == kWords) [[unlikely]] {
      ahead_.fill(words_);
      fetched_ += kWords;
      at_ = 0;
    }
    return words_[at_++];
  }

  // As Stream::below.
  std::uint32_t wide(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    const auto bits = [&] {
      const std::uint64_t first = next();
      return first << 32 | next();
    };
    Wide product = static_cast<Wide>(bits()) * n;
    while (static_cast<std::uint64_t>(product) < n && static_cast<std::uint64_t>(product) < (0 - n) % n)
      product = static_cast<Wide>(bits()) * n;
    return static_cast<std::uint32_t>(product >> 64);
  }

  Stream ahead_;
  std::array<std::uint32_t, kWords> words_;
  std::size_t at_ = kWords;
  std::uint64_t fetched_ = 0;
  std::uint32_t word_ = 0;
  bool upper_ = false;  // the upper half of word_ is still to be used
};

// An exit drawn in proportion to the counts. Sums and comparisons without a branch:
// the outcome cannot be predicted.
Token draw_exit(const std::array<std::uint32_t, kSymbols>& exits, std::uint32_t total, SmallDraws& draws) {
  const std::uint32_t drawn = draws.below(total);
  unsigned to = 0;
  std::uint32_t sum = 0;
  for (std::size_t b = 0; b + 1 < kSymbols; ++b) {
    sum += exits[b];
    to += drawn >= sum;
  }
  return static_cast<Token>(to);
}

}  // namespace

struct DinucleotideShuffler::Plan {
  std::vector<Token> tokens;
  Counts counts{};                              // counts[a][b]: how often b follows a
  Counts leaving{};                             // the same without a = b: a letter cannot be left for itself
  std::array<std::uint32_t, kSymbols> total{};  // exits of each letter
  std::array<std::uint32_t, kSymbols> total_leaving{};

  explicit Plan(std::span<const Token> of);
  std::array<Token, kSymbols> last_exits(SmallDraws& draws) const;
  bool has_gaps() const { return total[kN] > 0 || tokens.back() == kN; }
  bool packs() const { return *std::max_element(total.begin(), total.end()) <= kNarrow; }
  std::uint64_t walk(const Stream& stream, std::span<Token> out) const;
};

DinucleotideShuffler::Plan::Plan(std::span<const Token> of) : tokens(of.begin(), of.end()) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] > kN) throw ArgumentError(format("token {} at position {}; expected 0 to 4", tokens[i], i + 1));
    if (i > 0) ++counts[tokens[i - 1]][tokens[i]];
  }
  for (std::size_t a = 0; a < kSymbols; ++a) {
    for (std::size_t b = 0; b < kSymbols; ++b) {
      total[a] += counts[a][b];
      if (a != b) leaving[a][b] = counts[a][b], total_leaving[a] += counts[a][b];
    }
  }
}

// Wilson 1996: a random walk along the edges until the tree is met; the last exit of each visited
// letter is what remains after its loops.
std::array<Token, kSymbols> DinucleotideShuffler::Plan::last_exits(SmallDraws& draws) const {
  std::array<Token, kSymbols> exit{};
  std::array<bool, kSymbols> in_tree{};
  in_tree[tokens.back()] = true;
  for (Token start = 0; start < kSymbols; ++start) {
    if (total_leaving[start] == 0) continue;
    for (Token at = start; !in_tree[at]; at = exit[at]) exit[at] = draw_exit(leaving[at], total_leaving[at], draws);
    for (Token at = start; !in_tree[at]; at = exit[at]) in_tree[at] = true;
  }
  return exit;
}

// Any sequence of at least 4 bases. Returns the words that were drawn.
std::uint64_t DinucleotideShuffler::Plan::walk(const Stream& stream, std::span<Token> out) const {
  SmallDraws draws(stream);
  const std::array<Token, kSymbols> exit = last_exits(draws);
  Counts left = counts;
  std::array<std::uint32_t, kSymbols> exits = total;
  for (Token a = 0; a < kSymbols; ++a) {
    if (a != tokens.back() && exits[a] > 0) --left[a][exit[a]], --exits[a];
  }
  // Drawing the next exit without replacement is the same as walking along lists that were shuffled
  // before.
  Token at = tokens.front();
  out[0] = at;
  for (std::size_t i = 1; i < out.size(); ++i) {
    Token next = exit[at];
    if (exits[at] > 0) {
      next = draw_exit(left[at], exits[at], draws);
      --left[at][next];
      --exits[at];
    }
    out[i] = at = next;
  }
  return draws.used();
}

namespace {

// A walk over packed exits. The exits of a letter are four running sums of 16 bits in one word (A,
// A + C, ...), so that one subtraction compares a draw with all of them;
// draws are fetched before, as halves of words.
template <class Plan>
class PackedWalk {
 public:
  // Draws that may be rejected. A walk that needs more is walked the slow way, from the beginning.
  static constexpr std::size_t kSpare = 256;

  // What changes from step to step; small enough for registers.
  struct Place {
    const std::uint16_t* next;  // draw
    std::uint64_t at;           // letter
  };

  PackedWalk(const Plan& plan, const Stream& stream) : plan_(plan), stream_(stream) {
    SmallDraws draws(stream);
    last_ = plan.last_exits(draws);
    begun_ = draws.halves();
    for (std::size_t a = 0; a < kSymbols; ++a) {
      std::array<std::uint32_t, kSymbols> counts = plan.counts[a];
      if (a != plan.tokens.back() && plan.total[a] > 0) --counts[last_[a]];
      std::uint64_t sum = 0;
      for (std::size_t b = 0; b + 1 < kSymbols; ++b) sums_[a] |= (sum += counts[b]) << (16 * b);
      gaps_[a] = counts[kN];
    }
  }

  Place start(std::vector<std::uint16_t>& halves) const {
    halves.resize(plan_.tokens.size() + kSpare + 2);
    std::array<std::uint32_t, 256> words;
    Stream ahead = stream_;
    ahead.discard(begun_ / 2);
    for (std::size_t i = 0; i < halves.size();) {
      const std::size_t count = std::min(words.size(), (halves.size() - i + 1) / 2);
      ahead.fill(std::span(words).first(count));
      for (std::size_t k = 0; k < count; ++k) {
        halves[i++] = static_cast<std::uint16_t>(words[k]);
        if (i < halves.size()) halves[i++] = static_cast<std::uint16_t>(words[k] >> 16);
      }
    }
    return {halves.data() + begun_ % 2, plan_.tokens.front()};
  }

  // `kGaps`: there are letters N, which the four sums do not count.
  template <bool kGaps>
  Token step(Place& place) {
    const std::uint64_t sums = sums_[place.at];
    const auto total = static_cast<std::uint32_t>(sums >> 48) + (kGaps ? gaps_[place.at] : 0);
    if (total == 0) [[unlikely]] return static_cast<Token>(place.at = last_[place.at]);
    std::uint32_t product = *place.next++ * total;
    if ((product & 0xffffu) < total) [[unlikely]] product = settle(product, total, place);
    const std::uint64_t reached = ((product >> 16) * kOnes | kTops) - sums;  // top bit of a lane: the draw is not below its sum
    const std::uint64_t above = reached & kTops;
    sums_[place.at] = sums - ((above ^ kTops) >> 15);
    const std::uint64_t to = (above >> 15) * kOnes >> 48;
    if constexpr (kGaps) gaps_[place.at] -= to == kN;
    return static_cast<Token>(place.at = to);
  }

  // Words drawn in all, once the walk is done; `out` is mended where there were too few.
  std::uint64_t finish(const Place& place, const std::vector<std::uint16_t>& halves, std::span<Token> out) const {
    if (spare_ == 0) return plan_.walk(stream_, out);
    const auto drawn = static_cast<std::uint64_t>(place.next - halves.data()) + begun_ / 2 * 2;
    return (drawn + 1) / 2;
  }

 private:
  static constexpr std::uint64_t kOnes = 0x0001000100010001u;
  static constexpr std::uint64_t kTops = 0x8000800080008000u;

  std::uint32_t settle(std::uint32_t product, std::uint32_t total, Place& place) {
    const std::uint32_t floor = (0x10000u - total) % total;
    for (; (product & 0xffffu) < floor && spare_ > 0; --spare_) product = *place.next++ * total;
    return product;
  }

  const Plan& plan_;
  const Stream& stream_;
  std::uint64_t begun_ = 0;  // halves that the last exits took
  std::size_t spare_ = kSpare;
  std::array<std::uint64_t, kSymbols> sums_{};
  std::array<std::uint32_t, kSymbols> gaps_{};
  std::array<Token, kSymbols> last_{};
};

// `kWays` walks side by side, because each step waits for the one before it.
// Returns the words that each of them drew.
template <bool kGaps, class Plan, std::size_t kWays>
std::array<std::uint64_t, kWays> walk_packed(const Plan& plan, const std::array<Stream, kWays>& streams, Token* out) {
  const std::size_t length = plan.tokens.size();
  std::array<std::vector<std::uint16_t>, kWays> halves;
  return [&]<std::size_t... k>(std::index_sequence<k...>) {
    std::array<PackedWalk<Plan>, kWays> walks{PackedWalk<Plan>(plan, streams[k])...};
    std::array<typename PackedWalk<Plan>::Place, kWays> places{walks[k].start(halves[k])...};
    ((out[k * length] = plan.tokens.front()), ...);
    for (std::size_t i = 1; i < length; ++i) ((out[k * length + i] = walks[k].template step<kGaps>(places[k])), ...);
    return std::array<std::uint64_t, kWays>{walks[k].finish(places[k], halves[k], std::span(out + k * length, length))...};
  }(std::make_index_sequence<kWays>());
}

template <class Plan, std::size_t kWays>
std::array<std::uint64_t, kWays> walk_packed(const Plan& plan, const std::array<Stream, kWays>& streams, Token* out) {
  return plan.has_gaps() ? walk_packed<true>(plan, streams, out) : walk_packed<false>(plan, streams, out);
}

}  // namespace

DinucleotideShuffler::DinucleotideShuffler(std::span<const Token> tokens) : plan_(std::make_unique<const Plan>(tokens)) {}
DinucleotideShuffler::~DinucleotideShuffler() = default;
DinucleotideShuffler::DinucleotideShuffler(DinucleotideShuffler&&) noexcept = default;
DinucleotideShuffler& DinucleotideShuffler::operator=(DinucleotideShuffler&&) noexcept = default;

std::size_t DinucleotideShuffler::length() const { return plan_->tokens.size(); }

void DinucleotideShuffler::operator()(Stream& stream, std::span<Token> out) const {
  const std::size_t length = plan_->tokens.size();
  if (out.size() != length) throw ArgumentError(format("dinucleotide shuffle of {} bases into an array of {}", length, out.size()));
  if (length < 4) {
    std::copy(plan_->tokens.begin(), plan_->tokens.end(), out.begin());
    return;
  }
  stream.discard(plan_->packs() ? walk_packed(*plan_, std::array{stream}, out.data())[0] : plan_->walk(stream, out));
}

void DinucleotideShuffler::many(const Stream& stream, std::int64_t first, std::int64_t count, std::span<Token> out) const {
  const std::size_t length = plan_->tokens.size();
  if (count < 0 || out.size() != length * static_cast<std::size_t>(count))
    throw ArgumentError(format("{} dinucleotide shuffles of {} bases into an array of {}", count, length, out.size()));
  const auto child = [&](std::int64_t k) { return stream.fork(static_cast<std::uint64_t>(first + k)); };
  std::int64_t k = 0;
  if (length >= 4 && plan_->packs()) {
    for (; k + 4 <= count; k += 4)
      walk_packed(*plan_, std::array{child(k), child(k + 1), child(k + 2), child(k + 3)},
                  out.data() + static_cast<std::size_t>(k) * length);
  }
  for (; k < count; ++k) {
    Stream own = child(k);
    (*this)(own, out.subspan(static_cast<std::size_t>(k) * length, length));
  }
}

std::vector<Token> shuffle(std::span<const Token> tokens, Stream& stream) {
  std::vector<Token> result(tokens.begin(), tokens.end());
  stream.shuffle(std::span<Token>(result));
  return result;
}

std::vector<Token> dinucleotide_shuffle(std::span<const Token> tokens, Stream& stream) {
  std::vector<Token> result(tokens.size());
  const DinucleotideShuffler shuffler(tokens);
  shuffler(stream, result);
  return result;
}

std::vector<Token> dinucleotide_shuffles(std::span<const Token> tokens, std::int64_t count, const Stream& stream) {
  if (count < 0) throw ArgumentError(format("{} shuffles; expected a number of at least 0", count));
  const DinucleotideShuffler shuffler(tokens);
  std::vector<Token> all(tokens.size() * static_cast<std::size_t>(count));
  shuffler.many(stream, 0, count, all);
  return all;
}

void dinucleotide_shuffles(std::span<const Token> tokens, std::size_t length, std::int64_t count, const Stream& stream,
                           std::span<Token> out) {
  if (length == 0 || tokens.size() % length != 0 || count < 0 || out.size() != tokens.size() * static_cast<std::size_t>(count))
    throw ArgumentError(format(
        "{} shuffles each of {} tokens in sequences of {} into an array of {}; expected whole sequences and {} places",
        count, tokens.size(), length, out.size(),
        tokens.size() * static_cast<std::size_t>(std::max<std::int64_t>(count, 0))));
  const std::size_t block = length * static_cast<std::size_t>(count);
  // About a tenth of a millisecond is worth handing to another thread.
  const auto grain = static_cast<std::int64_t>(std::max<std::size_t>(1, 32768 / std::max<std::size_t>(1, block)));
  parallel_for(static_cast<std::int64_t>(tokens.size() / length), grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto row = static_cast<std::size_t>(i);
      DinucleotideShuffler(tokens.subspan(row * length, length))
          .many(stream.fork(static_cast<std::uint64_t>(i)), 0, count, out.subspan(row * block, block));
    }
  });
}

}  // namespace basewise::seq
