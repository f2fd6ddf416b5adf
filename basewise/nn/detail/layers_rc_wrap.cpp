#include "basewise/nn/detail/layers_rc_wrap.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/block.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/pass.h"
#include "basewise/spec/strand_forms.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/strand.h"

namespace basewise::nn::detail {
namespace {

// What is inside need not keep anything.
Activation free_of_guards(Activation input) {
  input.symmetry.kept = false;
  return input;
}

// G(x) = [g(x), RC g(RC x)], g being the layers inside: 2 F channels, c and 2 F - 1 - c being a
// pair (Zhou et al. 2022, the "CJRCWrapper").
class RcWrap : public Block {
 public:
  RcWrap(const spec::LayerSpec& spec, const Activation& input) : Block(spec, free_of_guards(input)) {
    if (has_state())
      throw ShapeError("a layer inside remembers earlier segments; the other strand runs from the last to the first, so that it has none");
  }

  at::Tensor forward(const at::Tensor& x) override { return beside(Block::forward(both(x))); }

  at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass) override {
    return beside(Block::run(both(x), path, pass));
  }

  Shape output_shape(const Shape& input) const override {
    Shape output = Block::output_shape(input);
    if (output.positions && input.length != Shape::kVaries) check_ends(input.length, output.length);
    output.channels *= 2;
    return output;
  }

  Part part() override { return {}; }
  bool runs_both_strands() const override { return true; }
  Symmetry symmetry(const Activation&) const override { return Symmetry::complemented(); }

  double multiply_adds_of_second_strand(const Activation& input) const {
    double sum = 0;
    for (const Inside& row : Block::inside(input)) sum += row.layer->multiply_adds(row.input.shape);
    return sum;
  }
  // Rows inside count the first strand.
  double multiply_adds(const Shape& input) const override {
    return multiply_adds_of_second_strand({input, Geometry(), Symmetry::complemented()});
  }

 private:
  // One pass over both strands, so that statistics of a batch are shared by them.
  static at::Tensor both(const at::Tensor& x) { return concatenate({x, other_strand(x, StrandRule::complemented)}); }

  static at::Tensor beside(const at::Tensor& y) {
    const std::int64_t n = y.size(0) / 2;
    return at::cat({y.slice(0, 0, n), other_strand(y.slice(0, n), StrandRule::complemented)}, 1);
  }

  // Cells at the same place of both halves must stand for the same positions.
  void check_ends(std::int64_t length, std::int64_t cells) const {
    const Geometry inner = Block::geometry(Geometry());
    if (inner.positions_end() || cells < 1) return;
    // What reads everything lies side by side where its cells do.
    const auto ends = [&](std::int64_t cell) {
      const std::int64_t at = inner.left() + cell * inner.stride();
      return inner.reads_all() ? std::pair(at, at + inner.stride()) : inner.interval(cell);
    };
    const std::int64_t left = ends(0).first, right = length * inner.unit() - ends(cells - 1).second;
    if (left == right) return;
    throw ShapeError(format(
        "the layers inside read from position {} on at the left end and up to {} positions before the right end, so that the strands "
        "would not lie side by side; use equal paddings and lengths whose windows leave no positions at the end",
        left / inner.unit(), right / inner.unit()));
  }
};

LayerPtr make_rc_wrap(const spec::LayerSpec& spec, const Activation& input) {
  options_of<RcWrapOptions>(spec);
  if (spec.layers.empty()) throw ShapeError("an rc_wrap needs layers inside, written as [[layers.layers]] below it");
  need_pairs(input);
  return std::make_shared<RcWrap>(spec, input);
}

}  // namespace

void describe(Visitor&, RcWrapOptions&) {}

std::span<const LayerType> rc_wrap_layers() {
  static constexpr LayerType kTypes[] = {
      {"rc_wrap", "the layers inside on both strands: any layers, made equivariant", describe_fresh<RcWrapOptions>, make_rc_wrap,
       &spec::forms::kStranded, true},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
