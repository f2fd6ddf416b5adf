// The examples of a set that is measured: what a model reads, in batches, and what they are.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/interpret/detail/filter_layer.h"
#include "basewise/run/example_source.h"
#include "basewise/run/open_run.h"

namespace basewise::interpret::detail {

/// Inputs of the model for some examples, sequences one-hot (N, 4, L).
Bundle inputs_of(const run::OpenRun& run, const data::Dataset& set, const std::vector<std::int64_t>& examples);

/// Letters of the sequences of `inputs_of`, "ACGTN".
/// Errors: ArgumentError for inputs without DNA.
std::vector<std::string> letters_of(const Bundle& inputs);

/// The first `most` examples (0: all) in the order of the set, of those whose first target has the
/// value 1 in channel `label` (-1: of all).
/// Errors: ArgumentError for a set without targets, a channel that it has not,
/// and where no example is left.
std::vector<std::int64_t> chosen(const data::Dataset& set, std::int64_t most, std::int64_t label = -1);

/// What a layer gives for a batch, of the strand that is given:
/// (N, filters, places), float on the CPU.
at::Tensor activations_of(const run::OpenRun& run, const FilterLayer& layer, const Bundle& inputs);

/// Inputs of some examples, batch by batch in their order.
void each_batch(const run::OpenRun& run, const data::Dataset& set, const std::vector<std::int64_t>& examples, const char* title,
                const std::function<void(const Bundle& inputs)>& receive);

/// A data set as a source of examples.
class DatasetSource : public run::ExampleSource {
 public:
  DatasetSource(const run::OpenRun& run, const data::Dataset& set) : run_(run), set_(set) {}

  std::optional<run::ExampleBatch> next(std::int64_t most, const Wanted& wanted) override;
  void rewind() override { passed_ = 0; }
  std::int64_t passed() const override { return passed_; }
  std::vector<std::string> notes() const override { return {}; }
  std::optional<seq::ChromSizes> chromosomes() const override { return std::nullopt; }

 private:
  const run::OpenRun& run_;
  const data::Dataset& set_;
  std::int64_t passed_ = 0;
};

}  // namespace basewise::interpret::detail
