// A model file put together from the layers of a Keras file, one after the other.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "basewise/convert/convert.h"
#include "basewise/convert/detail/keras_file.h"
#include "basewise/convert/detail/keys.h"
#include "basewise/convert/detail/make_layers.h"
#include "basewise/core/error.h"

namespace basewise::convert::detail {

/// Why a layer cannot be converted; caught by whoever goes through the layers.
class NoCounterpart : public Error {
 public:
  using Error::Error;
};

/// What a layer of the file gives, as the model has it.
struct KerasValue {
  std::string name;  ///< of our layer or input
  bool positions = true;
  std::int64_t channels = 0;
  std::int64_t length = -1;  ///< -1: any
  /// Of flattened positions: how many there were. Ours lie channel by channel, those of Keras
  /// position by position. 0: both are in the same order.
  std::int64_t flattened = 0;
};

class KerasBuilder {
 public:
  KerasBuilder(const KerasFile& file, const ConvertOptions& options) : file_(file), options_(options) {}

  /// The value that input `i` of a layer is. Errors: DataError for a layer that is not there.
  const KerasValue& source(const KerasLayer& layer, std::size_t i = 0) const;
  /// Its one input, which must have positions where `positions` is set.
  const KerasValue& only_source(const KerasLayer& layer, bool positions = false) const;
  void give(const KerasLayer& layer, KerasValue value) { values_[layer.name] = std::move(value); }

  /// Declares an input of the model.
  void input(const KerasLayer& layer, spec::InputSpec input);
  /// Appends a layer behind `from`, under a name that is free; returns the name.
  std::string put(LayerSpec layer, const std::vector<std::string>& from, std::optional<spec::Combine> combine = {});
  /// Appends the function of a layer's config ("activation") behind `value`, unless it is the
  /// sigmoid of the only output, which the model leaves to the loss.
  void put_function(const KerasLayer& layer, KerasValue& value, const std::string& word);
  /// "dense1", of letters that names of layers may have.
  std::string name_of(const KerasLayer& layer) const;

  Keys config(const KerasLayer& layer) const;
  /// A weight of the file; errors: DataError where it is missing or of another shape.
  std::vector<float> weight(const KerasLayer& layer, const std::string& name, const std::vector<std::int64_t>& shape);
  bool has_weight(const KerasLayer& layer, const std::string& name) const;
  /// The tensor `target` of the model from the weight `name` of the file (empty: from nothing).
  void give_weight(const KerasLayer& layer, const std::string& name, const std::string& target, std::vector<std::int64_t> shape,
                   std::vector<float> values, const std::string& how);

  void note(std::string text) { result_.notes.push_back(std::move(text)); }
  Converted& result() { return result_; }

  /// The model's heads. With `stopped_at` they are what was last put instead of the outputs.
  void heads(bool stopped);

 private:
  const KerasWeight* find_weight(const KerasLayer& layer, const std::string& name) const;
  std::string free_name(const std::string& wanted) const;

  const KerasFile& file_;
  const ConvertOptions& options_;
  Converted result_;
  std::map<std::string, KerasValue> values_;
  std::set<std::string> names_ = {"logits", "output", "trunk", "sequence"};
  std::string last_;  // our name of what stands above
  bool logits_ = false;
};

/// Converts one layer. Errors: NoCounterpart; DataError.
void convert_keras_layer(KerasBuilder& builder, const KerasLayer& layer);

/// Whether there is something for layers of a class at all.
bool knows_keras_class(const std::string& type);

/// y of rows l C + c from those of x in rows c L + l, for `columns` numbers in each row.
std::vector<float> rows_by_channel(const std::vector<float>& x, std::int64_t length, std::int64_t columns);

}  // namespace basewise::convert::detail
