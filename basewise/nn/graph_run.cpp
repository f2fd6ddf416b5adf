// Running a graph: units of several layers, and only the positions that somebody reads.
//
// Each slot gets the span of positions that later steps need, found from the end to the start. Layers that work on windows compute no more;
// layers that mix all positions (statistics of a batch, flattening, dropout masks counted by place) keep the whole. What is computed has
// the same numbers as before.
//
// An activation that is asked for ends the unit which would take it along, and has all of its positions.
#include <algorithm>

#include "basewise/nn/graph.h"
#include "basewise/nn/pass.h"
#include "basewise/nn/spans.h"
#include "basewise/ops/native.h"

namespace basewise::nn {

Span hull(const Span& a, const Span& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.begin, b.begin), std::max(a.end, b.end), a.length};
}

Rows narrowed(const Rows& rows, const Span& want) {
  if (want.length < 0 || rows.span == want) return rows;
  const std::int64_t axis = is_letters(rows.x) ? 1 : 2;
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

// What a convolution computes for `want`: all, when these windows would see nothing but padding.
Span computable(const ops::ConvPart& conv, const Span& want, std::int64_t length) {
  return want.whole() || conv_needs(conv, want, length).empty() ? Span::all(want.length) : want;
}

Span graph_needs(const GraphPart& part, const Span& want, std::int64_t length) {
  const Span inner = part.graph->input_span(length, part.wanted, want);
  if (!part.residual) return inner;
  return hull(inner, {want.begin + part.crop.left, want.end + part.crop.left, length});
}

// A layer that is no unit, on the positions x to the positions `want`.
Rows run_step(Layer& layer, const Part& part, const Rows& x, const Span& want) {
  if (want.whole() && x.span.whole()) return {layer.forward(x.x), want};
  if (std::holds_alternative<ops::CropPart>(part.what)) return {x.x, want};
  if (const auto* graph = std::get_if<GraphPart>(&part.what)) return run_part(*graph, x, want);
  if (const auto* conv = std::get_if<ops::ConvPart>(&part.what))
    return {ops::conv1d(x.x, conv->weight, conv->bias, settled(*conv, x.span, want)), want};
  return {layer.forward(x.x), x.span.whole() ? Span::all(want.length) : want};
}

}  // namespace

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

Rows run_part(const GraphPart& part, const Rows& x, const Span& want) {
  if (part.residual && !part.project) {
    if (std::optional<ops::ConvUnit> unit = part.graph->as_unit(x.x, part.wanted)) {
      // Statistics of a batch need all positions.
      const Span result = unit->norm && unit->norm->training ? Span::all(want.length) : computable(unit->conv, want, x.span.length);
      unit->conv.settings = settled(unit->conv, x.span, result);
      unit->skip_crop = result.begin + part.crop.left - x.span.begin;
      return {ops::apply(*unit, x.x), result};
    }
  }
  const Rows inner = part.graph->run_rows(x, part.wanted, want);
  if (!part.residual) return inner;
  const Span& got = inner.span;
  at::Tensor skip = x.x;
  if (got.length >= 0) skip = narrowed(x, {got.begin + part.crop.left, got.end + part.crop.left, x.span.length}).x;
  if (is_letters(skip)) skip = one_hot_of(skip, at::kFloat);
  return {inner.x + (part.project ? part.project->forward(skip) : skip), got};
}

// Who needs what of one run.
struct Graph::Demand {
  std::vector<int> wanted;    // slots that the caller gets
  std::vector<int> kept;      // slots that are there as a whole: what a pass keeps, and what steps read that it enters
  std::vector<char> entered;  // steps in which something is asked for; empty: none
  std::vector<char> skipped;  // steps that are left out; empty: none
  // The last step that reads each slot; one past the last step for slots that are wanted or kept, -1 for slots that nobody reads.
  std::vector<int> last_use;

  bool enters(std::size_t step) const { return !entered.empty() && entered[step] != 0; }
  bool skips(std::size_t step) const { return !skipped.empty() && skipped[step] != 0; }
};

Graph::Demand Graph::demand(const std::vector<int>& wanted, const Pass* pass) const {
  Demand d;
  d.wanted = wanted;
  if (pass != nullptr) {
    d.entered.resize(steps_.size());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      d.entered[i] = step.layer && (pass->enters(step.path) || step.layer->has_state());
      if (d.entered[i] != 0) d.kept.insert(d.kept.end(), step.sources.begin(), step.sources.end());
      if (pass->wants(step.path)) d.kept.push_back(inputs_ + static_cast<int>(i));
    }
    if (pass->only_needed()) leave_out(d);
  }
  const auto end = static_cast<int>(steps_.size());
  d.last_use.assign(activations_.size(), -1);
  for (int i = 0; i < end; ++i)
    if (!d.skips(static_cast<std::size_t>(i)))
      for (const int source : steps_[static_cast<std::size_t>(i)].sources) d.last_use[static_cast<std::size_t>(source)] = i;
  for (const auto* slots : {&d.wanted, &d.kept})
    for (const int slot : *slots) d.last_use[static_cast<std::size_t>(slot)] = end;
  return d;
}

