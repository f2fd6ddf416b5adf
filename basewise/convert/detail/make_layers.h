// Layers of model files as values, for files of other programs.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "basewise/spec/model_spec.h"

namespace basewise::convert::detail {

using spec::LayerSpec;
using Layers = std::vector<LayerSpec>;

/// An option of a layer, "filters" and 64, "kind" and "max".
struct Given {
  Given(std::string k, int v) : key(std::move(k)), value{std::int64_t{v}, {}} {}
  Given(std::string k, std::int64_t v) : key(std::move(k)), value{v, {}} {}
  Given(std::string k, double v) : key(std::move(k)), value{v, {}} {}
  Given(std::string k, bool v) : key(std::move(k)), value{v, {}} {}
  Given(std::string k, const char* v) : key(std::move(k)), value{std::string(v), {}} {}
  Given(std::string k, std::string v) : key(std::move(k)), value{std::move(v), {}} {}
  Given(std::string k, spec::SpecValue v) : key(std::move(k)), value(std::move(v)) {}
  std::string key;
  spec::SpecValue value;
};

LayerSpec make_layer(const std::string& name, const std::string& type, std::initializer_list<Given> options = {});

/// What the file calls its function; empty, "linear": none (an empty list).
/// Errors: ArgumentError that names those there are.
Layers make_function(const std::string& name, const std::string& word);

/// A rule or a list as a value of an option.
spec::SpecValue list_value(const std::vector<std::int64_t>& numbers);

/// An input "sequence" of four channels; `length` 0: any.
spec::InputSpec make_sequence(std::int64_t length);

/// A head behind the last layer.
spec::HeadSpec make_head(const std::string& name, Layers layers);

}  // namespace basewise::convert::detail
