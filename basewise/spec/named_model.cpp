#include "basewise/spec/named_model.h"

#include <toml++/toml.h>

#include "basewise/core/toml_keys.h"
#include "basewise/spec/detail/architectures.h"

namespace basewise::spec {

void describe(Visitor& v, NamedModel& o) {
  v("name", o.name, "architecture", required());
  v("filters", o.filters,
    "channels of the first convolution; default: cnn, dilated, bpnet 64, basset 300 (the others keep their proportion)",
    between(1, 100000));
  v("width", o.width, "positions of its kernel; default: cnn 15, basset and dilated 19, bpnet 21", between(1, 1000));
  v.when("name", o.name, {ModelName::dilated, ModelName::bpnet}, [&] {
    v("layers", o.layers,
      "dilated convolutions, each looking twice as far as the one before; default: dilated 6, bpnet as many as the context of "
      "the data has room for, 9 at most",
      between(1, 14));
  });
  v.when("name", o.name, {ModelName::cnn},
         [&] { v("positions", o.positions, "whether it matters where in the sequence a pattern lies, as in designed constructs"); });
  v.when("name", o.name, {ModelName::cnn, ModelName::basset}, [&] {
    v("units", o.units, "of a hidden dense layer; default: basset 1000 (two of them), cnn 64 (with positions = true)", between(1, 100000));
    v("dropout", o.dropout, "share of values that a training step leaves out before the last layer; default: cnn 0.2, basset 0.3",
      fraction());
  });
  v.when("name", o.name, {ModelName::bpnet},
         [&] { v("profile_width", o.profile_width, "positions of the kernel that gives the profile; an odd number", between(1, 1000)); });
  v("bias_initial", o.bias_initial,
    "what the first head gives before anything is learned: one number, or one for each output; empty: about 0");
  v("output_scale", o.output_scale, "factor behind the first head: targets in the hundreds are learned sooner with 100", positive());
}

bool names_model(const std::string& toml) {
  check_toml_keys(toml, "[model]");
  try {
    const toml::table table = toml::parse(toml);
    return table.contains("name") && !table.contains("format");
  } catch (const toml::parse_error&) {
    return false;
  }
}

ModelTask usual_task(ModelName name) {
  switch (name) {
    case ModelName::cnn:
      return {.length = 200, .heads = {{}}};
    case ModelName::basset:
      return {.length = 600, .heads = {{}}};
    case ModelName::dilated:
      return {.length = 4608, .context = 256, .heads = {{.name = "signal", .positions = true, .bin = 32, .strands = StrandRule::mirrored}}};
    case ModelName::bpnet:
      return {.length = 2114,
              .context = 557,
              .heads = {{.name = "profile", .channels = 2, .positions = true, .strands = StrandRule::paired},
                        {.name = "counts", .channels = 2, .strands = StrandRule::paired}}};
  }
  throw InternalError("unknown model");
}

ModelSpec build_named(const NamedModel& model, const ModelTask& task) {
  NamedModel checked = model;
  check(described(checked), "model");
  if (task.heads.empty()) throw ArgumentError(format("model \"{}\": the data has no target that a head could answer", model.name));
  switch (model.name) {
    case ModelName::cnn:
      return detail::cnn(model, task);
    case ModelName::basset:
      return detail::basset(model, task);
    case ModelName::dilated:
      return detail::dilated(model, task);
    case ModelName::bpnet:
      return detail::bpnet(model, task);
  }
  throw InternalError("unknown model");
}

}  // namespace basewise::spec
