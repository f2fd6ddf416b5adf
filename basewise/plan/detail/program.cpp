#include "basewise/plan/detail/program.h"

#include <algorithm>

#include "basewise/ops/conv_unit.h"
#include "basewise/ops/native.h"

namespace basewise::plan::detail {
namespace {

class Lowering {
 public:
  explicit Lowering(PlanProgram& program) : program_(program) {}

  std::vector<int> graph(const nn::Graph& graph, std::vector<int> slots, const std::vector<int>& wanted) {
    for (std::size_t i = 0; i < graph.steps().size(); ++i) {
      const nn::Graph::Step& step = graph.steps()[i];
      int x = slots[static_cast<std::size_t>(step.sources.front())];
      if (step.sources.size() > 1) {
        PlanOp both = made(step.add ? PlanKind::add : PlanKind::concat, step.path, {});
        for (const int source : step.sources) both.sources.push_back(slots[static_cast<std::size_t>(source)]);
        both.positions = op(x).positions;
        for (const int source : both.sources) both.channels = step.add ? op(source).channels : both.channels + op(source).channels;
        x = push(std::move(both));
      }
      slots.push_back(step.layer ? layer(step.layer, step.path, x, graph.at(graph.inputs() + static_cast<int>(i)).shape) : x);
    }
    std::vector<int> values;
    for (const int slot : wanted) values.push_back(slots[static_cast<std::size_t>(slot)]);
    return values;
  }

  int input(int number, const nn::Shape& shape) {
    PlanOp o = made(PlanKind::input, format("input {}", number), {});
    o.input = number, o.positions = shape.positions, o.channels = shape.channels;
    return push(std::move(o));
  }

 private:
  const PlanOp& op(int value) const { return program_.ops[static_cast<std::size_t>(value)]; }
  int push(PlanOp o) {
    program_.ops.push_back(std::move(o));
    return static_cast<int>(program_.ops.size()) - 1;
  }
  static PlanOp made(PlanKind kind, const std::string& name, std::vector<int> sources) {
    PlanOp o;
    o.kind = kind, o.name = name, o.sources = std::move(sources);
    return o;
  }
  // An operation on one value, of the same shape until told otherwise.
  PlanOp on(PlanKind kind, const std::string& name, int x) const {
    PlanOp o = made(kind, name, {x});
    o.positions = op(x).positions, o.channels = op(x).channels;
    return o;
  }

  int layer(const nn::LayerPtr& layer, const std::string& name, int x, const nn::Shape& output) {
    const nn::Part part = layer->part();
    if (const auto* conv = std::get_if<ops::ConvPart>(&part.what)) return convolution(*conv, layer, name, x, output);
    if (const auto* dense = std::get_if<ops::DensePart>(&part.what)) return matrix(*dense, layer, name, x, output);
    if (const auto* norm = std::get_if<ops::NormPart>(&part.what); norm != nullptr && !norm->training) return normalisation(*norm, name, x);
    if (const auto* activation = std::get_if<ops::ActivationPart>(&part.what)) {
      PlanOp o = on(PlanKind::map, name, x);
      o.activation = activation->kind;
      return push(std::move(o));
    }
    if (const auto* pool = std::get_if<ops::PoolPart>(&part.what)) return pooled(*pool, name, x);
    if (const auto* crop = std::get_if<ops::CropPart>(&part.what)) return cropped(*crop, name, x);
    if (std::holds_alternative<ops::FlattenPart>(part.what)) return flat(name, x, output.channels);
    if (const auto* point = std::get_if<ops::PointPart>(&part.what)) {
      PlanOp o = on(PlanKind::point, name, x);
      o.layer = layer, o.numbers = point->numbers;
      return push(std::move(o));
    }
    if (std::holds_alternative<ops::PassPart>(part.what)) return x;
    if (const auto* inner = std::get_if<nn::GraphPart>(&part.what))
      return inner->skip == nn::GraphPart::Skip::around ? plain(layer, name, x, output) : block(*inner, name, x);
    return plain(layer, name, x, output);
  }

