#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/convert/convert.h"
#include "basewise/corpus/simulator.h"
#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/filters.h"
#include "basewise/interpret/perturb.h"
#include "basewise/learn/learn.h"
#include "basewise/nn/layer_types.h"
#include "basewise/prepare/aligned_contigs.h"
#include "basewise/prepare/annotation.h"
#include "basewise/prepare/bins_options.h"
#include "basewise/prepare/coverage_options.h"
#include "basewise/prepare/methylation_set.h"
#include "basewise/prepare/methylation_show.h"
#include "basewise/prepare/methylation_stats.h"
#include "basewise/prepare/peaks.h"
#include "basewise/report/report.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/export_data.h"
#include "basewise/run/measure.h"
#include "basewise/run/predict.h"
#include "basewise/run/recipe.h"
#include "basewise/run/train_run.h"
#include "basewise/study/study.h"
#include "basewise/variants/variants.h"

namespace basewise::app {
namespace {

struct Topic {
  std::string name;
  std::string title;
  Described options;
};

template <class T>
Topic topic(std::string name, std::string title) {
  return {std::move(name), std::move(title), [](Visitor& v) {
            T fresh{};
            describe(v, fresh);
          }};
}

// Layers of model files are a page of their own: nn writes it from the same descriptions.
constexpr const char* kLayers = "layers";

/// What `options` of an evaluation of a study sets.
Topic topic_of(const run::MeasureType& type) {
  const std::shared_ptr<run::Measure> measure = type.make();
  return {"measure-" + type.name, format("Measure {}", type.name), [measure](Visitor& v) { measure->describe_options(v); }};
}

std::vector<Topic> topics() {
  std::vector<Topic> all = {topic<run::Recipe>("recipe", "Recipes"),
                            topic<corpus::SimulationOptions>("simulation", "Simulations"),
                            topic<spec::NamedModel>("model", "Models by name"),
                            topic<convert::ConvertOptions>("convert", "basewise convert"),
                            topic<run::TrainRequest>("train", "basewise train"),
                            topic<run::EvaluateRequest>("evaluate", "basewise evaluate"),
                            topic<report::ReportRequest>("report", "basewise report"),
                            topic<run::PredictOptions>("predict", "basewise predict"),
                            topic<interpret::AttributeOptions>("attribute", "basewise attribute"),
                            topic<interpret::PerturbOptions>("perturb", "basewise perturb"),
                            topic<::basewise::variants::VariantOptions>("variants", "basewise variants"),
                            topic<::basewise::learn::LearnOptions>("learn", "basewise learn"),
                            topic<interpret::FilterRunOptions>("motifs-filters", "basewise motifs filters"),
                            topic<prepare::CoverageOptions>("coverage", "basewise data coverage"),
                            topic<prepare::SiteMergeOptions>("sites", "basewise data sites"),
                            topic<prepare::AnnotationOptions>("annotation", "basewise data annotation"),
                            topic<prepare::BinsOptions>("bins", "basewise data bins"),
                            topic<prepare::AlignedContigsOptions>("contigs", "basewise data contigs"),
                            topic<prepare::MethylationStatsOptions>("methylation-stats", "basewise methylation stats"),
                            topic<prepare::MethylationShowOptions>("methylation-show", "basewise methylation show"),
                            topic<prepare::MethylationSetOptions>("methylation-prepare", "basewise methylation prepare"),
                            topic<run::ExportRequest>("export", "basewise data export"),
                            topic<::basewise::study::StudyOptions>("study", "Studies")};
  for (const run::MeasureType& type : run::measure_types()) all.push_back(topic_of(type));
  return all;
}

std::string page(const std::string& wanted) {
  std::string text = wanted.empty()
                         ? "# Options\n\nPrinted by `basewise options`: every option of recipes, verbs and model files, from the "
                           "descriptions\nthat the program itself reads.\n\n"
                         : std::string();
  std::vector<std::string> names = {kLayers};
  bool found = wanted == kLayers;
  for (const Topic& t : topics()) {
    names.push_back(t.name);
    if (!wanted.empty() && t.name != wanted) continue;
    text += to_markdown(t.options, t.title) + "\n";
    found = true;
  }
  if (wanted.empty() || wanted == kLayers) text += nn::layer_reference();
  if (found || wanted.empty()) return text;
  const auto near = nearest(wanted, names);
  throw ArgumentError(format("basewise options: unknown topic '{}'{}; there are {}", wanted,
                             near ? format(", did you mean {}?", *near) : "", fmt::join(names, ", ")));
}

nlohmann::ordered_json row(const FlatOption& o) {
  nlohmann::ordered_json json = {
      {"path", o.path}, {"type", o.type}, {"default", o.default_value}, {"bound", o.constraint.text()}, {"required", o.constraint.required},
      {"help", o.help}};
  if (!o.when.empty()) json["when"] = o.when;
  for (std::size_t i = 0; i < o.constraint.meanings.size(); ++i)
    if (!o.constraint.meanings[i].empty()) json["words"][o.constraint.choices[i]] = o.constraint.meanings[i];
  return json;
}

nlohmann::ordered_json rows(const Described& options) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const FlatOption& o : flatten(options)) json.push_back(row(o));
  return json;
}

nlohmann::ordered_json document(const std::string& wanted) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Topic& t : topics())
    if (wanted.empty() || t.name == wanted) json[t.name] = rows(t.options);
  if (wanted.empty() || wanted == kLayers)
    for (const nn::LayerType& type : nn::layer_types()) json[kLayers][type.name] = {{"help", type.help}, {"options", rows(type.describe)}};
  return json;
}

}  // namespace

int options(const Arguments& arguments) {
  Command command("basewise options", "Prints every option of recipes, verbs and model files as Markdown: type, default, bound, meaning.",
                  {"basewise options recipe", "basewise options layers", "basewise options --json > options.json"});
  std::string wanted;
  command.app()
      .add_option("topic", wanted,
                  "recipe, simulation, model, a verb such as train or convert, coverage, sites, bins, contigs, export, study, "
                  "measure-genes and others, or layers [all]")
      ->type_name("TOPIC");
  if (!parse(command, arguments)) return 0;

  const std::string text = page(wanted);
  command.json() ? print_json(document(wanted)) : print(text);
  return 0;
}

}  // namespace basewise::app
