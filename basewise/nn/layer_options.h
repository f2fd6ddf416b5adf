// Options of layers: read from a model file, described for reference pages.
#pragma once

#include "basewise/core/options.h"
#include "basewise/spec/model_spec.h"

namespace basewise::nn {

/// Sets described options from those of a model file.
/// Errors: ArgumentError "file:line: layer 'stem' (conv): ..." for unknown keys (with the nearest
/// known one), wrong types, values out of bounds, required ones that are missing, and options that
/// another choice would use.
void read_options(const Described& options, const spec::LayerSpec& spec);

/// Options of `spec` read into a fresh struct.
template <class O>
O options_of(const spec::LayerSpec& spec) {
  O options;
  read_options(described(options), spec);
  return options;
}

/// Describes a fresh struct, for `LayerType::describe`.
template <class O>
void describe_fresh(Visitor& v) {
  O options;
  describe(v, options);
}

}  // namespace basewise::nn
