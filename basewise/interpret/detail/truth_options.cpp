#include "basewise/interpret/detail/truth_options.h"

#include "basewise/corpus/registry.h"
#include "basewise/data/table.h"

namespace basewise::interpret::detail {

void describe(Visitor& v, TruthOptions& o) {
  v("truth", o.truth, "table with the columns sequence and planted (29-40:Gabpa-;67-78:STAT1+); empty: that of the run's data");
  v("matrices", o.matrices, "file of the motifs that were planted, by name");
}

PlantedTruth truth_of(const run::OpenRun& run, const TruthOptions& options) {
  std::string table = options.truth.string();
  if (table.empty()) {
    const data::DataOptions& data = run.recipe.data;
    if (data.kind != data::kTableKind.name || data.table.file.size() != 1)
      throw ArgumentError("nobody knows what was planted: the data of the run are no single table; name one (truth)");
    table = data.table.file.begin()->string();
  }
  return PlantedTruth::read(corpus::resolve_path(table), corpus::resolve_path(options.matrices.string()));
}

}  // namespace basewise::interpret::detail
