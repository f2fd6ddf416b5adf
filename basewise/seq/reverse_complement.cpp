#include "basewise/seq/reverse_complement.h"

#include <algorithm>

#include "basewise/seq/detail/lanes.h"
#include "basewise/seq/detail/letters.h"

namespace basewise::seq {
namespace {

template <class T>
void reverse_one_hot(std::span<T> values) {
  if (values.size() % 4 != 0) throw ArgumentError(format("a one-hot array holds 4 x L values, got {}", values.size()));
  // A C G T reversed is T G C A: reversing the whole channel-major array reverses both axes at
  // once.
  std::reverse(values.begin(), values.end());
}

void check_permutation(std::span<const std::int64_t> order) {
  std::vector<bool> seen(order.size(), false);
  for (const std::int64_t c : order) {
    if (c < 0 || c >= static_cast<std::int64_t>(order.size()) || seen[static_cast<std::size_t>(c)]) {
      throw ArgumentError(
          format("channel order [{}] is no permutation of 0 to {}", fmt::join(order, ", "), static_cast<std::int64_t>(order.size()) - 1));
    }
    seen[static_cast<std::size_t>(c)] = true;
  }
}

// The order of channels that come in pairs (+, -): 1, 0, 3, 2, ...; a single channel has no strand.
std::vector<std::int64_t> swapped_strands(std::int64_t channels) {
  if (channels == 1) return {0};
  if (channels < 1 || channels % 2 != 0) {
    throw ArgumentError(format("{} channels do not pair into strands (+, -); give the channel order of the other strand", channels));
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(channels));
  for (std::size_t c = 0; c < order.size(); ++c) order[c] = static_cast<std::int64_t>(c ^ 1u);
  return order;
}

}  // namespace

char complement(char letter) {
  const char other = detail::kComplement[static_cast<unsigned char>(letter)];
  if (other == 0) throw DataError(format("letter '{}' is no nucleotide and has no complement", letter));
  return other;
}

std::string reverse_complement(std::string_view letters) {
  std::string result(letters.size(), 'N');
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const char other = detail::kComplement[static_cast<unsigned char>(letters[i])];
    if (other == 0) throw DataError(format("letter '{}' at position {} is no nucleotide and has no complement", letters[i], i + 1));
    result[letters.size() - 1 - i] = other;
  }
  return result;
}

void reverse_complement_in_place(std::span<Token> tokens) {
  std::reverse(tokens.begin(), tokens.end());
  for (Token& t : tokens) t = complement(t);
}

std::vector<Token> reverse_complement(std::span<const Token> tokens) {
  std::vector<Token> result(tokens.size());
  detail::reverse_complement(tokens.data(), tokens.size(), result.data());
  return result;
}

void reverse_complement_one_hot(std::span<float> values) { reverse_one_hot(values); }
void reverse_complement_one_hot(std::span<std::int8_t> values) { reverse_one_hot(values); }

void reverse_complement_profile(std::span<const float> values, std::span<const std::int64_t> order, std::span<float> out) {
  check_permutation(order);
  if (order.empty() || values.size() % order.size() != 0 || values.size() != out.size()) {
    throw ArgumentError(format("a profile of {} channels needs equal arrays of {} x L values, got {} and {}", order.size(), order.size(),
                               values.size(), out.size()));
  }
  const std::size_t length = values.size() / order.size();
  for (std::size_t c = 0; c < order.size(); ++c) {
    const auto row = values.subspan(static_cast<std::size_t>(order[c]) * length, length);
    std::reverse_copy(row.begin(), row.end(), out.begin() + static_cast<std::ptrdiff_t>(c * length));
  }
}

std::vector<float> reverse_complement_profile(std::span<const float> values, std::int64_t channels) {
  std::vector<float> out(values.size());
  reverse_complement_profile(values, swapped_strands(channels), out);
  return out;
}

}  // namespace basewise::seq
