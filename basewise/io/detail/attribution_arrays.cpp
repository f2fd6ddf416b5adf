#include "basewise/io/detail/attribution_arrays.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "basewise/io/detail/convert_numbers.h"

namespace basewise::io::detail {

namespace {

constexpr std::int64_t kBatch = std::int64_t{16} << 20;  // bytes of float of a batch
constexpr std::int64_t kChannels = seq::kChannels;

// How the axes lie.
struct Axes {
  std::int64_t examples = 0;
  std::int64_t length = 0;
  bool channel_major = true;
};

Axes axes_of(const RowArray& array) {
  const auto& shape = array.shape;
  const auto bad = [&](const std::string& why) { throw DataError(format("{} has shape {}; {}", array.where, shape_text(shape), why)); };
  if (shape.size() != 3) bad("(examples, 4, positions) or (examples, positions, 4) was expected");
  if (shape[1] == kChannels && shape[2] == kChannels) bad("with both last axes 4 it cannot be told which are the letters; add positions");
  if (shape[1] != kChannels && shape[2] != kChannels) bad("an axis of 4 letters was expected, second or last");
  if (shape[0] == 0) bad("there are no examples");
  const bool channel_major = shape[1] == kChannels;
  const std::int64_t length = channel_major ? shape[2] : shape[1];
  if (length == 0) bad("there are no positions");
  return {shape[0], length, channel_major};
}

// A batch of examples as (n, 4, L).
class Batch {
 public:
  Batch(const RowArray& array, Axes axes) : array_(array), axes_(axes) {}

  const float* read(std::int64_t begin, std::int64_t end) {
    const auto size = static_cast<std::size_t>((end - begin) * kChannels * axes_.length);
    raw_.resize(size);
    array_.read(begin, end, raw_);
    if (axes_.channel_major) return raw_.data();
    turned_.resize(size);
    const std::int64_t length = axes_.length;
    for (std::int64_t e = 0; e < end - begin; ++e) {
      const float* from = raw_.data() + e * kChannels * length;
      float* to = turned_.data() + e * kChannels * length;
      for (std::int64_t i = 0; i < length; ++i)
        for (std::int64_t c = 0; c < kChannels; ++c) to[c * length + i] = from[i * kChannels + c];
    }
    return turned_.data();
  }

