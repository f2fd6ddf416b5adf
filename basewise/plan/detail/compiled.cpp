#include "basewise/plan/detail/compiled.h"

#include <algorithm>

#include <unistd.h>

#include "basewise/kernels/normalise.h"
#include "basewise/ops/native.h"

namespace basewise::plan::detail {
namespace {

Index second_level_cache() {
  const long bytes = ::sysconf(_SC_LEVEL2_CACHE_SIZE);
  return bytes > 0 ? bytes : 1 << 20;
}

bool on_rows(const PlanOp& o, const PlanProgram& program) {
  if (o.kind == PlanKind::plain || o.kind == PlanKind::input || o.kind == PlanKind::flatten || o.kind == PlanKind::dense) return false;
  return o.kind == PlanKind::global || (o.positions && program.ops[static_cast<std::size_t>(o.sources.front())].positions);
}

}  // namespace

// Weights that pass by need some room too. Half of it, all or twice as much cost the published
// models at most a tenth.
Index default_cache() { return second_level_cache() / 4 * 3; }

CompiledProgram::CompiledProgram(PlanProgram program) : program_(std::move(program)) {
  packed_ = std::make_unique<PackedProgram>(program_);
  for (const PlanOp& o : program_.ops) convolutions_ += o.kind == PlanKind::conv ? 1 : 0, plain_ += o.kind == PlanKind::plain ? 1 : 0;
  cut();
}

void CompiledProgram::cut() {
  std::vector<char> open(program_.ops.size(), 0);
  PlanStretch stretch;
  const auto close = [&] {
    if (stretch.items.empty()) return;
    for (const PlanStretch::Item& i : stretch.items) {
      const PlanOp& o = program_.ops[static_cast<std::size_t>(i.value)];
      if (!i.load && o.positions && read_outside(i.value, stretch)) stretch.exports.push_back(i.value);
    }
    stretches_.push_back(std::make_unique<StretchRunner>(program_, *packed_, std::move(stretch)));
    moves_.push_back({static_cast<int>(stretches_.size()) - 1, -1});
    stretch = {};
    std::fill(open.begin(), open.end(), 0);
  };
  std::vector<int> loaded(program_.ops.size(), -1);
  for (std::size_t i = 0; i < program_.ops.size(); ++i) {
    const PlanOp& o = program_.ops[i];
    if (o.kind == PlanKind::input) continue;
    if (!on_rows(o, program_)) {
      if (std::any_of(o.sources.begin(), o.sources.end(), [&](int s) { return open[static_cast<std::size_t>(s)] != 0; })) close();
      moves_.push_back({-1, static_cast<int>(i)});
      continue;
    }
    for (const int s : o.sources)
      if (open[static_cast<std::size_t>(s)] == 0) stretch.items.push_back({s, true}), open[static_cast<std::size_t>(s)] = 1;
    stretch.items.push_back({static_cast<int>(i), false});
    open[i] = 1;
  }
  close();
}

bool CompiledProgram::read_outside(int value, const PlanStretch& stretch) const {
  if (std::find(program_.outputs.begin(), program_.outputs.end(), value) != program_.outputs.end()) return true;
  for (std::size_t i = 0; i < program_.ops.size(); ++i) {
    const auto& sources = program_.ops[i].sources;
    if (std::find(sources.begin(), sources.end(), value) == sources.end()) continue;
    const bool inside = std::any_of(stretch.items.begin(), stretch.items.end(),
                                    [&](const PlanStretch::Item& item) { return !item.load && item.value == static_cast<int>(i); });
    if (!inside) return true;
  }
  return false;
}

std::vector<Index> lengths_of(const PlanProgram& program, const std::vector<at::Tensor>& inputs) {
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

std::vector<at::Tensor> CompiledProgram::run(const std::vector<at::Tensor>& inputs, const PlanLimits& limits) {
  const std::vector<Index> length = lengths(inputs);
  std::vector<at::Tensor> values(program_.ops.size());
  for (std::size_t i = 0; i < program_.ops.size(); ++i)
    if (program_.ops[i].kind == PlanKind::input) values[i] = inputs[static_cast<std::size_t>(program_.ops[i].input)];
  for (const Move& move : moves_) {
    if (move.stretch >= 0) {
      for (const PlanStretch::Item& item : stretches_[static_cast<std::size_t>(move.stretch)]->stretch().items)
        if (at::Tensor& x = values[static_cast<std::size_t>(item.value)]; item.load && !is_tokens(x) && x.scalar_type() != at::kFloat)
          x = x.to(at::kFloat);
      stretches_[static_cast<std::size_t>(move.stretch)]->run(values, length, limits);
    } else {
      values[static_cast<std::size_t>(move.op)] = single(move.op, values);
    }
  }
  ops::counts().basewise += convolutions_;
  std::vector<at::Tensor> outputs;
  for (const int output : program_.outputs) outputs.push_back(values[static_cast<std::size_t>(output)]);
  return outputs;
}

// An operation on whole tensors.
at::Tensor CompiledProgram::single(int value, const std::vector<at::Tensor>& values) const {
  const PlanOp& o = program_.ops[static_cast<std::size_t>(value)];
  std::vector<at::Tensor> x;
  for (const int source : o.sources) {
    const at::Tensor& t = values[static_cast<std::size_t>(source)];
    x.push_back(is_tokens(t) && program_.ops[static_cast<std::size_t>(source)].positions ? one_hot_of(t, at::kFloat) : t);
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
      if (const float* factors = packed_->factors(value))
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
at::Tensor CompiledProgram::product(int value, const at::Tensor& input) const {
  const PlanOp& o = program_.ops[static_cast<std::size_t>(value)];
  const at::Tensor x = input.contiguous();
  at::Tensor y = at::empty({x.size(0), o.channels}, at::kFloat);
  const auto& parts = packed_->parts(value);
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

std::string CompiledProgram::describe() const {
  std::string text;
  for (const auto& stretch : stretches_) text += stretch->describe();
  return text;
}

}  // namespace basewise::plan::detail
