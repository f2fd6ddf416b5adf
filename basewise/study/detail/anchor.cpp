#include "basewise/study/detail/anchor.h"

#include <algorithm>

#include "basewise/core/files.h"
#include "basewise/run/measure.h"
#include "basewise/run/recipe.h"

namespace basewise::study::detail {
namespace {

bool has_scheme(const std::string& text) { return text.find(':') != std::string::npos && text.find(':') >= 2; }

/// "init.0.from" as options call it: "init.N.from".
std::string numbers_as_n(const std::string& path) {
  std::string out;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    const bool number = !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
    out += (begin > 0 ? "." : "") + (number ? "N" : part);
    begin = end + 1;
  }
  return out;
}

/// Relative paths in assignments are meant relative to the study, not to where the program is
/// started.
void anchor_paths(std::vector<std::string>& assignments, const std::vector<FlatOption>& options,
                  const fs::path& folder) {
  for (std::string& text : assignments) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
      throw ArgumentError(format("set '{}': expected PATH=VALUE, as in train.epochs=5", text));
    const std::string path = text.substr(0, equals), value = text.substr(equals + 1);
    const std::string described = numbers_as_n(path);
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const FlatOption& o) { return o.path == described; });
    if (found == options.end() || found->type != "path" || value.empty() || has_scheme(value)) continue;
    if (fs::path(value).is_relative()) text = path + "=" + (folder / value).lexically_normal().string();
  }
}

}  // namespace

void anchor(StudyOptions& o, const fs::path& folder) {
  run::Recipe recipe;
  const std::vector<FlatOption> options = flatten(described(recipe));
  anchor_paths(o.set, options, folder);
  for (Axis& axis : o.axes)
    for (AxisValue& value : axis.values) anchor_paths(value.set, options, folder);
  for (Setting& e : o.settings) anchor_paths(e.set, options, folder);
  for (EvaluationPlan& e : o.evaluations) {
    anchor_paths(e.set, options, folder);
    if (e.measure.empty() || e.options.empty()) continue;
    const auto measure = run::make_measure(e.measure);
    anchor_paths(e.options, flatten([&](Visitor& v) { measure->describe_options(v); }), folder);
  }
  if (!o.recipe.empty() && fs::exists(folder / o.recipe)) o.recipe = (folder / o.recipe).lexically_normal().string();
}

}  // namespace basewise::study::detail
