#include "basewise/study/detail/needed_files.h"

#include <set>
#include <string>

#include "basewise/corpus/registry.h"
#include "basewise/run/measure.h"
#include "basewise/run/recipe.h"
#include "basewise/study/detail/paths.h"

namespace basewise::study::detail {
namespace {

void look_at_options(const std::string& name, const std::vector<std::string>& options, const std::function<void(fs::path&)>& look) {
  if (name.empty()) return;
  const auto measure = run::make_measure(name, options);
  Paths paths(look);
  measure->describe_options(paths);
}

}  // namespace

void require_files(const EvaluationPlan& evaluation) {
  look_at_options(evaluation.measure, evaluation.options, [&](const fs::path& path) {
    if (path.empty() || corpus::is_data_reference(path.string()) || fs::exists(path)) return;
    throw ArgumentError(
        format("options of measure '{}': there is no file {}; paths are relative to the study", evaluation.measure, path.string()));
  });
}

void require_data(const Study& study, const std::vector<const Run*>& runs) {
  std::set<std::string> seen;
  const auto look = [&](const fs::path& path) {
    const std::string reference = path.string();
    if (corpus::is_data_reference(reference) && seen.insert(reference).second) corpus::resolve_path(reference);
  };
  std::set<std::vector<std::string>> sets;
  const auto look_at_recipe = [&](const std::vector<std::string>& set) {
    std::vector<std::string> data;  // the name of the run changes no file
    for (const std::string& text : set)
      if (!text.starts_with("name=")) data.push_back(text);
    if (!sets.insert(data).second) return;
    run::LoadedRecipe loaded = run::load_recipe(study.options.recipe, set);
    Paths paths(look);
    describe(paths, loaded.recipe.data);
  };
  for (const Run* run : runs)
    with_context(format("{}: run '{}'", study.file.string(), run->name), [&] {
      look_at_recipe(run->set);
      for (const Measurement& m : run->measurements) {
        std::vector<std::string> set = run->set;
        set.insert(set.end(), m.set.begin(), m.set.end());
        look_at_recipe(set);
        look_at_options(m.measure, m.options, look);
      }
    });
}

}  // namespace basewise::study::detail
