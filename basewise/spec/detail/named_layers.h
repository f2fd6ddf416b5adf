// What architectures that have a name are put together from.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "basewise/spec/named_model.h"

namespace basewise::spec::detail {

/// Layers by the dozen, in the order of the file.
class NamedLayers {
 public:
  NamedLayers(const NamedModel& model, const ModelTask& task) : model_(model), task_(task) {}

  const NamedModel& model() const { return model_; }
  const ModelTask& task() const { return task_; }

  /// An input "sequence", of the length of the task with `fixed`, else of any.
  void sequence(bool fixed);
  /// An input of the controls of a profile; nothing where the task has none.
  void controls();

  static LayerSpec conv(std::string name, std::int64_t filters, std::int64_t width, const char* padding);
  static LayerSpec relu(std::string name);
  static LayerSpec pool(std::string name, std::int64_t width);
  static LayerSpec global_pool(std::string name, const char* kind);
  static LayerSpec dense(std::string name, std::int64_t units);

  LayerSpec& add(LayerSpec layer) { return spec_.layers.emplace_back(std::move(layer)); }
  /// A convolution (or dense layer), batch norm and ReLU;
  /// the two behind carry its name with an ending.
  void add_normalised(LayerSpec layer);
  void add_dropout(double rate);
  /// `layers` residual convolutions of width 3 with dilations 2, 4, 8, ...
  void add_body(std::int64_t layers, std::int64_t filters, bool norm, const char* padding);
  /// Cuts positions at both ends; nothing for 0 and 0.
  void add_crop(std::string name, std::int64_t left, std::int64_t right);

  /// A head behind `from` (empty: the last layer), whose last layer with weights is `last`.
  HeadSpec& head(const HeadTask& task, std::vector<std::string> from, LayerSpec last);

  ModelSpec finish();

  /// Errors: ArgumentError "model "cnn": <text>".
  [[noreturn]] void refuse(const std::string& text) const;

 private:
  const NamedModel& model_;
  const ModelTask& task_;
  ModelSpec spec_;
};

}  // namespace basewise::spec::detail
