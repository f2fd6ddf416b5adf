// The kind of data "several": data sets of other kinds that train one model in turn.
#pragma once

#include <string>
#include <vector>

#include "basewise/data/build.h"

namespace basewise::data {

/// One of several data sets: [[data.sets]] of a recipe, with the keys of [data] beside these.
struct DataSetOptions {
  std::string name = {};    ///< for people; empty: its number
  std::string target = {};  ///< what its first target is called beside those of the others; empty: as its kind calls it
  DataOptions data = {};    ///< of any kind but "several"
};
void describe(Visitor& v, DataSetOptions& o);

/// Kept in `DataOptions::others` under the name of the kind.
struct SeveralOptions {
  std::vector<DataSetOptions> sets = {};
};

extern const DataKind kSeveralKind;

}  // namespace basewise::data
