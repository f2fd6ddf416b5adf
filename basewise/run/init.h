// Weights that a run starts from: those of other runs, by name or by the beginnings of names,
// with a report of both sides.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/nn/model.h"

namespace basewise::run {

/// One [[init]] of a recipe. Several may fill different parts of a model,
/// say one joined from two trained ones.
struct InitOptions {
  std::filesystem::path from = {};  ///< run folder, or file of weights (.safetensors)
  std::vector<std::string> match =
      {};  ///< "dna.=": what begins with "dna." here has the name without it there; empty: the same names
  std::vector<std::string> skip = {};    ///< names or parts of this model that keep their initial values
  bool trunk = false;                    ///< all heads keep their initial values
  bool resized = false;                  ///< tensors that have another shape in the source keep their initial values
  std::vector<std::string> freeze = {};  ///< names or parts of this model that do not learn
};
void describe(Visitor& v, InitOptions& o);

/// What one [[init]] did. Names are those of the run's model unless said otherwise.
struct InitReport {
  std::filesystem::path file = {};
  std::vector<std::string> taken = {};
  std::vector<std::string> kept = {};    ///< neither named by `match` nor taken: they keep their values
  std::vector<std::string> resized = {};  ///< of `kept`: those with another shape in the source
  std::vector<std::string> unused = {};  ///< of the source, by its names
  std::vector<std::string> freeze = {};  ///< as the options say

  /// "runs/a/weights.safetensors: 12 tensors taken, 2 keep their values (head.weight, head.bias), 2
  /// of the source are not used (...)"
  std::string to_string() const;
};
nlohmann::ordered_json to_json(const InitReport& report);

/// The file of weights that `from` means.
/// Errors: StateError for a folder without weights, and for a file that is not there.
std::filesystem::path weights_of(const InitOptions& options);

/// Fills the model. Each tensor that `match` names (without it: every tensor of the model) must be
/// in the source with the same shape, unless `skip` names it, `trunk` and it belongs to a head, or
/// `resized` and its shape is another one.
/// Errors: StateError that lists all that do not fit, and for a tensor that two sources give;
/// ArgumentError for an entry of `match` that is not NEW=OLD, and one that names nothing. Nothing
/// is changed then.
std::vector<InitReport> initialise(nn::Model& model, const std::vector<InitOptions>& inits);

/// All that does not learn.
std::vector<std::string> frozen_parts(const std::vector<InitOptions>& inits);

}  // namespace basewise::run