// Steps that neither the caller nor the pass needs.
void Graph::leave_out(Demand& d) const {
  std::vector<char> needed(activations_.size(), 0);
  for (const auto* slots : {&d.wanted, &d.kept})
    for (const int slot : *slots) needed[static_cast<std::size_t>(slot)] = 1;
  d.skipped.assign(steps_.size(), 1);
  for (std::size_t i = steps_.size(); i-- > 0;) {
    if (needed[static_cast<std::size_t>(inputs_) + i] == 0 && !d.enters(i)) continue;
    d.skipped[i] = 0;
    for (const int source : steps_[i].sources) needed[static_cast<std::size_t>(source)] = 1;
  }
}

Graph::Found Graph::unit_from(std::size_t first, const at::Tensor& x, const std::vector<int>& last_use) const {
  Found found;
  if (!steps_[first].layer) return found;
  const Part part = steps_[first].layer->part();
  const ops::ConvPart* conv = std::get_if<ops::ConvPart>(&part.what);
  if (conv == nullptr || !ops::takes(x, *conv)) return found;
  found.unit.conv = *conv;
  found.steps = 1;
  // A follower joins when it alone reads what stands before it, and only that.
  for (std::size_t i = first + 1; i < steps_.size() && !found.unit.pool; ++i) {
    const int before = inputs_ + static_cast<int>(i) - 1;
    if (!steps_[i].layer || steps_[i].sources != std::vector<int>{before} ||
        last_use[static_cast<std::size_t>(before)] != static_cast<int>(i))
      break;
    const Part next = steps_[i].layer->part();
    const bool joined = std::visit(
        [&](const auto& behind) {
          if constexpr (requires { ops::join(found.unit, behind); })
            return ops::join(found.unit, behind);
          else
            return false;
        },
        next.what);
    if (!joined) break;
    ++found.steps;
  }
  return found;
}

std::optional<ops::ConvUnit> Graph::as_unit(const at::Tensor& x, int wanted) const {
  if (steps_.empty() || inputs_ != 1 || steps_.front().sources != std::vector<int>{0}) return std::nullopt;
  const Found found = unit_from(0, x, demand({wanted}, nullptr).last_use);
  if (found.steps != steps_.size() || wanted != inputs_ + static_cast<int>(steps_.size()) - 1) return std::nullopt;
  if (found.unit.pool) return std::nullopt;
  return found.unit;
}

// What is needed of every slot. Steps that nobody reads are computed whole, and so is everything on torch's kernels: they are what ours are
// held to.
std::vector<Span> Graph::spans(const std::vector<Shape>& inputs, const Demand& demand, const std::vector<Span>& want) const {
  std::vector<Shape> shapes = inputs;
  for (const Step& step : steps_) {
    const Shape shape = combined_shape(step, shapes);
    shapes.push_back(step.layer ? step.layer->output_shape(shape) : shape);
  }
  const auto length = [&](std::size_t slot) { return shapes[slot].positions ? shapes[slot].length : -1; };
  const bool tight = ops::chosen_kernels() != ops::Kernels::torch;
  std::vector<Span> all;
  for (std::size_t slot = 0; slot < shapes.size(); ++slot)
    all.push_back(tight && demand.last_use[slot] >= 0 ? Span::none(length(slot)) : Span::all(length(slot)));
  for (std::size_t k = 0; k < demand.wanted.size(); ++k) {
    Span& span = all[static_cast<std::size_t>(demand.wanted[k])];
    span = hull(span, want.empty() ? Span::all(span.length) : want[k]);
  }
  for (const int slot : demand.kept) all[static_cast<std::size_t>(slot)] = Span::all(all[static_cast<std::size_t>(slot)].length);
  for (std::size_t i = steps_.size(); i-- > 0;) {
    if (demand.skips(i)) continue;
    Span& out = all[static_cast<std::size_t>(inputs_) + i];
    if (demand.enters(i)) out = Span::all(out.length);
    const Part part = steps_[i].layer ? steps_[i].layer->part() : Part{};
    if (const auto* conv = std::get_if<ops::ConvPart>(&part.what))
      out = computable(*conv, out, all[static_cast<std::size_t>(steps_[i].sources.front())].length);
    for (const int source : steps_[i].sources) {
      Span& in = all[static_cast<std::size_t>(source)];
      in = hull(in, demand.enters(i) ? Span::all(in.length) : steps_[i].layer ? needed(part, out, in.length) : out);
    }
  }
  return all;
}

