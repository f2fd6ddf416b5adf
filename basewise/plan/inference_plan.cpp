#include "basewise/plan/inference_plan.h"

#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "basewise/ops/native.h"
#include "basewise/plan/detail/stretch.h"
#include "basewise/tensor/scopes.h"

namespace basewise::plan {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

Index second_level_cache() {
  const long bytes = ::sysconf(_SC_LEVEL2_CACHE_SIZE);
  return bytes > 0 ? bytes : 1 << 20;
}

// Weights that pass by need some room too. Half of it, all or twice as much cost the published
// models at most a tenth.
Index default_cache() { return second_level_cache() / 4 * 3; }

// A change of any bit of any weight changes this, but for one case in 2^64.
std::uint64_t fingerprint(const char* bytes, std::size_t size) {
  constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15u;
  constexpr std::size_t kLanes = 8;
  std::uint64_t lanes[kLanes];
  for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = size + k;
  std::size_t i = 0;
  for (; i + sizeof lanes <= size; i += sizeof lanes) {
    std::uint64_t words[kLanes];
    std::memcpy(words, bytes + i, sizeof lanes);
    for (std::size_t k = 0; k < kLanes; ++k) {
      lanes[k] = (lanes[k] ^ words[k]) * kPrime;
      lanes[k] ^= lanes[k] >> 32;
    }
  }
  for (; i < size; ++i) lanes[0] = (lanes[0] ^ static_cast<unsigned char>(bytes[i])) * kPrime, lanes[0] ^= lanes[0] >> 32;
  std::uint64_t all = 0;
  for (const std::uint64_t lane : lanes) all = (all ^ lane) * kPrime, all ^= all >> 29;
  return all;
}

std::vector<at::Tensor> tensors_of(const nn::Model& model) {
  std::vector<at::Tensor> all = model.parameters();
  for (const at::Tensor& buffer : model.buffers()) all.push_back(buffer);
  return all;
}

// In pieces of equal work for all threads.
std::vector<std::uint64_t> fingerprints(const std::vector<at::Tensor>& tensors) {
  constexpr std::size_t kPiece = 1 << 18;  // bytes
  std::vector<at::Tensor> dense;
  std::vector<std::pair<const char*, std::size_t>> pieces;
  for (const at::Tensor& t : tensors) {
    dense.push_back(t.contiguous());
    const auto* bytes = static_cast<const char*>(dense.back().const_data_ptr());
    for (std::size_t at = 0; at < dense.back().nbytes(); at += kPiece)
      pieces.emplace_back(bytes + at, std::min(kPiece, dense.back().nbytes() - at));
  }
  std::vector<std::uint64_t> all(pieces.size());
  const std::size_t together = 8;  // small ones cost less than handing them out
  const auto tasks = static_cast<std::int64_t>((pieces.size() + together - 1) / together);
  (*ops::native_run().executor)(tasks, [&](std::int64_t task) {
    const std::size_t first = static_cast<std::size_t>(task) * together;
    for (std::size_t i = first; i < std::min(pieces.size(), first + together); ++i) all[i] = fingerprint(pieces[i].first, pieces[i].second);
  });
  return all;
}

bool on_rows(const PlanOp& o, const PlanProgram& program) {
  if (o.kind == PlanKind::plain || o.kind == PlanKind::input || o.kind == PlanKind::flatten || o.kind == PlanKind::dense) return false;
  return o.kind == PlanKind::global || (o.positions && program.ops[static_cast<std::size_t>(o.sources.front())].positions);
}

}  // namespace

// The program as a list of stretches over positions and of single operations on tensors.
struct InferencePlan::Compiled {
  std::vector<std::uint64_t> made_from;
  PlanProgram program;
  std::unique_ptr<PackedProgram> packed;
  std::vector<std::unique_ptr<StretchRunner>> stretches;
  struct Move {
    int stretch = -1;  // else `op`
    int op = -1;
  };
  std::vector<Move> moves;
  std::int64_t convolutions = 0;
  std::int64_t plain = 0;

  explicit Compiled(const nn::Graph& graph, std::vector<std::uint64_t> from)
      : made_from(std::move(from)), program(lower(graph, graph.head_slots())) {
    packed = std::make_unique<PackedProgram>(program);
    for (const PlanOp& o : program.ops) convolutions += o.kind == PlanKind::conv ? 1 : 0, plain += o.kind == PlanKind::plain ? 1 : 0;
    cut();
  }

