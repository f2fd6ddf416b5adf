#include "basewise/run/detail/run_setup.h"

#include "basewise/tensor/letters.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/train/strand_step.h"

namespace basewise::run::detail {
namespace {

std::vector<InputFact> facts_of(const data::DataSplits& data) {
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  for (const data::InputFile& input : data.inputs) files.emplace_back(input.reference, input.path);
  return input_facts(files);
}

/// The declared shapes of the model's inputs against those of the data.
void check_inputs(const RunSetup& s, const Bundle& batch) {
  for (const auto& [name, shape] : s.model->input_shapes()) {
    if (!batch.contains(name)) continue;  // the model itself says what is missing
    const at::Tensor& found = batch.at(name);
    bool fits = found.dim() == static_cast<std::int64_t>(shape.size()) + 1;
    for (std::size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 || found.size(static_cast<std::int64_t>(i) + 1) == shape[i];
    fits = fits || (is_letters(found) && shape.size() == 2 && shape[0] == 4 && (shape[1] < 0 || found.size(1) == shape[1]));
    if (fits) continue;
    throw ShapeError(format("{}: input '{}' is declared as (N, {}), but the data gives {}; change the model or [data]", s.loaded.model_origin, name,
                            fmt::join(shape, ", "), shape_text(found.sizes())));
  }
}

/// Two examples through model and loss, so that shapes that do not fit are told before any folder is made.
void try_out(RunSetup& s) {
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(2, s.data.train->size()); ++i) examples.push_back(s.data.train->get(i, Stream(0)));
  const Bundle batch = stack(examples);
  check_inputs(s, batch);
  const EvalScope mode(*s.model);
  const NoGradScope no_grad;
  const std::string where = format("{} with {}", s.loaded.model_origin, to_string(batch));
  try {
    (*s.loss)(s.model->forward(batch), batch);
  } catch (Error& error) {
    error.prepend(where);
    throw;
  } catch (const std::exception& error) {
    // Errors of libtorch carry a stack trace behind the first line, which helps nobody who reads a message.
    const std::string text = error.what();
    throw ShapeError(format("{}: model, loss and data do not fit together: {}", where, text.substr(0, text.find('\n'))));
  }
}

void check_names(const Recipe& recipe) {
  for (const std::string& value : train::watched_values(recipe.train.select)) with_context("train.select", [&] { higher_is_better(value); });
  for (const std::string& metric : recipe.evaluate.options.metrics) metrics::find_metric(metric);
  for (const evaluate::HeadOptions& head : recipe.evaluate.options.heads)
    for (const std::string& metric : head.metrics) metrics::find_metric(metric);
  for (const ReferenceOptions& r : recipe.report.references) with_context("report.references", [&] { higher_is_better(r.metric); });
}

}  // namespace

data::DataSplits plain_data(const Recipe& recipe) {
  data::DataOptions options = recipe.data;
  options.augment.random = false;
  return data::build_data(options, recipe.seed);
}

RunSetup set_up(LoadedRecipe loaded, const std::string& device) {
  RunSetup s;
  s.device = parse_device(device);
  check_names(loaded.recipe);
  s.loaded = std::move(loaded);
  Recipe& recipe = s.loaded.recipe;
  s.loss.emplace(make_total_loss(recipe));
  s.model = build_model(s.loaded);
  for (const at::Tensor& p : s.model->parameters()) s.parameters += p.numel();
  s.data = recipe.train.method == "log_odds" ? plain_data(recipe) : data::build_data(recipe.data, recipe.seed);
  if (s.data.train->size() == 0) throw ArgumentError("the training set is empty; look at [data.split]");
  recipe.evaluate.options = complete_evaluation(recipe, s.data);
  s.inputs = facts_of(s.data);
  if (recipe.train.method == "log_odds" && recipe.strand.train != "single")
    throw ArgumentError(format("strand.train = \"{}\" has no meaning for train.method = \"log_odds\", which trains nothing; look at train.log_odds.both_strands",
                               recipe.strand.train));
  train::check_strands(recipe.strand, *s.model, *s.loss, *s.data.train);
  try_out(s);
  return s;
}

}  // namespace basewise::run::detail