// Whether only a dense layer follows this flattening: it reads positions in any order of memory, without a copy.
bool Graph::flattens_itself(std::size_t i, const at::Tensor& x, const std::vector<int>& last_use) const {
  const int slot = inputs_ + static_cast<int>(i);
  if (i + 1 >= steps_.size() || last_use[static_cast<std::size_t>(slot)] != static_cast<int>(i) + 1) return false;
  const Step& next = steps_[i + 1];
  if (!next.layer || next.sources != std::vector<int>{slot} || !ops::native(x) || x.dim() != 3) return false;
  return std::holds_alternative<ops::DensePart>(next.layer->part().what);
}

// What a step reads, its sources put together.
Rows Graph::source_of(const Step& step, const std::vector<Rows>& slots, const Span& need) const {
  std::vector<at::Tensor> sources;
  for (const int source : step.sources) sources.push_back(narrowed(slots[static_cast<std::size_t>(source)], need).x);
  if (sources.size() > 1)
    for (at::Tensor& source : sources)
      if (is_letters(source)) source = one_hot_of(source, at::kFloat);
  Rows x{sources.front(), need};
  if (sources.size() > 1 && !step.add) x.x = at::cat(sources, 1);
  if (step.add)
    for (std::size_t k = 1; k < sources.size(); ++k) x.x = x.x + sources[k];
  return x;
}

std::vector<Rows> Graph::run_spans(std::vector<Rows> slots, const Demand& demand, const std::vector<Span>& spans, Pass* pass) const {
  slots.resize(activations_.size());
  const std::vector<int>& last_use = demand.last_use;
  for (std::size_t i = 0; i < steps_.size();) {
    if (demand.skips(i)) {
      ++i;
      continue;
    }
    const Step& step = steps_[i];
    const Span& out = spans[static_cast<std::size_t>(inputs_) + i];
    const bool enters = demand.enters(i);
    const std::int64_t length = spans[static_cast<std::size_t>(step.sources.front())].length;
    const Part part = step.layer ? step.layer->part() : Part{};
    const Span need = enters ? Span::all(length) : step.layer ? needed(part, out, length) : out;
    Rows x = source_of(step, slots, need);
    for (const int source : step.sources)
      if (last_use[static_cast<std::size_t>(source)] == static_cast<int>(i)) slots[static_cast<std::size_t>(source)] = {};
    if (enters && pass->wants(step.path + ".input")) x.x = pass->keep(step.path + ".input", x.x);
    Found found = unit_from(i, x.x, last_use);
    if (found.steps == 0 && is_letters(x.x)) x.x = one_hot_of(x.x, at::kFloat);
    const std::size_t last = i + std::max<std::size_t>(1, found.steps) - 1;
    Rows& result = slots[static_cast<std::size_t>(inputs_) + last];
    if (found.steps > 0) {
      found.unit.conv.settings = settled(found.unit.conv, need, out);
      result = {ops::apply(found.unit, x.x), out};
      if (found.unit.pool) result.span = Span::all(result.x.size(2));
    } else if (enters) {
      result = {step.layer->run(x.x, step.path, *pass), out};
    } else if (std::holds_alternative<ops::FlattenPart>(part.what) && flattens_itself(i, x.x, last_use)) {
      result = {x.x, Span::all(-1)};
    } else {
      result = step.layer ? run_step(*step.layer, part, x, out) : x;
    }
    if (pass != nullptr && pass->wants(steps_[last].path)) result.x = pass->keep(steps_[last].path, result.x);
    i = last + 1;
  }
  std::vector<Rows> outputs;
  for (const int slot : demand.wanted) outputs.push_back(slots[static_cast<std::size_t>(slot)]);
  return outputs;
}

std::vector<at::Tensor> Graph::run(const std::vector<at::Tensor>& inputs, const std::vector<int>& wanted, Pass* pass) const {
  std::vector<Shape> shapes;
  std::vector<Rows> rows;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Shape shape = activations_[i].shape;
    if (shape.positions) shape.length = inputs[i].size(is_letters(inputs[i]) ? 1 : 2);
    shapes.push_back(shape);
    rows.push_back({inputs[i], Span::all(shape.positions ? shape.length : -1)});
  }
  std::vector<at::Tensor> outputs;
  const Demand who = demand(wanted, pass);
  for (Rows& result : run_spans(std::move(rows), who, spans(shapes, who, {}), pass)) outputs.push_back(std::move(result.x));
  return outputs;
}

Rows Graph::run_rows(const Rows& x, int wanted, const Span& want) const {
  Shape shape = activations_.front().shape;
  if (shape.positions) shape.length = x.span.length;
  const Demand who = demand({wanted}, nullptr);
  return run_spans({x}, who, spans({shape}, who, {want}), nullptr).front();
}

Span Graph::input_span(std::int64_t length, int wanted, const Span& want) const {
  Shape shape = activations_.front().shape;
  if (shape.positions) shape.length = length;
  return spans({shape}, demand({wanted}, nullptr), {want}).front();
}

}  // namespace basewise::nn
