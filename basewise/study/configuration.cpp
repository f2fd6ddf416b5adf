#include "basewise/study/configuration.h"

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/toml_keys.h"
#include "basewise/corpus/registry.h"
#include "basewise/results/run_files.h"
#include "basewise/run/measure.h"
#include "basewise/run/recipe.h"
#include "basewise/study/detail/paths.h"

namespace basewise::study {
namespace {

using detail::Paths;
using Json = nlohmann::json;  // keys in the order of the alphabet

/// The defaults of items of lists, by the path of the list.
class ItemDefaults : public Visitor {
 public:
  explicit ItemDefaults(std::map<std::string, Json>& found, std::string prefix = {})
      : found_(found), prefix_(std::move(prefix)) {}
  void option(Option) override {}
  void group_of(std::string_view name, std::string_view, const std::function<void(Visitor&)>& inside) override {
    ItemDefaults deeper(found_, prefix_ + std::string(name) + ".");
    inside(deeper);
  }
  void list_of(OptionList list) override {
    const std::string path = prefix_ + std::string(list.name);
    found_[path] = parse_json(json_text(to_json(list.describe_default)), "defaults");
    ItemDefaults deeper(found_, path + ".");
    list.describe_default(deeper);
  }

 private:
  std::map<std::string, Json>& found_;
  std::string prefix_;
};

/// Leaves out what equals the default.
Json without_defaults(const Json& value, const Json& defaults, const std::map<std::string, Json>& items,
                      const std::string& prefix) {
  Json kept = Json::object();
  for (const auto& [key, member] : value.items()) {
    const std::string path = prefix + key;
    const Json standard = defaults.is_object() && defaults.contains(key) ? defaults[key] : Json();
    if (member == standard) continue;
    if (member.is_object() && standard.is_object()) {
      Json inside = without_defaults(member, standard, items, path + ".");
      if (!inside.empty()) kept[key] = std::move(inside);
    } else if (member.is_array() && items.contains(path)) {
      kept[key] = Json::array();
      for (const Json& item : member) kept[key].push_back(without_defaults(item, items.at(path), items, path + "."));
    } else {
      kept[key] = member;
    }
  }
  return kept;
}

/// A recipe that says nothing, and items of lists that do not.
struct Defaults {
  Json recipe;
  std::map<std::string, Json> items;
};

const Defaults& defaults() {
  static const Defaults kDefaults = [] {
    run::LoadedRecipe standard;
    Defaults d{.recipe = parse_json(run::result_configuration(standard, {}), "defaults"), .items = {}};
    ItemDefaults collector(d.items);
    describe(collector, standard.recipe);
    return d;
  }();
  return kDefaults;
}

/// The registered one: the file need not be on this machine.
std::string registered_hash(const std::string& reference) {
  const std::size_t colon = reference.find(':'), slash = reference.find('/');
  const corpus::Registry registry;
  if (slash != std::string::npos) {
    const corpus::DataFile& file =
        registry.find(reference.substr(colon + 1, slash - colon - 1)).file(reference.substr(slash + 1));
    if (!file.sha256.empty()) return file.sha256;
  }
  try {
    return registry.hash_of(reference);
  } catch (const DataError&) {
    return "absent:" + reference;
  }
}

std::string short_hash(const std::string& text) { return sha256(text).substr(0, 16); }

}  // namespace

std::string Configurations::hash_of(const fs::path& path) {
  std::string& hash = files_[path.string()];
  if (!hash.empty()) return hash;
  if (corpus::is_data_reference(path.string())) return hash = registered_hash(path.string());
  // What is not here has a hash of its own: no row of the record fits, and training says what is
  // missing.
  return hash = fs::is_regular_file(path) ? sha256_file(path) : "absent:" + path.filename().string();
}

const std::string& Configurations::resolved(const std::vector<std::string>& set) {
  std::string& text = resolved_[format("{}", fmt::join(set, "\n"))];
  if (!text.empty()) return text;
  run::LoadedRecipe loaded = run::load_recipe(study_.options.recipe, set);
  Paths contents([this](fs::path& path) {
    if (!path.empty()) path = "sha256:" + hash_of(path);
  });
  describe(contents, loaded.recipe.data);
  for (run::InitOptions& init : loaded.recipe.init) {
    if (fs::is_directory(init.from)) init.from /= results::weights_file();
    describe(contents, init);
  }
  loaded.model_text = toml_as_json(loaded.model_text, loaded.model_origin);

  const Json given = parse_json(run::result_configuration(loaded, {}), study_.file.string());
  return text = json_text(without_defaults(given, defaults().recipe, defaults().items, ""));
}

/// The runs that come first by what they are, not by their names.
std::string Configurations::prerequisites(const Run& run) {
  if (runs_.empty())
    for (Run& other : expand(study_)) {
      std::string name = other.name;
      runs_.emplace(std::move(name), std::move(other));
    }
  Json all = Json::array();
  for (const Prerequisite& first : run.after) {
    Json one = {{"run", training(runs_.at(first.run))}};
    const std::pair<const char*, const std::vector<std::string>*> how[] = {
        {"match", &first.how.match}, {"skip", &first.how.skip}, {"freeze", &first.how.freeze}};
    for (const auto& [key, values] : how)
      if (!values->empty()) one[key] = *values;
    all.push_back(std::move(one));
  }
  return json_text(all);
}

std::string Configurations::describe_training(const Run& run) {
  if (run.after.empty()) return resolved(run.set);
  return json_text(Json{{"recipe", resolved(run.set)}, {"after", prerequisites(run)}});
}

std::string Configurations::training(const Run& run) { return short_hash(describe_training(run)); }

/// Its name and the options that are not at their defaults, files by their contents.
std::string Configurations::describe_measure(const Measurement& m) {
  const auto given = [this](run::Measure& measure) {
    const Described options = [&](Visitor& v) { measure.describe_options(v); };
    Paths contents([this](fs::path& path) {
      if (!path.empty()) path = "sha256:" + hash_of(path);
    });
    options(contents);
    return parse_json(json_text(to_json(options)), "options of a measure");
  };
  const Json standard = given(*run::make_measure(m.measure)), set = given(*run::make_measure(m.measure, m.options));
  return json_text(Json{{"name", m.measure}, {"options", without_defaults(set, standard, {}, "")}});
}

std::string Configurations::row(const Run& run, const Measurement& m) {
  std::vector<std::string> set = run.set;
  set.insert(set.end(), m.set.begin(), m.set.end());
  Json what{{"training", describe_training(run)}, {"measured", resolved(set)}, {"split", to_word(m.split)}, {"weights", m.weights}};
  if (!m.measure.empty()) what["measure"] = describe_measure(m);
  if (m.outputs) what["outputs"] = true;
  return short_hash(json_text(what));
}

void check_recipes(const Study& study, const std::vector<Run>& runs) {
  for (const Run& run : runs)
    with_context(format("{}: run '{}'", study.file.string(), run.name), [&] {
      run::load_recipe(study.options.recipe, run.set);
      for (const Measurement& m : run.measurements) {
        if (m.set.empty()) continue;
        std::vector<std::string> set = run.set;
        set.insert(set.end(), m.set.begin(), m.set.end());
        run::load_recipe(study.options.recipe, set);
      }
    });
}

}  // namespace basewise::study
