#include "basewise/nn/graph.h"

#include <algorithm>

#include "basewise/core/some_of.h"
#include "basewise/nn/detail/graph_run.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/layer_types.h"
#include "basewise/tensor/errors.h"
#include "basewise/tensor/tokens.h"

namespace basewise::nn {
namespace {

// A ShapeError whose text already starts with file, line and layer; outer blocks leave it alone.
class LocatedShapeError : public ShapeError {
 public:
  using ShapeError::ShapeError;
};

template <class F>
auto located(const std::string& label, F&& f) {
  try {
    return f();
  } catch (const LocatedShapeError&) {
    throw;
  } catch (const ShapeError& e) {
    throw LocatedShapeError(format("{}: {}", label, e.what()));
  } catch (const c10::Error& e) {
    if (is_out_of_memory(e)) throw;
    throw LocatedShapeError(format("{}: {}", label, e.what_without_backtrace()));
  }
}

std::optional<int> find(const Graph::Scope& scope, const std::string& name) {
  for (const Graph::Scope* s = &scope; s != nullptr; s = s->outer)
    if (const auto it = s->names.find(name); it != s->names.end()) return it->second;
  return std::nullopt;
}

std::vector<std::string> visible(const Graph::Scope& scope) {
  std::vector<std::string> names;
  for (const Graph::Scope* s = &scope; s != nullptr; s = s->outer)
    for (const auto& [name, slot] : s->names) names.push_back(name);
  return names;
}

std::string sources_text(const std::vector<std::string>& names, const std::vector<Shape>& shapes) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < names.size(); ++i) parts.push_back(format("'{}' {}", names[i], shapes[i].to_string()));
  return fmt::to_string(fmt::join(parts, ", "));
}

// Unequal strides or cuts would be added position by position although the positions mean different
// places.
void check_alignment(const Geometry& a, const Geometry& b, const std::string& name_a, const std::string& name_b) {
  if (a.source() != b.source() || a.positions_end() || b.positions_end()) return;
  if (!a.same_stride(b))
    throw ShapeError(format("got '{}' with {} input positions per output position and '{}' with {}; they must be equal", name_a,
                            a.stride_text(), name_b, b.stride_text()));
  const auto [left, right] = b.cut_since(a);
  if (left + right != 0)
    throw ShapeError(
        format("got '{0}', which has lost {2} positions more than '{1}'; crop '{3}' first, or use a residual block, which crops by itself",
               left + right > 0 ? name_b : name_a, left + right > 0 ? name_a : name_b, std::abs(left + right),
               left + right > 0 ? name_a : name_b));
}

}  // namespace

Graph::Graph(const std::vector<std::pair<std::string, Activation>>& inputs, Scope& scope) : inputs_(static_cast<int>(inputs.size())) {
  for (const auto& [name, activation] : inputs) {
    scope.names[name] = static_cast<int>(activations_.size());
    activations_.push_back(activation);
  }
  scope.last = 0;
}

void Graph::take_sources(Step& step, const std::vector<std::string>& from, const FilePosition& where, std::optional<spec::Combine> combine,
                         const Scope& scope) const {
  for (const std::string& name : from) {
    const std::optional<int> slot = find(scope, name);
    if (!slot) {
      const std::vector<std::string> names = visible(scope);
      const auto near = nearest(name, names);
      spec::throw_spec_error(where, format("{}: from = \"{}\" names nothing above it; {}", step.path, name,
                                     near ? format("did you mean \"{}\"?", *near) : format("there are: {}", some_of(names, "", 20))));
    }
    step.sources.push_back(*slot);
    step.source_names.push_back(name);
  }
  if (from.empty()) {
    step.sources.push_back(scope.last);
    step.source_names.emplace_back("the layer above");
  }
  if (from.size() > 1 && !combine)
    spec::throw_spec_error(where,
                           format("{}: from names {} sources; say combine = \"add\" or combine = \"concat\"", step.path, from.size()));
  if (from.size() < 2 && combine)
    spec::throw_spec_error(where, format("{}: combine = \"{}\" needs from = [...] with at least two names", step.path, *combine));
  step.add = combine == spec::Combine::add;
}

