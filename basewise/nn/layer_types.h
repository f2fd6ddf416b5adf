// The table of all types of layers.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "basewise/core/options.h"
#include "basewise/nn/layer.h"
#include "basewise/spec/strand_form.h"

namespace basewise::nn {

/// A type of layer as model files name it.
struct LayerType {
  std::string_view name;
  std::string_view help;
  void (*describe)(Visitor& v);  ///< a fresh set of its options, for reference pages
  /// Builds the layer for an input of this shape.
  /// Errors: ArgumentError/ShapeError that start with file and line.
  LayerPtr (*make)(const spec::LayerSpec& spec, const Activation& input);
  /// What the layer becomes where weights are shared between the strands.
  const spec::StrandForm* strands;
  bool holds_layers = false;  ///< has [[layers.layers]] below it
};

/// Every type there is, in the order of the reference page.
std::span<const LayerType> layer_types();

/// While one lives on this thread, model files may also name these types: layers of a program's
/// own. They must outlive it; names that there are already stand for the types of the table.
class LayerTypeScope {
 public:
  explicit LayerTypeScope(std::span<const LayerType> types);
  ~LayerTypeScope();
  LayerTypeScope(const LayerTypeScope&) = delete;
  LayerTypeScope& operator=(const LayerTypeScope&) = delete;

 private:
  friend const LayerType& layer_type(const spec::LayerSpec& spec);
  static LayerTypeScope*& current();
  std::span<const LayerType> types_;
  LayerTypeScope* outer_;
};

/// The type of `spec`; errors: ArgumentError with file, line and the nearest known type.
const LayerType& layer_type(const spec::LayerSpec& spec);

/// What a type of layer is to both strands (for `spec::share_strands`);
/// null where there is no such type.
const spec::StrandForm* strand_form(std::string_view type);

/// Markdown reference of all layer types.
std::string layer_reference();

}  // namespace basewise::nn