 private:
  const RowArray& array_;
  Axes axes_;
  std::vector<float> raw_;
  std::vector<float> turned_;
};

// One example, channel-major, and the window of it that is kept.
struct Example {
  const float* values;
  std::int64_t index;   // among all examples
  std::int64_t length;  // of the example
  const float* row(std::int64_t c) const { return values + c * length; }
};

[[noreturn]] void throw_no_one_hot(const RowArray& array, const Example& x) {
  for (std::int64_t i = 0; i < x.length; ++i) {
    std::array<float, kChannels> column{};
    for (std::size_t c = 0; c < column.size(); ++c) column[c] = x.row(static_cast<std::int64_t>(c))[i];
    const auto ones = std::count(column.begin(), column.end(), 1.0f), zeros = std::count(column.begin(), column.end(), 0.0f);
    if (ones <= 1 && ones + zeros == kChannels) continue;
    throw DataError(format("{} holds {} at example {}, position {}; one 1 and three 0, or four 0 for N, were expected", array.where,
                           fmt::join(column, " "), x.index, i));
  }
  throw InternalError("a column that is one-hot was taken for another");
}

// Tokens of the window; every column of the example is checked.
void to_tokens(const RowArray& array, const Example& x, Window window, seq::Token* tokens) {
  const float *a = x.row(0), *c = x.row(1), *g = x.row(2), *t = x.row(3);
  bool good = true;
  for (std::int64_t i = 0; i < x.length; ++i) {
    const float sum = a[i] + c[i] + g[i] + t[i], squares = a[i] * a[i] + c[i] * c[i] + g[i] * g[i] + t[i] * t[i];
    const float least = std::min(std::min(a[i], c[i]), std::min(g[i], t[i]));
    // Numbers from 0 whose sum is 1 or 0 and whose squares add up to the same are one 1 at most.
    good &= (sum == 1.0f || sum == 0.0f) && squares == sum && least >= 0.0f;
  }
  if (!good) throw_no_one_hot(array, x);
  for (std::int64_t i = 0; i < window.length; ++i) {
    const std::int64_t p = window.from + i;
    const float sum = a[p] + c[p] + g[p] + t[p];
    tokens[i] = static_cast<seq::Token>(static_cast<int>(c[p] + 2.0f * g[p] + 3.0f * t[p] + 4.0f * (1.0f - sum)));
  }
}

void check_finite(const RowArray& array, const Example& x) {
  bool good = true;
  for (std::int64_t i = 0; i < kChannels * x.length; ++i) good &= std::fabs(x.values[i]) <= std::numeric_limits<float>::max();
  if (good) return;
  for (std::int64_t i = 0; i < kChannels * x.length; ++i)
    if (!std::isfinite(x.values[i]))
      throw DataError(format("{} holds {} at example {}, letter {}, position {}; attributions are finite numbers{}", array.where,
                             x.values[i], x.index, seq::kLetters[static_cast<std::size_t>(i / x.length)], i % x.length,
                             std::isinf(x.values[i]) ? " (float16 ends at 65,504: write float32)" : ""));
}

// What the scores of an example are like.
struct Seen {
  bool off_letters = false;  // some score of a letter that is not there differs from 0
  bool any = false;          // some score differs from 0
  std::int64_t example = 0;  // of the first such score
  std::int64_t position = 0;
};

void take_scores(const Example& x, Window window, const seq::Token* tokens, float* contributions, float* hypothetical, Seen& seen) {
  for (std::int64_t i = 0; i < window.length; ++i) contributions[i] = tokens[i] == seq::kN ? 0.0f : x.row(tokens[i])[window.from + i];
  bool off = false, any = false;
  for (std::int64_t c = 0; c < kChannels; ++c) {
    const float* row = x.row(c) + window.from;
    std::copy_n(row, window.length, hypothetical + c * window.length);
    for (std::int64_t i = 0; i < window.length; ++i) {
      any |= row[i] != 0.0f;
      off |= row[i] != 0.0f && tokens[i] != c;
    }
  }
  seen.any |= any;
  if (!off || seen.off_letters) return;
  seen.off_letters = true;
  seen.example = x.index;
  const auto off_at = [&](std::int64_t i) {
    for (std::int64_t c = 0; c < kChannels; ++c)
      if (x.row(c)[window.from + i] != 0.0f && tokens[i] != c) return true;
    return false;
  };
  std::int64_t i = 0;
  while (!off_at(i)) ++i;
  seen.position = window.from + i;
}

Window window_of(const RowArray& array, std::int64_t length, std::int64_t wanted) {
  if (wanted < 0) throw ArgumentError(format("a window of {} positions; 0 takes all", wanted));
  if (wanted > length)
    throw DataError(format("{} has examples of {} positions; a window of {} does not lie inside", array.where, length, wanted));
  return wanted == 0 ? Window{0, length} : Window{(length - wanted) / 2, wanted};
}

}  // namespace

RowArray rows_of(const H5File& file, const std::string& data_set) {
  return {
      format("{}: data set '{}'", file.path().string(), data_set), file.info(data_set).shape,
      [&file, data_set](std::int64_t begin, std::int64_t end, std::span<float> out) { file.read_rows<float>(data_set, begin, end, out); }};
}

RowArray rows_of(Array array, const std::string& where) {
  const auto shared = std::make_shared<const Array>(std::move(array));
  if (!convertible(shared->dtype, DType::f32)) throw DataError(format("{} holds {}; numbers were expected", where, name(shared->dtype)));
  return {where, shared->shape, [shared, where](std::int64_t begin, std::int64_t end, std::span<float> out) {
            const std::size_t row = out.size() / static_cast<std::size_t>(end - begin) * size_of(shared->dtype);
            const auto raw =
                std::span(shared->bytes).subspan(static_cast<std::size_t>(begin) * row, static_cast<std::size_t>(end - begin) * row);
            if (const std::int64_t bad = convert_numbers<float>(shared->dtype, raw, out); bad >= 0)
              throw DataError(format("{}: element {} of example {} does not fit float32", where, bad, begin));
          }};
}

Assembled assemble(const RowArray& sequences, const RowArray& scores, std::int64_t window, std::optional<bool> hypothetical) {
  const Axes letters = axes_of(sequences), numbers = axes_of(scores);
  if (letters.examples != numbers.examples || letters.length != numbers.length)
    throw DataError(format("{} has {} examples of {} positions, but {} has {} of {}; they must be of the same sequences", sequences.where,
                           letters.examples, letters.length, scores.where, numbers.examples, numbers.length));
  const std::int64_t n = letters.examples, length = letters.length;
  Assembled out{.full_length = length, .window = window_of(sequences, length, window)};
  const std::int64_t kept = out.window.length;
  motifs::AttributionSet& set = out.set;
  set.examples = n;
  set.length = kept;
  set.tokens.resize(static_cast<std::size_t>(n * kept));
  set.contributions.resize(static_cast<std::size_t>(n * kept));
  set.hypothetical.resize(static_cast<std::size_t>(n * kChannels * kept));
  Batch one_hot(sequences, letters), values(scores, numbers);
  Seen seen;
  const std::int64_t step = std::max<std::int64_t>(kBatch / (kChannels * length * static_cast<std::int64_t>(sizeof(float))), 1);
  for (std::int64_t begin = 0; begin < n; begin += step) {
    const std::int64_t end = std::min(begin + step, n);
    const float *bases = one_hot.read(begin, end), *attributions = values.read(begin, end);
    for (std::int64_t e = begin; e < end; ++e) {
      const Example base{bases + (e - begin) * kChannels * length, e, length},
          score{attributions + (e - begin) * kChannels * length, e, length};
      seq::Token* tokens = set.tokens.data() + e * kept;
      to_tokens(sequences, base, out.window, tokens);
      check_finite(scores, score);
      take_scores(score, out.window, tokens, set.contributions.data() + e * kept, set.hypothetical.data() + e * kChannels * kept, seen);
    }
  }
  if (hypothetical == false && seen.off_letters)
    throw DataError(
        format("{} should hold attributions of the letters that are there, but example {}, position {} has one of another letter",
               scores.where, seen.example, seen.position));
  if (!seen.off_letters) std::vector<float>().swap(set.hypothetical);
  out.all_zero = !seen.any;
  return out;
}

}  // namespace basewise::io::detail