Shape Graph::combined_shape(const Step& step, const std::vector<Shape>& slots) const {
  Shape shape = slots[static_cast<std::size_t>(step.sources.front())];
  if (step.sources.size() == 1) return shape;
  std::vector<Shape> shapes;
  for (const int source : step.sources) shapes.push_back(slots[static_cast<std::size_t>(source)]);
  for (std::size_t i = 1; i < shapes.size(); ++i) {
    const Shape& next = shapes[i];
    const bool known = shape.length != Shape::kVaries && next.length != Shape::kVaries;
    const bool fits =
        shape.positions == next.positions && (!known || shape.length == next.length) && (!step.add || shape.channels == next.channels);
    if (!fits)
      throw ShapeError(format("got {} to {}; expected the same {}length", sources_text(step.source_names, shapes),
                              step.add ? "add" : "concatenate", step.add ? "channels and " : ""));
    if (!step.add) shape.channels += next.channels;
    if (shape.length == Shape::kVaries) shape.length = next.length;
  }
  return detail::checked_shape(shape);
}

Activation Graph::combined(const Step& step, const std::vector<Activation>& slots) const {
  std::vector<Shape> shapes;
  for (const Activation& slot : slots) shapes.push_back(slot.shape);
  const Activation& first = slots[static_cast<std::size_t>(step.sources.front())];
  Activation all{combined_shape(step, shapes), first.geometry};
  for (std::size_t i = 1; i < step.sources.size(); ++i) {
    const Geometry& next = slots[static_cast<std::size_t>(step.sources[i])].geometry;
    check_alignment(first.geometry, next, step.source_names.front(), step.source_names[i]);
    all.geometry = Geometry::merge(all.geometry, next);
  }
  all.symmetry = combined_symmetry(step, slots);
  return all;
}

// Whether one of two slots holds the other's channels in reverse order.
bool Graph::reverses(int slot, int other, const std::vector<Activation>& slots) const {
  const auto flips = [&](int a, int b) {
    if (a < inputs_) return false;
    const Step& step = steps_[static_cast<std::size_t>(a - inputs_)];
    return step.layer && step.layer->flips_channels() && step.sources == std::vector<int>{b};
  };
  return flips(slot, other) || flips(other, slot) || (slot == other && slots[static_cast<std::size_t>(slot)].shape.channels == 1);
}

Symmetry Graph::combined_symmetry(const Step& step, const std::vector<Activation>& slots) const {
  const auto at = [&](std::size_t k) -> const Activation& { return slots[static_cast<std::size_t>(step.sources[k])]; };
  const std::size_t count = step.sources.size();
  Symmetry result = at(0).symmetry;
  if (count == 1) return result;
  bool same = true, stay = true, palindrome = true;
  for (std::size_t k = 0; k < count; ++k) {
    const Symmetry& s = at(k).symmetry;
    same = same && s.moves == result.moves && s.odd == result.odd;
    stay = stay && s.channels_stay();
    palindrome = palindrome && (2 * k + 1 == count ? s.is(Symmetry::Moves::complemented)
                                                   : s.channels_stay() && reverses(step.sources[k], step.sources[count - 1 - k], slots));
  }
  for (std::size_t k = 0; k < count; ++k) result.kept = result.kept || at(k).symmetry.kept;
  if (same && (step.add || stay)) return result;
  // [c reversed, h, c] with h of pairs and c of channels that stay is made of pairs again (control
  // tracks beside a profile).
  if (!step.add && palindrome) return {Symmetry::Moves::complemented, 0, result.kept};
  for (std::size_t k = 0; k < count; ++k)
    if (at(k).symmetry.is(Symmetry::Moves::none)) return Symmetry::none(at(k).symmetry.lost);
  return Symmetry::none(format("{}: {} of what moves unlike", step.label, step.add ? "a sum" : "a concatenation"));
}

// What the layer of a step makes of its input.
Activation Graph::through(const Step& step, const Activation& input) {
  if (!step.layer) return input;
  Activation output{detail::checked_shape(step.layer->output_shape(input.shape)), step.layer->geometry(input.geometry),
                    step.layer->symmetry(input)};
  Symmetry& s = output.symmetry;
  // Without positions, channels that stay are all there is.
  if (s.channels_stay() && !output.shape.positions) s = Symmetry::unchanged();
  if (s.is(Symmetry::Moves::none) && s.lost.empty()) s.lost = input.symmetry.is(Symmetry::Moves::none) ? input.symmetry.lost : step.label;
  return output;
}

int Graph::push(Step step, Activation output) {
  steps_.push_back(std::move(step));
  activations_.push_back(std::move(output));
  return slots() - 1;
}

LayerPtr Graph::append(const spec::LayerSpec& spec, Scope& scope) {
  Step step;
  step.label = spec.label();
  step.path = spec.path;
  step.type = spec.type;
  take_sources(step, spec.from, spec.from.empty() ? spec.where : spec.from_where, spec.combine, scope);
  const LayerType& type = layer_type(spec);
  Activation output = located(step.label, [&] {
    const Activation input = combined(step, activations_);
    step.layer = type.make(spec, input);
    return through(step, input);
  });
  LayerPtr layer = step.layer;
  const int slot = push(std::move(step), std::move(output));
  scope.names[spec.name] = slot;
  // "body" means the last of body.0, body.1, ...
  if (const std::size_t dot = spec.name.rfind('.'); dot != std::string::npos) scope.names[spec.name.substr(0, dot)] = slot;
  scope.last = slot;
  return layer;
}

