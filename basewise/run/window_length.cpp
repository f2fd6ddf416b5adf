#include "basewise/run/window_length.h"

#include "basewise/core/error.h"
#include "basewise/data/genome_data.h"
#include "basewise/data/profile_data.h"
#include "basewise/infer/genome.h"

namespace basewise::run {
namespace {

/// What windows of the recipe give the model; 0: it has none.
std::int64_t recipe_window(const data::DataOptions& o) {
  if (o.kind == data::kProfileKind.name) return o.profile.input;
  return o.kind == data::kGenomeKind.name && !o.genome.per_base ? o.genome.window : 0;
}

}  // namespace

std::int64_t window_length(const OpenRun& run, std::int64_t asked) {
  for (const std::int64_t length :
       {asked, infer::declared_length(*run.model), recipe_window(run.recipe.data), run.model->typical_length()})
    if (length > 0) return length;
  throw ArgumentError("the model does not say how long its input is: give the length of the windows (window)");
}

}  // namespace basewise::run
