// Names in one list of layers: who may be called what.
#pragma once

#include <map>
#include <string>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// Names of one list are unique, and none lies inside another: "dna.stem" and "dna" exclude each
/// other, as their weights would mix.
class Names {
 public:
  Names() = default;

  /// Those of a model's inputs, parts, heads and layers. Errors: as `take`.
  explicit Names(const ModelSpec& model);

  /// Errors: ArgumentError with `where` that names the line of the first.
  void take(const std::string& name, const FilePosition& where);

  /// `wanted`, or, where that is taken, wanted_2, wanted_3, ...; taken from now on.
  std::string fresh(const std::string& wanted, const FilePosition& where);

  /// Takes the names of `layers`; one without a name is called by its type, numbered from the
  /// second on. Given names win. Names of what is inside of blocks are given as well, each block
  /// being a list of its own.
  void give(std::vector<LayerSpec>& layers);

 private:
  bool taken(const std::string& name) const { return lines_.contains(name); }

  std::map<std::string, std::int64_t> lines_;  // of the first use
  std::map<std::string, int> numbers_;         // to try next
};

}  // namespace basewise::spec
