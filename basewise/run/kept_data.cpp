#include "basewise/run/kept_data.h"

#include <utility>

#include "basewise/run/run_setup.h"

namespace basewise::run {

const data::DataSplits& KeptData::of(const Recipe& recipe) {
  data::DataOptions options = recipe.data;
  std::string wanted =
      format("seed = {}\n{}", options.seed == 0 ? recipe.seed : options.seed, to_toml(described(options)));
  if (wanted == built_for_) return data_;
  built_for_.clear();
  data_ = {};  // the old ones go first: two sets at a time may not fit into memory
  data_ = plain_data(recipe);
  built_for_ = std::move(wanted);
  return data_;
}

}  // namespace basewise::run
