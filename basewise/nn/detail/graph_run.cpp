#include "basewise/nn/detail/graph_run.h"

#include <algorithm>
#include <utility>

#include "basewise/nn/pass.h"
#include "basewise/ops/native.h"
#include "basewise/tensor/tokens.h"

namespace basewise::nn::detail {
namespace {

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

GraphRun::GraphRun(const Graph& graph, std::vector<int> wanted, Pass* pass)
    : graph_(graph), steps_(graph.steps()), inputs_(graph.inputs()), wanted_(std::move(wanted)), pass_(pass) {
  if (pass != nullptr) {
    entered_.resize(steps_.size());
    stood_.resize(steps_.size());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Graph::Step& step = steps_[i];
      stood_[i] = step.layer && pass->stands_in(*step.layer);
      entered_[i] = step.layer && (pass->enters(step.path) || step.layer->has_state());
      if (entered_[i] != 0) kept_.insert(kept_.end(), step.sources.begin(), step.sources.end());
      if (pass->wants(step.path)) kept_.push_back(inputs_ + static_cast<int>(i));
    }
    if (pass->only_needed()) leave_out();
    // What is left out need not be entered to stand in for what is inside.
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Graph::Step& step = steps_[i];
      if (skips(i) || enters(i) || !step.layer || !pass->reaches_inside(*step.layer)) continue;
      entered_[i] = 1;
      kept_.insert(kept_.end(), step.sources.begin(), step.sources.end());
    }
  }
  const auto end = static_cast<int>(steps_.size());
  last_use_.assign(slots(), -1);
  for (int i = 0; i < end; ++i)
    if (!skips(static_cast<std::size_t>(i)))
      for (const int source : steps_[static_cast<std::size_t>(i)].sources) last_use_[static_cast<std::size_t>(source)] = i;
  for (const auto* slots : {&wanted_, &kept_})
    for (const int slot : *slots) last_use_[static_cast<std::size_t>(slot)] = end;
}

// Steps that neither the caller nor the pass needs.
void GraphRun::leave_out() {
  std::vector<char> needed(slots(), 0);
  for (const auto* slots : {&wanted_, &kept_})
    for (const int slot : *slots) needed[static_cast<std::size_t>(slot)] = 1;
  skipped_.assign(steps_.size(), 1);
  for (std::size_t i = steps_.size(); i-- > 0;) {
    if (needed[static_cast<std::size_t>(inputs_) + i] == 0 && !enters(i)) continue;
    skipped_[i] = 0;
    for (const int source : steps_[i].sources) needed[static_cast<std::size_t>(source)] = 1;
  }
}