int Graph::append_head(const spec::HeadSpec& spec, const Scope& scope) {
  Step step;
  step.label = format("{}: head '{}'", spec.where.to_string(), spec.name);
  step.path = spec.name;
  const bool own = !spec.layers.empty();
  take_sources(step, own ? std::vector<std::string>() : spec.from, spec.from_where, own ? std::nullopt : spec.combine, scope);
  Activation output = located(step.label, [&] { return combined(step, activations_); });
  heads_.push_back({spec.name, push(std::move(step), std::move(output))});
  return heads_.back().slot;
}

std::vector<int> Graph::head_slots() const {
  std::vector<int> slots;
  for (const Head& head : heads_) slots.push_back(head.slot);
  return slots;
}

bool Graph::has_state() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.layer && step.layer->has_state(); });
}

std::vector<Activation> Graph::activations(const std::vector<Activation>& inputs) const {
  std::vector<Activation> slots = inputs;
  for (const Step& step : steps_)
    slots.push_back(located(step.label, [&] { return through(step, combined(step, slots)); }));
  return slots;
}

void Graph::check(const std::vector<Shape>& inputs) const {
  std::vector<Shape> slots = inputs;
  for (const Step& step : steps_)
    slots.push_back(located(step.label, [&] {
      const Shape shape = combined_shape(step, slots);
      return step.layer ? detail::checked_shape(step.layer->output_shape(shape)) : shape;
    }));
}

std::vector<Layer::Inside> Graph::rows(const std::vector<Activation>& inputs) const {
  const std::vector<Activation> slots = activations(inputs);
  std::vector<Layer::Inside> rows;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (!step.layer) continue;
    const Activation input = combined(step, slots);
    rows.push_back({step.path, step.type, step.layer, input, slots[static_cast<std::size_t>(inputs_) + i], 0});
    for (Layer::Inside& row : step.layer->inside(input)) {
      ++row.depth;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<at::Tensor> Graph::run(const std::vector<at::Tensor>& inputs, const std::vector<int>& wanted, Pass* pass) const {
  std::vector<Shape> shapes;
  std::vector<Rows> rows;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Shape shape = activations_[i].shape;
    if (shape.positions) shape.length = inputs[i].size(is_tokens(inputs[i]) ? 1 : 2);
    shapes.push_back(shape);
    rows.push_back({inputs[i], Span::all(shape.positions ? shape.length : -1)});
  }
  const detail::GraphRun run(*this, wanted, pass);
  std::vector<at::Tensor> outputs;
  for (Rows& result : run.rows(std::move(rows), run.spans(shapes, {}))) outputs.push_back(std::move(result.x));
  return outputs;
}

Rows Graph::run_rows(const Rows& x, int wanted, const Span& want) const {
  Shape shape = activations_.front().shape;
  if (shape.positions) shape.length = x.span.length;
  const detail::GraphRun run(*this, {wanted});
  return run.rows({x}, run.spans({shape}, {want})).front();
}

Span Graph::input_span(std::int64_t length, int wanted, const Span& want) const {
  Shape shape = activations_.front().shape;
  if (shape.positions) shape.length = length;
  return detail::GraphRun(*this, {wanted}).spans({shape}, {want}).front();
}

std::optional<ops::ConvUnit> Graph::as_unit(const at::Tensor& x, int wanted) const {
  if (steps_.empty() || inputs_ != 1 || steps_.front().sources != std::vector<int>{0}) return std::nullopt;
  const detail::GraphRun::Found found = detail::GraphRun(*this, {wanted}).unit_from(0, x);
  if (found.steps != steps_.size() || wanted != inputs_ + static_cast<int>(steps_.size()) - 1) return std::nullopt;
  if (found.unit.pool) return std::nullopt;
  return found.unit;
}

void register_at(torch::nn::Module& root, const std::string& path, const LayerPtr& layer) {
  torch::nn::Module* parent = &root;
  std::size_t start = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; start = dot + 1, dot = path.find('.', start)) {
    const std::string part = path.substr(start, dot - start);
    const auto children = parent->named_children();
    const auto* child = children.find(part);
    parent = child != nullptr ? child->get() : parent->register_module(part, std::make_shared<torch::nn::Module>(part)).get();
  }
  parent->register_module(path.substr(start), layer);
}

}  // namespace basewise::nn
