// Descriptions of the options of layers that know about the two strands.
#include "basewise/nn/layers.h"

namespace basewise::nn {

void describe(Visitor& v, RcConvOptions& o) {
  describe(v, o.conv);
  v("legacy_double_scale", o.legacy_double_scale,
    "compute 2 conv(x) + bias in place of conv(x) + bias, as the layer of keras-genomics did that published models were trained with");
}

void describe(Visitor& v, RcDenseOptions& o) {
  Constraint units = between(1, 1e6);
  units.required = true;
  v("units", o.units, "outputs; with output = \"paired\" twice as many come out", units);
  v("output", o.output, "invariant: (N, units), the same for both strands; paired: (N, 2 units), as a convolution over one position does",
    one_of({"invariant", "paired"}));
  v("bias", o.bias, "add a learned constant to each output");
  describe(v, o.weight);
}

void describe(Visitor& v, RcPoolOptions& o) {
  v("kind", o.kind, "sum or mean of the two channels of a pair, (N, F, L) or (N, F); weighted: learned weights of positions, (N, 2 F)",
    one_of({"sum", "mean", "weighted"}));
  v("symmetric", o.symmetric, "weighted: position t weighs as much as L - 1 - t");
}

void describe(Visitor& v, ScaleOptions& o) { v("factor", o.factor, "what every value is multiplied by; not learned"); }
void describe(Visitor&, SumChannelsOptions&) {}
void describe(Visitor&, FlipChannelsOptions&) {}
void describe(Visitor&, RcWrapOptions&) {}

void describe(Visitor& v, AbConvOptions& o) {
  Constraint width = between(1, 1e6);
  width.required = true;
  v("a", o.a, "output channels that stay as they are on the other strand", between(0, 1e6));
  v("b", o.b, "output channels that change sign on the other strand", between(0, 1e6));
  v("width", o.width, "positions of the kernel", width);
  v("stride", o.stride, "input positions per output position", between(1, 1e6));
  v("dilation", o.dilation, "distance between the positions that the kernel reads", between(1, 1e6));
  v("padding", o.padding, "same: L / stride positions, zeros at both ends; valid: none", one_of({"same", "valid"}));
  v("bias", o.bias, "add a learned constant to each a channel");
  describe(v, o.weight);
}

void describe(Visitor& v, AbActivationOptions& o) {
  v("kind", o.kind, "the function of a channels, or of pairs",
    one_of({"relu", "gelu", "gelu_tanh", "elu", "leaky_relu", "exponential", "sigmoid", "softplus", "tanh", "silu"}));
  v("odd", o.odd, "the function of b channels", one_of({"tanh", "identity"}));
  v("basis", o.basis, "irreducible: each channel by itself; regular: the function of pairs (a + b, a - b) / sqrt(2)",
    one_of({"irreducible", "regular"}));
}

void describe(Visitor& v, AbPoolOptions& o) { v("kind", o.kind, "sum or mean of both strands", one_of({"sum", "mean"})); }
void describe(Visitor&, AbBasisOptions&) {}
void describe(Visitor& v, KmerOptions& o) { v("k", o.k, "letters of a word", between(1, 6)); }

}  // namespace basewise::nn
