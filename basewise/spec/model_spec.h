// A model file as one value: inputs, layers, heads, each line remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/error.h"
#include "basewise/seq/strand_rule.h"

namespace basewise::spec {

using seq::StrandRule;

/// The input that layers without `from` start at, wherever it stands in the file.
inline constexpr std::string_view kSequence = "sequence";

/// How several sources of a layer or a head become one.
enum class Combine { add, concat };
constexpr auto words_of(Combine) {
  return words<Combine>(
      {{Combine::add, "add", "position by position, channel by channel"}, {Combine::concat, "concat", "channels behind each other"}});
}

/// A TOML value of a model file and where it stands. Values are equal whatever their places,
/// here and in all that follows.
struct SpecValue {
  std::variant<bool, std::int64_t, double, std::string, std::vector<SpecValue>> value;
  FilePosition where;

  /// "an integer", "a list of 3 values", ... for messages.
  std::string kind() const;
  friend bool operator==(const SpecValue& a, const SpecValue& b) { return a.value == b.value; }
};

struct SpecOption {
  std::string key;
  SpecValue value;
  friend bool operator==(const SpecOption&, const SpecOption&) = default;
};

/// One layer, a block of layers, or a repetition of either.
struct LayerSpec {
  std::string name;
  /// Name with the blocks and the head around it, "body.0.conv": follows from the names.
  std::string path;
  std::string type;
  FilePosition where;
  std::vector<std::string> from;  ///< names of what it takes; empty: the layer above
  FilePosition from_where;
  std::optional<Combine> combine = {};  ///< only where there are several sources
  std::vector<SpecOption> options;  ///< what belongs to the type, as given
  std::vector<LayerSpec> layers;    ///< inside of a block
  std::int64_t repeat = 0;          ///< so many of it, one behind the other; 0: not repeated

  /// Null where the option is not given.
  const SpecValue* option(std::string_view key) const;
  /// The value of an option, `otherwise` where it is not given or of another kind.
  std::string text(std::string_view key, std::string otherwise = {}) const;
  std::int64_t whole(std::string_view key, std::int64_t otherwise) const;
  bool flag(std::string_view key, bool otherwise) const;
  /// Whether an option is given as this value of a choice.
  template <Choice E>
  bool is(std::string_view key, E value) const {
    return find_choice<E>(text(key)) == value;
  }
  /// A new option comes last.
  void set(std::string_view key, SpecValue value);
  void erase(std::string_view key);

  /// "model.toml:12: layer 'body.0.conv' (conv)"
  std::string label() const;
  friend bool operator==(const LayerSpec& a, const LayerSpec& b);
};

struct InputSpec {
  std::string name;
  FilePosition where;
  std::int64_t channels = 0;
  bool positions = true;     ///< `channels` was given: (N, channels, L); false: `features` was given: (N, features)
  std::int64_t length = -1;  ///< -1: any
  std::optional<StrandRule> strands = {};  ///< how it looks from the other strand

  friend bool operator==(const InputSpec& a, const InputSpec& b);
};

struct HeadSpec {
  std::string name;
  FilePosition where;
  std::vector<std::string> from;  ///< empty: the last of the model's layers
  FilePosition from_where;
  std::optional<Combine> combine = {};
  /// Start of the last bias, one number or a list of them, as given; none: by the initialiser.
  std::optional<SpecValue> bias_initial = {};
  std::optional<StrandRule> strands = {};  ///< how it looks from the other strand
  std::vector<LayerSpec> layers;

  /// One value for all channels, or one each; empty: none given.
  std::vector<double> bias_values() const;
  friend bool operator==(const HeadSpec& a, const HeadSpec& b);
};

/// Another model that becomes a part of this one (spec/join.h).
struct PartSpec {
  std::string name;
  FilePosition where;
  std::string model;   ///< its file or run folder, as given
  bool heads = false;  ///< its heads are heads of the whole, too

  friend bool operator==(const PartSpec& a, const PartSpec& b);
};

/// Every layer has a name. Where `parts` are named, they are still to be read and joined.
struct ModelSpec {
  std::vector<PartSpec> parts;
  std::vector<InputSpec> inputs;
  std::vector<LayerSpec> layers;
  std::vector<HeadSpec> heads;

  friend bool operator==(const ModelSpec&, const ModelSpec&) = default;
};

/// A layer that no file has; `where` is the place of what it was made for.
LayerSpec made_layer(std::string name, std::string type, const FilePosition& where,
                     std::vector<SpecOption> options = {});

/// Gives all layers the paths that follow from their names.
void set_paths(ModelSpec& model);

/// ArgumentError with "file:line: " in front.
[[noreturn]] void throw_spec_error(const FilePosition& where, const std::string& message);

/// How an input (`output` false) or a head looks from the other strand where the file does not say:
/// numbers without positions are unchanged; an input that is named "sequence" or has four channels
/// is complemented; two channels are paired, one is mirrored. Nothing: with three or more channels
/// it must be said.
std::optional<StrandRule> usual_strand_rule(bool output, std::string_view name, std::int64_t channels, bool positions);

/// The rule that the file gives, else the usual one.
std::optional<StrandRule> strand_rule(const InputSpec& input);

/// "'x' has 3 channels with positions, and the model file does not say how they look from the other
/// strand: add strands = ..."
std::string unsaid_strand_rule(std::string_view name, std::int64_t channels);

}  // namespace basewise::spec
