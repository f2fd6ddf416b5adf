#include "basewise/seq/shuffle.h"

#include <algorithm>
#include <array>

namespace basewise::seq {
namespace {

constexpr std::size_t kSymbols = 5;
using Counts = std::array<std::array<std::uint32_t, kSymbols>, kSymbols>;

// Unbiased small numbers, two out of each 32-bit draw: the shuffle needs one per base and spends most of its time on them.
class SmallDraws {
 public:
  explicit SmallDraws(Stream& stream) : stream_(stream) {}

  // Uniform in [0, n), by Lemire's multiply and reject.
  std::uint32_t below(std::uint32_t n) { return n <= 4096 ? narrow(n) : static_cast<std::uint32_t>(stream_.below(n)); }

 private:
  std::uint32_t narrow(std::uint32_t n) {
    std::uint32_t product = half() * n;
    if ((product & 0xffffu) < n) {
      const std::uint32_t floor = (0x10000u - n) % n;
      while ((product & 0xffffu) < floor) product = half() * n;
    }
    return product >> 16;
  }

  std::uint32_t half() {
    if (left_ == 0) word_ = stream_(), left_ = 2;
    const std::uint32_t value = word_ & 0xffffu;
    word_ >>= 16;
    --left_;
    return value;
  }

  Stream& stream_;
  std::uint32_t word_ = 0;
  int left_ = 0;
};

// An exit drawn in proportion to the counts. Sums and comparisons without a branch: the outcome cannot be predicted.
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

  std::array<Token, kSymbols> last_exits(SmallDraws& draws) const;
};

// Wilson 1996: a random walk along the edges until the tree is met; the last exit of each visited letter is what remains after its loops.
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

DinucleotideShuffler::DinucleotideShuffler(std::span<const Token> tokens) {
  auto plan = std::make_unique<Plan>();
  plan->tokens.assign(tokens.begin(), tokens.end());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] > kN) throw ArgumentError(format("token {} at position {}; expected 0 to 4", tokens[i], i + 1));
    if (i > 0) ++plan->counts[tokens[i - 1]][tokens[i]];
  }
  for (std::size_t a = 0; a < kSymbols; ++a) {
    for (std::size_t b = 0; b < kSymbols; ++b) {
      plan->total[a] += plan->counts[a][b];
      if (a != b) plan->leaving[a][b] = plan->counts[a][b], plan->total_leaving[a] += plan->counts[a][b];
    }
  }
  plan_ = std::move(plan);
}

DinucleotideShuffler::~DinucleotideShuffler() = default;
DinucleotideShuffler::DinucleotideShuffler(DinucleotideShuffler&&) noexcept = default;
DinucleotideShuffler& DinucleotideShuffler::operator=(DinucleotideShuffler&&) noexcept = default;

std::size_t DinucleotideShuffler::length() const { return plan_->tokens.size(); }

void DinucleotideShuffler::operator()(Stream& stream, std::span<Token> out) const {
  const Plan& plan = *plan_;
  const std::size_t length = plan.tokens.size();
  if (out.size() != length) throw ArgumentError(format("dinucleotide shuffle of {} bases into an array of {}", length, out.size()));
  if (length < 4) {
    std::copy(plan.tokens.begin(), plan.tokens.end(), out.begin());
    return;
  }
  SmallDraws draws(stream);
  const std::array<Token, kSymbols> exit = plan.last_exits(draws);
  Counts counts = plan.counts;
  std::array<std::uint32_t, kSymbols> total = plan.total;
  const Token final = plan.tokens.back();
  for (Token a = 0; a < kSymbols; ++a) {
    if (a != final && total[a] > 0) --counts[a][exit[a]], --total[a];
  }
  // Drawing the next exit without replacement is the same as walking along lists that were shuffled before.
  Token at = plan.tokens.front();
  out[0] = at;
  for (std::size_t i = 1; i < length; ++i) {
    Token next = exit[at];
    if (total[at] > 0) {
      next = draw_exit(counts[at], total[at], draws);
      --counts[at][next];
      --total[at];
    }
    out[i] = at = next;
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
  for (std::int64_t k = 0; k < count; ++k) {
    Stream child = stream.fork(static_cast<std::uint64_t>(k));
    shuffler(child, std::span<Token>(all).subspan(static_cast<std::size_t>(k) * tokens.size(), tokens.size()));
  }
  return all;
}

}  // namespace basewise::seq
