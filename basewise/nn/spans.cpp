#include "basewise/nn/spans.h"

#include "basewise/core/error.h"
#include "basewise/nn/graph.h"
#include "basewise/tensor/tokens.h"

namespace basewise::nn {

Span hull(const Span& a, const Span& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end), a.length};
}

Rows narrowed(const Rows& rows, const Span& want) {
  if (want.length < 0 || rows.span == want) return rows;
  const std::int64_t axis = is_tokens(rows.x) ? 1 : 2;
  return {rows.x.slice(axis, want.begin - rows.span.begin, want.end - rows.span.begin), want};
}

namespace {

// First and one past the last input position that windows of `want` cover, padding included.
std::pair<std::int64_t, std::int64_t> covered(const ops::ConvPart& conv, const Span& want) {
  const ops::ConvSettings& s = conv.settings;
  const std::int64_t reach = (conv.weight.size(2) - 1) * s.dilation + 1;
  return {want.begin * s.stride - s.pad_left, (want.end - 1) * s.stride - s.pad_left + reach};
}

Span conv_needs(const ops::ConvPart& conv, const Span& want, std::int64_t length) {
  const auto [begin, end] = covered(conv, want);
  return {std::max<std::int64_t>(0, begin), std::min(length, end), length};
}

Span graph_needs(const GraphPart& part, const Span& want, std::int64_t length) {
  const Span inner = part.graph->input_span(length, part.wanted, want);
  if (part.skip == GraphPart::Skip::none) return inner;
  return hull(inner, {want.begin + part.crop.left, want.end + part.crop.left, length});
}

}  // namespace

Span computable(const ops::ConvPart& conv, const Span& want, std::int64_t length) {
  return want.whole() || conv_needs(conv, want, length).empty() ? Span::all(want.length) : want;
}

Span needed(const Part& part, const Span& want, std::int64_t length) {
  if (want.length >= 0 && length >= 0)
    if (const auto* crop = std::get_if<ops::CropPart>(&part.what)) return {want.begin + crop->left, want.end + crop->left, length};
  if (want.whole() || length < 0) return Span::all(length);
  if (const auto* conv = std::get_if<ops::ConvPart>(&part.what)) return conv_needs(*conv, want, length);
  if (const auto* graph = std::get_if<GraphPart>(&part.what)) return graph_needs(*graph, want, length);
  const auto* norm = std::get_if<ops::NormPart>(&part.what);
  const auto* dense = std::get_if<ops::DensePart>(&part.what);
  const bool each = std::holds_alternative<ops::ActivationPart>(part.what) || std::holds_alternative<ops::PassPart>(part.what) ||
                    std::holds_alternative<ops::PointPart>(part.what) || (norm != nullptr && !norm->training) ||
                    (dense != nullptr && dense->on_channels);
  return each ? Span{want.begin, want.end, length} : Span::all(length);
}

ops::ConvSettings settled(const ops::ConvPart& conv, const Span& from, const Span& want) {
  ops::ConvSettings s = conv.settings;
  if (want.whole() && from.whole()) return s;
  const auto [begin, end] = covered(conv, want);
  s.pad_left = from.begin - begin;
  s.pad_right = end - from.end;
  return s;
}

at::Tensor joined(const GraphPart& part, const at::Tensor& skip, const at::Tensor& inner) {
  switch (part.skip) {
    case GraphPart::Skip::none:
      return inner;
    case GraphPart::Skip::add:
      return inner + skip;
    case GraphPart::Skip::before:
      return at::cat({skip, inner}, 1);
    case GraphPart::Skip::around: {
      const std::int64_t half = skip.size(1) / 2;
      return at::cat({skip.slice(1, 0, half), inner, skip.slice(1, half)}, 1);
    }
  }
  throw InternalError("unknown way to join a skip");
}

Rows run_part(const GraphPart& part, const Rows& x, const Span& want) {
  if (part.skip == GraphPart::Skip::add && !part.project) {
    if (std::optional<ops::ConvUnit> unit = part.graph->as_unit(x.x, part.wanted)) {
      // Statistics of a batch need all positions.
      const bool all = unit->norm && unit->norm->training;
      const Span result = all ? Span::all(want.length) : computable(unit->conv, want, x.span.length);
      unit->conv.settings = settled(unit->conv, x.span, result);
      unit->skip_crop = result.begin + part.crop.left - x.span.begin;
      return {ops::apply(*unit, x.x), result};
    }
  }
  const Rows inner = part.graph->run_rows(x, part.wanted, want);
  if (part.skip == GraphPart::Skip::none) return inner;
  const Span& got = inner.span;
  at::Tensor skip = x.x;
  if (got.length >= 0) skip = narrowed(x, {got.begin + part.crop.left, got.end + part.crop.left, x.span.length}).x;
  if (is_tokens(skip)) skip = one_hot_of(skip, at::kFloat);
  return {joined(part, part.project ? part.project->forward(skip) : skip, inner.x), got};
}

}  // namespace basewise::nn