GraphRun::Found GraphRun::unit_from(std::size_t first, const at::Tensor& x) const {
  Found found;
  if (!steps_[first].layer || stands(first)) return found;
  const Part part = steps_[first].layer->part();
  const ops::ConvPart* conv = std::get_if<ops::ConvPart>(&part.what);
  if (conv == nullptr || !ops::takes(x, *conv)) return found;
  found.unit.conv = *conv;
  found.steps = 1;
  // A follower joins when it alone reads what stands before it, and only that.
  for (std::size_t i = first + 1; i < steps_.size() && !found.unit.pool; ++i) {
    const int before = inputs_ + static_cast<int>(i) - 1;
    if (!steps_[i].layer || stands(i) || steps_[i].sources != std::vector<int>{before} ||
        last_use_[static_cast<std::size_t>(before)] != static_cast<int>(i))
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

std::vector<Span> GraphRun::spans(const std::vector<Shape>& inputs, const std::vector<Span>& want) const {
  std::vector<Shape> shapes = inputs;
  for (const Graph::Step& step : steps_) {
    const Shape shape = graph_.combined_shape(step, shapes);
    shapes.push_back(step.layer ? step.layer->output_shape(shape) : shape);
  }
  const auto length = [&](std::size_t slot) { return shapes[slot].positions ? shapes[slot].length : -1; };
  const bool tight = ops::chosen_kernels() != ops::Kernels::torch;
  std::vector<Span> all;
  for (std::size_t slot = 0; slot < shapes.size(); ++slot)
    all.push_back(tight && last_use_[slot] >= 0 ? Span::none(length(slot)) : Span::all(length(slot)));
  for (std::size_t k = 0; k < wanted_.size(); ++k) {
    Span& span = all[static_cast<std::size_t>(wanted_[k])];
    span = hull(span, want.empty() ? Span::all(span.length) : want[k]);
  }
  for (const int slot : kept_) all[static_cast<std::size_t>(slot)] = Span::all(all[static_cast<std::size_t>(slot)].length);
  for (std::size_t i = steps_.size(); i-- > 0;) {
    if (skips(i)) continue;
    Span& out = all[static_cast<std::size_t>(inputs_) + i];
    if (enters(i)) out = Span::all(out.length);
    const Part part = steps_[i].layer ? steps_[i].layer->part() : Part{};
    if (const auto* conv = std::get_if<ops::ConvPart>(&part.what))
      out = computable(*conv, out, all[static_cast<std::size_t>(steps_[i].sources.front())].length);
    for (const int source : steps_[i].sources) {
      Span& in = all[static_cast<std::size_t>(source)];
      in = hull(in, enters(i) ? Span::all(in.length) : steps_[i].layer ? needed(part, out, in.length) : out);
    }
  }
  return all;
}

// Whether only a dense layer follows this flattening:
// it reads positions in any order of memory, without a copy.
bool GraphRun::flattens_itself(std::size_t i, const at::Tensor& x) const {
  const int slot = inputs_ + static_cast<int>(i);
  if (i + 1 >= steps_.size() || last_use_[static_cast<std::size_t>(slot)] != static_cast<int>(i) + 1) return false;
  const Graph::Step& next = steps_[i + 1];
  if (!next.layer || next.sources != std::vector<int>{slot} || !ops::native(x) || x.dim() != 3) return false;
  return std::holds_alternative<ops::DensePart>(next.layer->part().what);
}

// What a step reads, its sources put together.
Rows GraphRun::source_of(const Graph::Step& step, const std::vector<Rows>& slots, const Span& need) {
  std::vector<at::Tensor> sources;
  for (const int source : step.sources) sources.push_back(narrowed(slots[static_cast<std::size_t>(source)], need).x);
  if (sources.size() > 1)
    for (at::Tensor& source : sources)
      if (is_tokens(source)) source = one_hot_of(source, at::kFloat);
  Rows x{sources.front(), need};
  if (sources.size() > 1 && !step.add) x.x = at::cat(sources, 1);
  if (step.add)
    for (std::size_t k = 1; k < sources.size(); ++k) x.x = x.x + sources[k];
  return x;
}

std::vector<Rows> GraphRun::rows(std::vector<Rows> slots, const std::vector<Span>& spans) const {
  slots.resize(this->slots());
  for (std::size_t i = 0; i < steps_.size();) {
    if (skips(i)) {
      ++i;
      continue;
    }
    const Graph::Step& step = steps_[i];
    const Span& out = spans[static_cast<std::size_t>(inputs_) + i];
    const bool entered = enters(i);
    const std::int64_t length = spans[static_cast<std::size_t>(step.sources.front())].length;
    const Part part = step.layer ? step.layer->part() : Part{};
    const Span need = entered ? Span::all(length) : step.layer ? needed(part, out, length) : out;
    Rows x = source_of(step, slots, need);
    for (const int source : step.sources)
      if (last_use_[static_cast<std::size_t>(source)] == static_cast<int>(i)) slots[static_cast<std::size_t>(source)] = {};
    if (entered && pass_->wants(step.path + ".input")) x.x = pass_->keep(step.path + ".input", x.x);
    Found found = unit_from(i, x.x);
    if (found.steps == 0 && is_tokens(x.x)) x.x = one_hot_of(x.x, at::kFloat);
    const std::size_t last = i + std::max<std::size_t>(1, found.steps) - 1;
    Rows& result = slots[static_cast<std::size_t>(inputs_) + last];
    if (found.steps > 0) {
      found.unit.conv.settings = settled(found.unit.conv, need, out);
      result = {ops::apply(found.unit, x.x), out};
      if (found.unit.pool) result.span = Span::all(result.x.size(2));
    } else if (stands(i)) {
      result = {pass_->in_place_of(*step.layer, step.path, x.x), x.span.whole() ? Span::all(out.length) : out};
    } else if (entered) {
      result = {step.layer->run(x.x, step.path, *pass_), out};
    } else if (std::holds_alternative<ops::FlattenPart>(part.what) && flattens_itself(i, x.x)) {
      result = {x.x, Span::all(-1)};
    } else {
      result = step.layer ? run_step(*step.layer, part, x, out) : x;
    }
    if (pass_ != nullptr && pass_->wants(steps_[last].path)) result.x = pass_->keep(steps_[last].path, result.x);
    i = last + 1;
  }
  std::vector<Rows> outputs;
  for (const int slot : wanted_) outputs.push_back(slots[static_cast<std::size_t>(slot)]);
  return outputs;
}

}  // namespace basewise::nn::detail
