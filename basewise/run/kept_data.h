// Data that evaluations one after another can share.
#pragma once

#include <string>

#include "basewise/data/build.h"
#include "basewise/run/recipe.h"

namespace basewise::run {

/// Builds data for evaluation and keeps those of the last call: measuring a run on two sets, or
/// with another strand strategy, reads files once.
class KeptData {
 public:
  /// The data of a recipe without random views of the training set: every base or sequence once, on
  /// its own strand. Built anew where [data], or the seed that it falls back on, is another than in
  /// the last call; files are taken not to change in between. Valid until the next call.
  /// Errors: as `data::build_data`.
  const data::DataSplits& of(const Recipe& recipe);

 private:
  std::string built_for_;
  data::DataSplits data_;
};

}  // namespace basewise::run
