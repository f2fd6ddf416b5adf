// A model made of layers, as a model file describes it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "basewise/nn/graph.h"
#include "basewise/nn/model.h"
#include "basewise/spec/model_file.h"

namespace basewise::nn::detail {

class SpecModel : public Model {
 public:
  SpecModel(const spec::ModelFile& file, std::uint64_t seed);

  Bundle forward(const Bundle& inputs) override { return run(inputs, {}, {}).outputs; }
  RunResult run(const Bundle& inputs, const Wanted& wanted, const Bundle& state) override;

  std::vector<std::string> input_names() const override;
  std::vector<std::string> output_names() const override;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> input_shapes() const override;
  std::vector<ActivationRow> activation_paths(std::int64_t length) const override;
  std::vector<LayerRow> layer_rows(std::int64_t length) const override;
  std::int64_t typical_length() const override;
  bool has_state() const override { return !state_of_.empty(); }

  Context context(const std::string& output) const override;
  StrandRule strand_rule(const std::string& name) const override;
  bool equivariant(const std::string& output) const override;

  at::Tensor penalty() const override;
  void constrain() override;

  const Graph* graph() const override { return &graph_; }
  std::vector<at::Tensor> graph_inputs(const Bundle& inputs) const override;

  std::string specification() const override { return toml_; }

 private:
  void keep(const spec::LayerSpec& spec, const LayerPtr& layer) { register_at(*this, spec.path, layer); }
  void add_head(const spec::HeadSpec& head);
  void set_bias(const spec::HeadSpec& head);
  int slot_of(const std::string& output) const;
  at::ScalarType type() const;
  std::vector<Activation> inputs_of(std::int64_t length) const;
  void check_wanted(const Wanted& wanted, const Bundle& state) const;

  std::string toml_;
  spec::ModelSpec spec_;
  Graph::Scope scope_;
  Graph graph_;
  std::vector<int> head_slots_;
  std::map<std::string, at::Tensor> head_bias_;
  std::vector<Layer*> all_layers_;
  std::vector<std::string> state_of_;  // paths of layers with state, with their dots
};

}  // namespace basewise::nn::detail