  void cut() {
    std::vector<char> open(program.ops.size(), 0);
    PlanStretch stretch;
    const auto close = [&] {
      if (stretch.items.empty()) return;
      for (const PlanStretch::Item& i : stretch.items) {
        const PlanOp& o = program.ops[static_cast<std::size_t>(i.value)];
        if (!i.load && o.positions && read_outside(i.value, stretch)) stretch.exports.push_back(i.value);
      }
      stretches.push_back(std::make_unique<StretchRunner>(program, *packed, std::move(stretch)));
      moves.push_back({static_cast<int>(stretches.size()) - 1, -1});
      stretch = {};
      std::fill(open.begin(), open.end(), 0);
    };
    std::vector<int> loaded(program.ops.size(), -1);
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const PlanOp& o = program.ops[i];
      if (o.kind == PlanKind::input) continue;
      if (!on_rows(o, program)) {
        if (std::any_of(o.sources.begin(), o.sources.end(), [&](int s) { return open[static_cast<std::size_t>(s)] != 0; })) close();
        moves.push_back({-1, static_cast<int>(i)});
        continue;
      }
      for (const int s : o.sources)
        if (open[static_cast<std::size_t>(s)] == 0) stretch.items.push_back({s, true}), open[static_cast<std::size_t>(s)] = 1;
      stretch.items.push_back({static_cast<int>(i), false});
      open[i] = 1;
    }
    close();
  }

  bool read_outside(int value, const PlanStretch& stretch) const {
    if (std::find(program.outputs.begin(), program.outputs.end(), value) != program.outputs.end()) return true;
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const auto& sources = program.ops[i].sources;
      if (std::find(sources.begin(), sources.end(), value) == sources.end()) continue;
      const bool inside = std::any_of(stretch.items.begin(), stretch.items.end(),
                                      [&](const PlanStretch::Item& item) { return !item.load && item.value == static_cast<int>(i); });
      if (!inside) return true;
    }
    return false;
  }

  std::vector<Index> lengths(const std::vector<at::Tensor>& inputs) const {
    std::vector<Index> all(program.ops.size(), 0);
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const PlanOp& o = program.ops[i];
      if (o.kind == PlanKind::input) {
        const at::Tensor& x = inputs[static_cast<std::size_t>(o.input)];
        if (o.positions) all[i] = is_tokens(x) ? x.size(1) : x.size(2);
        continue;
      }
      const auto source = static_cast<std::size_t>(o.sources.front());
      const ops::ConvSettings& s = o.settings;
      all[i] = all[source];
      if (o.kind == PlanKind::conv || o.kind == PlanKind::pool) all[i] = (all[source] + s.pad_left + s.pad_right - o.span()) / s.stride + 1;
      if (o.kind == PlanKind::crop) all[i] -= o.crop.left + o.crop.right;
      if (o.kind == PlanKind::plain)
        all[i] = o.layer->output_shape({program.ops[source].channels, program.ops[source].positions, all[source]}).length;
      if (!o.positions) all[i] = 0;
    }
    return all;
  }

  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, const PlanLimits& limits) {
    const std::vector<Index> length = lengths(inputs);
    std::vector<at::Tensor> values(program.ops.size());
    for (std::size_t i = 0; i < program.ops.size(); ++i)
      if (program.ops[i].kind == PlanKind::input) values[i] = inputs[static_cast<std::size_t>(program.ops[i].input)];
    for (const Move& move : moves) {
      if (move.stretch >= 0) {
        for (const PlanStretch::Item& item : stretches[static_cast<std::size_t>(move.stretch)]->stretch().items)
          if (at::Tensor& x = values[static_cast<std::size_t>(item.value)]; item.load && !is_tokens(x) && x.scalar_type() != at::kFloat)
            x = x.to(at::kFloat);
        stretches[static_cast<std::size_t>(move.stretch)]->run(values, length, limits);
      } else {
        values[static_cast<std::size_t>(move.op)] = single(move.op, values);
      }
    }
    ops::counts().basewise += convolutions;
    std::vector<at::Tensor> outputs;
    for (const int output : program.outputs) outputs.push_back(values[static_cast<std::size_t>(output)]);
    return outputs;
  }

  // An operation on whole tensors.
  at::Tensor single(int value, const std::vector<at::Tensor>& values) const {
    const PlanOp& o = program.ops[static_cast<std::size_t>(value)];
    std::vector<at::Tensor> x;
    for (const int source : o.sources) {
      const at::Tensor& t = values[static_cast<std::size_t>(source)];
      x.push_back(is_tokens(t) && program.ops[static_cast<std::size_t>(source)].positions ? one_hot_of(t, at::kFloat) : t);
    }
    switch (o.kind) {
      case PlanKind::point:
      case PlanKind::plain:
        return o.layer->forward(x.front());
      case PlanKind::flatten:
        return o.rows_of > 0 ? x.front().transpose(1, 2).reshape({x.front().size(0), -1}) : x.front().flatten(1);
      case PlanKind::dense:
        return product(value, x.front());
      case PlanKind::concat:
        return at::cat(x, 1);
      case PlanKind::add: {
        at::Tensor sum = x.front();
        for (std::size_t k = 1; k < x.size(); ++k) sum = sum + x[k];
        return sum;
      }
      case PlanKind::map: {
        at::Tensor y = x.front().contiguous().clone();
        kernels::Normalise call;
        call.shape = {1, y.size(0), o.channels};
        call.x = {y.const_data_ptr<float>(), 0, o.channels};
        if (const float* factors = packed->factors(value))
          call.scale = factors, call.shift = factors + o.channels, call.centre = factors + 2 * o.channels;
        call.activation = o.activation;
        call.y = {y.mutable_data_ptr<float>(), 0, o.channels};
        if (y.size(0) > 0) kernels::normalise(call, ops::native_run());
        return y;
      }
      default:
        throw InternalError(format("operation '{}' does not work on whole tensors", o.name));
    }
  }

  // Examples are the rows; threads share units.
  at::Tensor product(int value, const at::Tensor& input) const {
    const PlanOp& o = program.ops[static_cast<std::size_t>(value)];
    const at::Tensor x = input.contiguous();
    at::Tensor y = at::empty({x.size(0), o.channels}, at::kFloat);
    const auto& parts = packed->parts(value);
    constexpr Index kRows = 96;
    const Index blocks = (x.size(0) + kRows - 1) / kRows, count = static_cast<Index>(parts.size());
    (*ops::native_run().executor)(blocks * count, [&](Index task) {
      const Index part = task / blocks, first = task % blocks * kRows;
      kernels::PackedConv::Rows call;
      call.x = x.const_data_ptr<float>() + first * x.size(1), call.x_step = x.size(1);
      call.first = first, call.count = std::min(kRows, x.size(0) - first);
      call.y = y.mutable_data_ptr<float>() + first * o.channels + part * PackedProgram::units(), call.y_step = o.channels;
      parts[static_cast<std::size_t>(part)](call);
    });
    return y;
  }
};

