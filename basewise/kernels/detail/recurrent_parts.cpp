#include "basewise/kernels/detail/recurrent_parts.h"

#include "basewise/core/error.h"

namespace basewise::kernels::detail {
namespace {

// Examples of a piece at most: enough that weights, which no cache near a core holds, are read for
// many rows, and few enough that there are pieces for all threads.
// A multiple of the rows of a tile.
constexpr Index kExamples = 48;
constexpr Index kTile = 12;

}  // namespace

void check(const RecurrentShape& s, const RecurrentWeights (&weights)[2], const RecurrentStart& start) {
  if (s.batch < 0 || s.length < 0 || s.channels < 1 || s.units < 1)
    throw ArgumentError(format("recurrent layer: ({}, {}, {}) to {} units is no shape that fits", s.batch, s.length, s.channels, s.units));
  for (Index d = 0; d < s.directions(); ++d)
    if (weights[d].weight == nullptr || weights[d].recurrent == nullptr)
      throw ArgumentError(format("recurrent layer: direction {} has no weights", d));
  if (start.cell != nullptr && s.cell != RecurrentCell::lstm)
    throw ArgumentError("recurrent layer: only an LSTM has a cell state to start from");
}

RecurrentLayout::RecurrentLayout(const RecurrentShape& shape) : s_(shape) {
  pieces_ = std::max<Index>(1, ceil_div(s_.batch, kExamples));
  most_ = pieces_ == 1 ? s_.batch : round_up(ceil_div(s_.batch, pieces_), kTile);
  pieces_ = most_ > 0 ? ceil_div(s_.batch, most_) : 0;
  columns_ = (s_.cell == RecurrentCell::gru_reset_before ? 3 : 4) * s_.units;
  record_columns_ = columns_ + (s_.cell == RecurrentCell::lstm ? 2 : 1) * s_.units;
}

RecurrentPiece RecurrentLayout::piece(Index direction, Index number) const {
  const Index first = number * most_;
  return {direction, first, std::min(most_, s_.batch - first), direction * rows() + first * s_.length};
}

MutableRows RecurrentLayout::ends(const RecurrentPiece& p, float* all) const {
  return {all + (p.first * s_.directions() + p.direction) * s_.units, s_.directions() * s_.units};
}

ConstRows RecurrentLayout::ends(const RecurrentPiece& p, const float* all, const float* zeros) const {
  if (all == nullptr) return {zeros, 0};
  return {all + (p.first * s_.directions() + p.direction) * s_.units, s_.directions() * s_.units};
}

PackedMatrix::PackedMatrix(const Micro& micro, Index outputs, Index depth)
    : micro_(micro), outputs_(outputs), depth_(depth), memory_(round_up(outputs, micro.panel) * depth) {}

void PackedMatrix::pack_outputs(Index panel, const float* matrix) {
  const Index first = panel * micro_.panel;
  micro_.transpose({matrix + first * depth_, depth_}, std::min<Index>(micro_.panel, outputs_ - first), depth_,
                   {memory_.data() + first * depth_, micro_.panel});
}

void PackedMatrix::pack_depth(Index panel, const float* matrix, Index from, Index count) {
  const Index first = panel * micro_.panel, valid = std::min<Index>(micro_.panel, outputs_ - first);
  float* to = memory_.data() + first * depth_ + from * micro_.panel;
  for (Index k = 0; k < count; ++k, to += micro_.panel) {
    std::copy_n(matrix + k * outputs_ + first, valid, to);
    std::fill(to + valid, to + micro_.panel, 0.0f);
  }
}

void PackedMatrix::multiply(Index panel, const Product& p) const {
  const Segment whole{0, depth_, 0};
  const Index first = panel * micro_.panel;
  RowsCall call{};
  call.panel = memory_.data() + first * depth_;
  call.width = micro_.panel;
  call.valid = static_cast<int>(std::min<Index>(micro_.panel, outputs_ - first));
  call.rows = p.rows.data;
  call.row_step = p.rows.step;
  call.segments = p.segments != nullptr ? p.segments : &whole;
  call.segment_count = p.segments != nullptr ? p.segment_count : 1;
  call.out = p.out.data + first;
  call.out_step = p.out.step;
  call.row_count = p.count;
  call.bias = p.bias != nullptr ? p.bias + first : nullptr;
  call.accumulate = p.accumulate;
  micro_.rows(call);
}

void PackedMatrix::multiply(const Product& product) const {
  for (Index panel = 0; panel < panels(); ++panel) multiply(panel, product);
}

}  // namespace basewise::kernels::detail
