// Binned records as examples.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/io/binned_set.h"
#include "basewise/io/binned_store.h"

namespace basewise::data::detail {

using BinnedStorePtr = std::shared_ptr<const io::BinnedStore>;

/// What the examples of all three sets share.
struct BinnedForm {
  Field target = {};
  std::int64_t length = 0;
  bool tokens = false;
  bool masked = false;     ///< the target's mask comes with every example
  bool unmappable = true;  ///< bins that cannot be mapped are not measured
};

/// `places`: one for each record, or none. `word`: the set's, for people.
DatasetPtr binned_examples(BinnedStorePtr store, const BinnedForm& form, std::vector<io::BinnedPlace> places, std::string word);

}  // namespace basewise::data::detail
