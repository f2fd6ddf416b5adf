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

}  // namespace basewise::nn