  int plain(const nn::LayerPtr& layer, const std::string& name, int x, const nn::Shape& output) {
    PlanOp o = made(PlanKind::plain, name, {x});
    o.layer = layer, o.positions = output.positions, o.channels = output.channels;
    return push(std::move(o));
  }

  int convolution(const ops::ConvPart& conv, const nn::LayerPtr& layer, const std::string& name, int x, const nn::Shape& output) {
    if (ops::has_thin_groups(conv, op(x).channels)) return plain(layer, name, x, output);
    PlanOp o = on(PlanKind::conv, name, x);
    o.channels = conv.weight.size(0), o.width = conv.weight.size(2);
    o.settings = conv.settings, o.weight = conv.weight, o.bias = conv.bias;
    return push(std::move(o));
  }

  int matrix(const ops::DensePart& dense, const nn::LayerPtr& layer, const std::string& name, int x, const nn::Shape& output) {
    if (op(x).positions && dense.on_channels) return convolution({dense.weight.unsqueeze(2), dense.bias, {}}, layer, name, x, output);
    if (op(x).positions) x = flat(name, x, dense.weight.size(1));
    PlanOp o = on(PlanKind::dense, name, x);
    o.channels = dense.weight.size(0), o.weight = dense.weight, o.bias = dense.bias;
    return push(std::move(o));
  }

  int normalisation(const ops::NormPart& norm, const std::string& name, int x) {
    PlanOp o = on(PlanKind::map, name, x);
    o.after = ops::affine_of(norm);
    return push(std::move(o));
  }

  int pooled(const ops::PoolPart& pool, const std::string& name, int x) {
    PlanOp o = on(pool.global ? PlanKind::global : PlanKind::pool, name, x);
    o.positions = !pool.global, o.pooling = pool.kind, o.width = pool.width;
    o.settings.stride = pool.stride, o.settings.pad_left = pool.pad_left, o.settings.pad_right = pool.pad_right;
    return push(std::move(o));
  }

  int cropped(const ops::CropPart& crop, const std::string& name, int x) {
    if (crop.left == 0 && crop.right == 0) return x;
    PlanOp o = on(PlanKind::crop, name, x);
    o.crop = crop;
    return push(std::move(o));
  }

  int flat(const std::string& name, int x, std::int64_t features) {
    if (!op(x).positions) return x;
    PlanOp o = on(PlanKind::flatten, name, x);
    o.positions = false, o.channels = features;
    return push(std::move(o));
  }

  int block(const nn::GraphPart& inner, const std::string& name, int x) {
    const int result = graph(*inner.graph, {x}, {inner.wanted}).front();
    if (inner.skip == nn::GraphPart::Skip::none) return result;
    int skip = cropped(inner.crop, name, x);
    if (inner.project) {
      const nn::Shape output{op(result).channels, op(result).positions, nn::Shape::kVaries};
      skip = layer(inner.project, name + ".project", skip, output);
    }
    if (inner.skip == nn::GraphPart::Skip::before) {
      PlanOp both = on(PlanKind::concat, name, skip);
      both.sources = {skip, result}, both.channels = op(skip).channels + op(result).channels;
      return push(std::move(both));
    }
    PlanOp sum = on(PlanKind::add, name, result);
    sum.sources = {result, skip};
    return push(std::move(sum));
  }

