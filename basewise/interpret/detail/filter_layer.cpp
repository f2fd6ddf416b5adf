#include "basewise/interpret/detail/filter_layer.h"

#include <algorithm>
#include <variant>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/core/some_of.h"
#include "basewise/nn/graph.h"

namespace basewise::interpret::detail {
namespace {

using Rows = std::vector<nn::Layer::Inside>;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

Rows rows_of(const nn::Graph& graph, std::int64_t length) {
  std::vector<nn::Activation> inputs;
  for (int i = 0; i < graph.inputs(); ++i) {
    inputs.push_back(graph.at(i));
    if (i == 0 && length > 0 && inputs[0].shape.positions) inputs[0].shape.length = length;
  }
  return graph.rows(inputs);
}

bool is_convolution(const nn::Layer::Inside& row) {
  return row.type.find("conv") != std::string::npos && row.output.shape.positions && row.layer->inside(row.input).empty();
}

/// Whether row `next` reads what row `at` gives and nothing else does so before it.
bool follows(const nn::Graph& graph, const nn::Layer::Inside& at, const nn::Layer::Inside& next) {
  if (next.depth != at.depth || !(next.input.shape == at.output.shape)) return false;
  const auto& steps = graph.steps();
  const auto step_of = [&](const std::string& path) {
    return std::find_if(steps.begin(), steps.end(), [&](const nn::Graph::Step& step) { return step.path == path; });
  };
  const auto from = step_of(at.name), to = step_of(next.name);
  if (from == steps.end() || to == steps.end()) return from == to;
  return to->sources == std::vector<int>{graph.inputs() + static_cast<int>(from - steps.begin())};
}

/// The function behind a convolution, over norms and what does nothing in evaluation; the
/// convolution itself where there is none.
std::size_t with_function(const nn::Graph& graph, const Rows& rows, std::size_t at) {
  for (std::size_t i = at; i + 1 < rows.size() && follows(graph, rows[i], rows[i + 1]); ++i) {
    const nn::AttributionRule rule = rows[i + 1].layer->attribution_rule();
    if (rule == nn::AttributionRule::elementwise) return i + 1;
    const auto what = rows[i + 1].layer->part().what;
    if (!std::holds_alternative<ops::NormPart>(what) && !std::holds_alternative<ops::PassPart>(what)) break;
  }
  return at;
}

std::size_t row_of(const Rows& rows, const std::string& path) {
  const auto found = path.empty() ? std::find_if(rows.begin(), rows.end(), is_convolution)
                                  : std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == path; });
  if (found != rows.end()) return static_cast<std::size_t>(found - rows.begin());
  if (path.empty()) throw ArgumentError("the model has no convolution along positions: say which activation to look at (layer)");
  std::vector<std::string> names;
  for (const auto& row : rows)
    if (row.output.shape.positions) names.push_back(row.name);
  const auto near = nearest(path, names);
  throw ArgumentError(format("the model has no layer '{}'; {}", path,
                             near ? format("did you mean '{}'?", *near) : format("there are: {}", some_of(names, "", 20))));
}

}  // namespace

std::vector<std::string> convolutions_of(const nn::Model& model) {
  const nn::Graph* graph = model.graph();
  if (graph == nullptr) throw ArgumentError("the model is not made of layers: it has no convolutions");
  std::vector<std::string> names;
  for (const nn::Layer::Inside& row : rows_of(*graph, 0))
    if (is_convolution(row)) names.push_back(row.name);
  return names;
}

std::int64_t FilterLayer::start(std::int64_t i, std::int64_t window) const {
  const std::int64_t unit = geometry.unit();
  if (window == 0) return floor_div(geometry.interval(i).first, unit);
  const std::int64_t cell = geometry.left() + i * geometry.stride();
  return floor_div(cell + (geometry.stride() - unit) / 2, unit) - window / 2;
}

FilterLayer filter_layer(const nn::Model& model, const std::string& path, bool before_function, std::int64_t length) {
  const nn::Graph* graph = model.graph();
  if (graph == nullptr) throw ArgumentError("the model is not made of layers: it has no filters that could be looked at");
  const Rows rows = rows_of(*graph, length);
  const std::size_t at = row_of(rows, path);
  if (!rows[at].output.shape.positions)
    throw ArgumentError(format("layer '{}' has no positions along the sequence: only convolutions and the like have sites", rows[at].name));
  const bool onward = is_convolution(rows[at]) && !before_function;
  const nn::Layer::Inside& row = rows[onward ? with_function(*graph, rows, at) : at];
  FilterLayer result{.layer = rows[at].name, .activation = row.name, .filters = row.output.shape.channels, .geometry = row.output.geometry};
  for (const nn::ActivationRow& known : model.activation_paths(length)) {
    if (known.path != row.name) continue;
    result.input = known.source;
    result.both_strands = known.both_strands;
  }
  return result;
}

}  // namespace basewise::interpret::detail
