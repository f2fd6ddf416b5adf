#include "basewise/nn/detail/symmetry.h"

#include "basewise/core/error.h"

namespace basewise::nn::detail {
namespace {

std::string how_it_moves(const Activation& input) {
  const std::string text = input.symmetry.to_string(input.shape.channels);
  return text.empty() ? "nothing that is known" : text;
}

}  // namespace

void need_positions(const Shape& input) {
  if (!input.positions)
    throw ShapeError(format("got {}, expected (N, channels, length): this layer works along positions", input.to_string()));
}

void need_pairs(const Activation& input) {
  const Symmetry& s = input.symmetry;
  const std::string_view wanted = "expected channels c and C - 1 - c to be a reverse-complement pair";
  if (s.is(Symmetry::Moves::complemented)) {
    if (input.shape.channels % 2 == 0) return;
    throw ShapeError(format("got {}, {}: the number of channels must be even", input.shape.to_string(), wanted));
  }
  if (!s.is(Symmetry::Moves::none))
    throw ShapeError(format("got {}, which is {} under reverse complement; {}: put this layer before the one that changes that",
                            input.shape.to_string(), how_it_moves(input), wanted));
  if (s.lost.empty())
    throw ShapeError(
        format("got {}, {}; it is not known how the input moves: say strands = \"complemented\" where it is declared, if it does",
               input.shape.to_string(), wanted));
  throw ShapeError(
      format("got {}, {}; that was lost at {}: use the reverse-complement form of that layer (rc_conv, rc_batch_norm, rc_dense), or put "
             "the layers up to here into an rc_wrap",
             input.shape.to_string(), wanted, s.lost));
}

void check_even_cut(const Activation& input, std::int64_t left, std::int64_t right, std::string_view what) {
  if (!guards(input) || left == right) return;
  throw ShapeError(format(
      "got {}, equal on both strands ({}), but {} cut {} positions at the left and {} at the right, which ends that: cut both ends alike "
      "({} or {} each)",
      input.shape.to_string(), how_it_moves(input), what, left, right, std::min(left, right), std::max(left, right)));
}

bool Windows::even(std::int64_t length) const {
  if (pad_left != pad_right) return false;
  return stride == 1 || (length != Shape::kVaries && (length + pad_left + pad_right - span) % stride == 0);
}

void Windows::check(const Shape& input) const {
  if (pad_left != pad_right)
    throw ShapeError(format(
        "got {}; padding of {} positions at the left and {} at the right treats the strands unlike: use padding = \"valid\", or a width "
        "of {} or {}",
        input.to_string(), pad_left, pad_right, span - 1, span + 1));
  if (input.length == Shape::kVaries || even(input.length)) return;
  const std::int64_t rest = (input.length + pad_left + pad_right - span) % stride;
  const std::int64_t less = input.length - rest, more = less + stride;
  const std::string both = less + pad_left + pad_right >= span
                               ? format("{} positions ({} fewer) or {} ({} more) work", less, rest, more, stride - rest)
                               : format("{} positions ({} more) work", more, stride - rest);
  throw ShapeError(
      format("got {}; windows over {} positions every {} leave {} at the right end alone, so that the strands would be treated unlike: {}",
             input.to_string(), span, stride, rest, both));
}

}  // namespace basewise::nn::detail