InferencePlan::InferencePlan(nn::Model& model, PlanOptions options) : model_(model), options_(options) {}
InferencePlan::~InferencePlan() = default;

Bundle InferencePlan::operator()(const Bundle& inputs) {
  const EvalScope mode(model_);
  const NoGradScope no_grad;
  const auto plain = [&] { return model_.forward(inputs); };
  if (ops::chosen_kernels() != ops::Kernels::basewise) return plain();
  const nn::Graph* graph = model_.graph();
  if (graph == nullptr) return plain();
  const std::vector<at::Tensor> tensors = tensors_of(model_);
  for (const at::Tensor& t : tensors)
    if (!t.device().is_cpu() || t.layout() != at::kStrided || (t.is_floating_point() && t.scalar_type() != at::kFloat)) return plain();
  const std::vector<at::Tensor> given = model_.graph_inputs(inputs);
  for (const at::Tensor& t : given)
    if (!t.device().is_cpu() || t.size(0) == 0) return plain();
  for (const at::Tensor& t : given)
    if (t.size(0) != given.front().size(0)) return plain();
  std::vector<std::uint64_t> now = fingerprints(tensors);
  if (!compiled_ || compiled_->made_from != now) compiled_ = std::make_unique<Compiled>(*graph, std::move(now));
  PlanLimits limits;
  limits.cache = options_.cache > 0 ? options_.cache : default_cache();
  limits.rows = options_.rows;
  limits.strips = options_.strips;
  const std::vector<at::Tensor> outputs = compiled_->run(given, limits);
  ops::counts().plain += compiled_->plain;
  Bundle named;
  for (std::size_t i = 0; i < outputs.size(); ++i) named.set(graph->heads()[i].name, outputs[i]);
  return named;
}

std::string InferencePlan::describe() const {
  std::string text;
  if (compiled_)
    for (const auto& stretch : compiled_->stretches) text += stretch->describe();
  return text;
}

InferencePlan::Steps plan_steps(const nn::Model& model) {
  InferencePlan::Steps steps;
  const nn::Graph* graph = model.graph();
  if (graph == nullptr) return steps;
  const EvalScope mode(const_cast<nn::Model&>(model));  // given back as it was
  for (const PlanOp& o : lower(*graph, graph->head_slots()).ops)
    if (o.kind != PlanKind::input) (o.kind == PlanKind::plain ? steps.plain : steps.planned).push_back(o.name);
  return steps;
}

}  // namespace basewise::plan
