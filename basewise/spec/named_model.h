// Published architectures by name, made for the data at hand: "bpnet", "basset", "dilated", "cnn".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/options.h"
#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// An architecture that needs no file.
enum class ModelName { cnn, basset, dilated, bpnet };
constexpr auto words_of(ModelName) {
  return words<ModelName>(
      {{ModelName::cnn, "cnn", "motifs, pairs of them, the largest value of each: one answer per sequence"},
       {ModelName::basset, "basset",
        "three convolutions, two dense layers (Kelley et al. 2016): one answer per sequence of 168 bases or more"},
       {ModelName::dilated, "dilated", "residual dilated convolutions: an answer at every base or bin, or one per sequence"},
       {ModelName::bpnet, "bpnet", "dilated convolutions, profile and counts (Avsec et al. 2021)"}});
}

/// The table [model] of a recipe that names an architecture. What is not given is as published, but
/// that sequences which are too short for it make it smaller.
struct NamedModel {
  ModelName name = ModelName::cnn;
  std::optional<std::int64_t> filters = {};  ///< of the first convolution
  std::optional<std::int64_t> width = {};    ///< of the first convolution
  std::optional<std::int64_t> layers = {};   ///< dilated, bpnet: dilated convolutions
  std::optional<std::int64_t> units = {};    ///< cnn with `positions`, basset: of a hidden dense layer
  std::optional<double> dropout = {};        ///< cnn, basset
  bool positions = false;                    ///< cnn: whether it matters where in the sequence a pattern lies
  std::int64_t profile_width = 75;           ///< bpnet: of the convolution that gives the profile
  std::vector<double> bias_initial = {};     ///< what the first head gives before anything is learned: one number or one per output
  double output_scale = 1;                   ///< factor behind the first head, for targets that are not of the size of 1
};
void describe(Visitor& v, NamedModel& o);

/// Whether a table [model] names an architecture rather than being a model file: it has `name`, and
/// no `format`. Text that is no TOML names none.
bool names_model(const std::string& toml);

/// One answer that the data asks for.
struct HeadTask {
  std::string name = "logits";
  std::int64_t channels = 1;
  bool positions = false;                      ///< (N, channels, positions), else (N, channels)
  std::int64_t bin = 1;                        ///< with positions: bases per value
  bool positive = false;                       ///< never below zero: a rate
  StrandRule strands = StrandRule::unchanged;  ///< how it looks from the other strand
};

/// What a model reads and answers.
struct ModelTask {
  std::int64_t length = 0;            ///< bases of an example
  std::int64_t context = 0;           ///< bases at each side that heads with positions do not answer for
  std::int64_t control_channels = 0;  ///< of the input "control_profile"; 0: there is none
  bool control_counts = false;        ///< whether there is the input "control_counts"
  std::vector<HeadTask> heads = {};
};

/// What is shown of an architecture where there are no data.
ModelTask usual_task(ModelName name);

/// The architecture for a task: every layer named, dilations as a repetition with a list.
/// Errors: ArgumentError that says what the architecture cannot do, from which length on it can,
/// and which one to take instead.
ModelSpec build_named(const NamedModel& model, const ModelTask& task);

}  // namespace basewise::spec
