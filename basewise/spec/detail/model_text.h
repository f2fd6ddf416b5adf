// A model file as values that can be changed and written again: unlike a specification it keeps repetitions as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/spec/model_spec.h"

namespace basewise::spec::detail {

struct TextLayer {
  std::string name;
  std::string type;
  FilePosition where;
  std::vector<std::string> from;
  std::string combine;
  std::int64_t repeat = 0;  ///< 0: not repeated
  std::vector<SpecOption> options;
  std::vector<TextLayer> layers;

  /// Null where the option is not given.
  const SpecValue* option(std::string_view key) const;
  void set(std::string_view key, SpecValue value);
  void erase(std::string_view key);

  /// "model.toml:12: layer 'conv_1' (conv)"
  std::string label() const;
};

struct TextHead {
  std::string name;
  FilePosition where;
  std::vector<std::string> from;
  std::string combine;
  std::vector<SpecOption> options;
  std::vector<TextLayer> layers;
};

struct TextInput {
  std::string name;
  std::vector<SpecOption> options;
};

struct TextModel {
  std::vector<TextInput> inputs;
  std::vector<TextLayer> layers;
  std::vector<TextHead> heads;
};

/// Null where there is no option of this name.
const SpecValue* find_option(const std::vector<SpecOption>& options, std::string_view key);

/// Reads a model file and gives every layer the name that `parse_spec` gives it. Errors: those of `parse_spec`.
TextModel read_model_text(const std::string& toml, const std::string& origin);

/// A model file that `parse_spec` reads; `comment` comes first.
std::string write_model_text(const TextModel& model, const std::string& comment);

}  // namespace basewise::spec::detail
