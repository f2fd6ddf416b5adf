// A model file as values: inputs, layers, heads, with repetitions written out and every line remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/seq/strand_rule.h"

namespace basewise::spec {

using seq::StrandRule;

/// A TOML value of a model file and where it stands.
struct SpecValue {
  std::variant<bool, std::int64_t, double, std::string, std::vector<SpecValue>> value;
  FilePosition where;

  /// "an integer", "a list of 3 values", ... for messages.
  std::string kind() const;
};

struct SpecOption {
  std::string key;
  SpecValue value;
};

/// One layer, or a block of layers, after repetitions are written out.
struct LayerSpec {
  std::string name;
  std::string path;  ///< name with the blocks and the head around it: "body.0.conv", "logits.dense"
  std::string type;
  FilePosition where;
  std::vector<std::string> from;  ///< names of what it takes; empty: the layer above
  FilePosition from_where;
  std::string combine;              ///< add or concat; empty when there is one source
  std::vector<SpecOption> options;  ///< what belongs to the type
  std::vector<LayerSpec> layers;    ///< inside of a block

  /// "model.toml:12: layer 'body.0.conv' (conv)"
  std::string label() const;
};

struct InputSpec {
  std::string name;
  FilePosition where;
  std::int64_t channels = 0;
  bool positions = true;     ///< `channels` was given: (N, channels, L); false: `features` was given: (N, features)
  std::int64_t length = -1;  ///< -1: any
  std::optional<StrandRule> strands = {};  ///< how it looks from the other strand
};

struct HeadSpec {
  std::string name;
  FilePosition where;
  std::vector<std::string> from;  ///< empty: the last of the model's layers
  FilePosition from_where;
  std::string combine;
  std::vector<double> bias_initial;  ///< start of the last bias: one value for all channels, or one each; empty: by the initialiser
  FilePosition bias_where;
  std::optional<StrandRule> strands = {};  ///< how it looks from the other strand
  std::vector<LayerSpec> layers;
};

struct ModelSpec {
  std::vector<InputSpec> inputs;
  std::vector<LayerSpec> layers;
  std::vector<HeadSpec> heads;
};

/// Reads a model file (format = 1):
///
///   format = 1
///   [inputs.sequence]
///   channels = 4            # (N, 4, L); `features = 3` instead says (N, 3)
///   length = 2048           # optional
///   strands = "complemented"  # optional: unchanged, mirrored, paired or complemented; see Model::strand_rule
///   [[layers]]
///   type = "residual"
///   name = "body"           # default: the type, numbered
///   repeat = 3              # body.0, body.1, body.2
///   [[layers.layers]]
///   type = "conv"
///   dilation = [2, 4, 8]    # one per repetition
///   [[heads]]
///   name = "logits"
///   strands = "paired"      # optional, as for inputs
///   from = "body"           # default: the last layer; after a repetition its name means the last of it
///
/// Errors: ArgumentError "file:line: ..." for TOML that does not parse, unknown keys (with the nearest known one), wrong types,
/// lists that do not fit a repetition, names used twice, more than 10,000 layers with repetitions written out.
ModelSpec parse_spec(const std::string& toml, const std::string& origin);

/// ArgumentError with "file:line: " in front.
[[noreturn]] void throw_spec_error(const FilePosition& where, const std::string& message);

}  // namespace basewise::spec