  PlanProgram& program_;
};

// What stands behind a convolution or a matrix product and is read by nobody else becomes part of
// it. The operation behind takes the place, so that sources come before what reads them.
void fuse(PlanProgram& program, PlanJoined joins) {
  const std::vector<int> readers = program.readers();
  const auto alone = [&](int value, std::size_t most_sources) {
    const PlanOp& o = program.ops[static_cast<std::size_t>(value)];
    const bool weights = o.kind == PlanKind::conv || o.kind == PlanKind::dense;
    return weights && readers[static_cast<std::size_t>(value)] == 1 && o.sources.size() <= most_sources;
  };
  for (PlanOp& o : program.ops) {
    if (o.kind == PlanKind::map && alone(o.sources.front(), 1)) {
      const PlanOp& before = program.ops[static_cast<std::size_t>(o.sources.front())];
      if (before.activation != kernels::Activation::identity) continue;
      if (joins == PlanJoined::factors && o.activation != kernels::Activation::identity) continue;
      PlanOp joined = before;
      joined.activation = o.activation;
      if (o.after.scale.defined()) ops::fold(o.after, joined.weight, joined.bias);
      o = std::move(joined);
    } else if (joins == PlanJoined::all && o.kind == PlanKind::add && o.positions && o.sources.size() == 2) {
      for (const std::size_t inner : {std::size_t{0}, std::size_t{1}}) {
        const int value = o.sources[inner], other = o.sources[1 - inner];
        if (value == other || !alone(value, 1) || program.ops[static_cast<std::size_t>(value)].kind != PlanKind::conv) continue;
        PlanOp joined = program.ops[static_cast<std::size_t>(value)];
        joined.sources.push_back(other);
        o = std::move(joined);
        break;
      }
    }
  }
}

// A flattening that only matrix products read need not bring the numbers into another order: their
// weights take the other order.
void leave_rows_as_they_lie(PlanProgram& program) {
  const std::vector<int> readers = program.readers();
  std::vector<int> products(program.ops.size(), 0);
  for (const PlanOp& o : program.ops)
    if (o.kind == PlanKind::dense) ++products[static_cast<std::size_t>(o.sources.front())];
  for (PlanOp& o : program.ops) {
    if (o.kind != PlanKind::dense) continue;
    const auto source = static_cast<std::size_t>(o.sources.front());
    PlanOp& flat = program.ops[source];
    if (flat.kind != PlanKind::flatten || products[source] != readers[source]) continue;
    o.rows_of = flat.rows_of = program.ops[static_cast<std::size_t>(flat.sources.front())].channels;
    o.weight = o.weight.view({o.channels, o.rows_of, -1}).transpose(1, 2).reshape({o.channels, -1});
  }
}

// What no output needs goes away.
void drop_unread(PlanProgram& program) {
  std::vector<char> needed(program.ops.size(), 0);
  for (const int output : program.outputs) needed[static_cast<std::size_t>(output)] = 1;
  for (std::size_t i = program.ops.size(); i-- > 0;)
    if (needed[i] != 0)
      for (const int source : program.ops[i].sources) needed[static_cast<std::size_t>(source)] = 1;
  std::vector<int> number(program.ops.size(), -1);
  std::vector<PlanOp> kept;
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    if (needed[i] == 0) continue;
    number[i] = static_cast<int>(kept.size());
    kept.push_back(std::move(program.ops[i]));
    for (int& source : kept.back().sources) source = number[static_cast<std::size_t>(source)];
  }
  program.ops = std::move(kept);
  for (int& output : program.outputs) output = number[static_cast<std::size_t>(output)];
}

}  // namespace

std::vector<int> PlanProgram::readers() const {
  std::vector<int> count(ops.size(), 0);
  for (const PlanOp& o : ops)
    for (const int source : o.sources) ++count[static_cast<std::size_t>(source)];
  for (const int output : outputs) ++count[static_cast<std::size_t>(output)];
  return count;
}

PlanProgram lower(const nn::Graph& graph, const std::vector<int>& wanted, PlanJoined joined) {
  const at::NoGradGuard no_grad;
  PlanProgram program;
  Lowering lowering(program);
  std::vector<int> slots;
  for (int i = 0; i < graph.inputs(); ++i) slots.push_back(lowering.input(i, graph.at(i).shape));
  program.outputs = lowering.graph(graph, slots, wanted);
  fuse(program, joined);
  drop_unread(program);
  leave_rows_as_they_lie(program);
  return program;
}

}  // namespace basewise::plan::detail
