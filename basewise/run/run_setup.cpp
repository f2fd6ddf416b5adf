#include "basewise/run/run_setup.h"

#include <algorithm>

#include "basewise/core/options.h"
#include "basewise/core/printable.h"
#include "basewise/core/some_of.h"
#include "basewise/data/several.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/run/estimator.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "basewise/train/strand_step.h"

namespace basewise::run {
namespace {

/// What was read: of the data, and weights to start with.
std::vector<InputFact> facts_of(const data::DataSplits& data, const std::vector<InitReport>& inits) {
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  for (const data::InputFile& input : data.inputs) files.emplace_back(input.reference, input.path);
  for (std::size_t i = 0; i < inits.size(); ++i) files.emplace_back(format("init.{}", i), inits[i].file);
  return input_facts(files);
}

/// The declared shapes of the model's inputs against those of the data.
void check_inputs(const RunSetup& s, const Bundle& batch) {
  for (const auto& [name, shape] : s.model->input_shapes()) {
    if (!batch.contains(name)) continue;  // the model itself says what is missing
    const at::Tensor& found = batch.at(name);
    bool fits = found.dim() == static_cast<std::int64_t>(shape.size()) + 1;
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] < 0 || found.size(static_cast<std::int64_t>(i) + 1) == shape[i];
    fits = fits ||
           (is_tokens(found) && shape.size() == 2 && shape[0] == 4 && (shape[1] < 0 || found.size(1) == shape[1]));
    if (fits) continue;
    throw ShapeError(format("{}: input '{}' is declared as (N, {}), but the data gives {}; change the model or [data]",
                            s.loaded.model_origin, name, fmt::join(shape, ", "), shape_text(found.sizes())));
  }
}

void check_names(const Recipe& recipe) {
  for (const std::string& value : train::watched_values(recipe.train.options.select))
    with_context("train.select", [&] { higher_is_better(value); });
  for (const std::string& value : {recipe.train.options.select.metric, train::stop_metric(recipe.train.options.select)})
    train::selected_direction(higher_is_better, value);
  for (const std::string& metric : recipe.evaluate.options.metrics) metrics::find_metric(metric);
  for (const evaluate::HeadOptions& head : recipe.evaluate.options.heads)
    for (const std::string& metric : head.metrics) metrics::find_metric(metric);
  for (const ReferenceOptions& r : recipe.report.references)
    with_context("report.references", [&] { higher_is_better(r.metric); });
}

/// A run keeps its options as TOML, which is UTF-8: another text would be written and never read
/// again.
/// Errors: ArgumentError that shows the line of the option.
void require_utf8(Recipe& recipe) {
  const std::string text = to_toml(described(recipe));
  if (is_utf8(text)) return;
  std::string_view rest = text;
  while (is_utf8(rest.substr(0, rest.find('\n')))) rest.remove_prefix(rest.find('\n') + 1);
  throw ArgumentError(
      format("the option {} is no UTF-8, and a run keeps its options as TOML, which can hold no other text: rename the "
             "file, its folder or the column",
             message_line(rest.substr(0, rest.find('\n')))));
}

void require_examples(const RunSetup& s) {
  if (s.data.train->size() == 0) throw ArgumentError(data::empty_set_text(s.data, corpus::SetName::train));
}

/// The part that a recipe and a program share: data and model are there.
void complete(RunSetup& s) {
  require_examples(s);
  Recipe& recipe = s.loaded.recipe;
  recipe.evaluate.options = detail::complete_evaluation(recipe, s.data);
  require_utf8(recipe);
  s.inputs = facts_of(s.data, s.init);
  s.estimator->prepare(s);
  for (const at::Tensor& p : s.model->parameters()) s.parameters += p.numel();
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
  s.estimator = &find_estimator(s.recipe().train.method);
  const auto read = [&s] {
    s.data = s.estimator->random_views() ? data::build_data(s.recipe().data, s.recipe().seed) : plain_data(s.recipe());
  };
  const bool by_name = s.loaded.named.has_value();
  if (by_name) {
    read();  // says how many outputs the model has
    require_examples(s);
    complete_model(s.loaded, s.data);
  }
  s.loss.emplace(make_total_loss(s.recipe()));
  s.estimator->begin(s);
  if (!by_name) read();
  complete(s);
  return s;
}

RunSetup set_up(LoadedRecipe loaded, const std::string& device, nn::ModelPtr model, const nn::TotalLoss& loss,
                data::DataSplits data) {
  RunSetup s;
  s.device = parse_device(device);
  check_names(loaded.recipe);
  s.loaded = std::move(loaded);
  s.estimator = &find_estimator(s.recipe().train.method);
  s.given = true;
  s.loss.emplace(loss.options());
  s.model = std::move(model);
  s.estimator->begin(s);
  s.data = std::move(data);
  complete(s);
  return s;
}

namespace {

/// What to change where a head gives more or fewer values along the sequence than its target has.
std::string positions_advice(std::int64_t given, std::int64_t wanted, std::int64_t bin, std::int64_t sequence) {
  const std::int64_t beyond = std::max<std::int64_t>(0, (sequence - wanted * bin) / 2);
  const std::string facts = format("the sequence has {} bases, {} beyond the target on each side", sequence, beyond);
  if (given * bin > sequence)
    return format("{}: let the layers shorten it {} times (pools or strides whose product is {})", facts, bin, bin);
  if (given > wanted)
    return format("{}: end the head with a layer of type = \"crop\", left = {} and right = {}", facts, (given - wanted) / 2,
                  given - wanted - (given - wanted) / 2);
  const std::int64_t lost = ((wanted - given) * bin + 1) / 2;
  return format("{}, and layers without padding need {} more there: raise it to {} (data.genome.context; data.profile.input holds both "
                "sides), or give them padding = \"same\"",
                facts, lost, beyond + lost);
}

/// Channels and values along the sequence: as many as the target has.
/// Of other shapes the loss tells.
void check_head(const nn::LossOptions& loss, const Field& field, const at::Tensor& output, const at::Tensor& target,
                std::int64_t sequence) {
  if (output.dim() != target.dim() || output.dim() < 2 || loss.type == nn::LossType::cross_entropy) return;
  const std::int64_t channels = target.size(1), last = output.dim() - 1;
  if (output.size(1) != channels)
    throw ShapeError(format("output '{}' has {} channel{}, its target '{}' has {}{}; let the last layer of the head give {} (units or "
                            "filters), or choose the targets in [data]",
                            loss.output, output.size(1), output.size(1) == 1 ? "" : "s", loss.target, channels,
                            field.channels.empty() ? "" : format(" ({})", some_of(field.channels, "", 10)), channels));
  if (last == 1 || field.bin < 1 || sequence == 0 || output.size(last) == target.size(last)) return;
  throw ShapeError(format("output '{}' has {} values along the sequence, its target '{}' has {} of {} base{}; {}", loss.output,
                          output.size(last), loss.target, target.size(last), field.bin, field.bin == 1 ? "" : "s",
                          positions_advice(output.size(last), target.size(last), field.bin, sequence)));
}

void check_heads(const RunSetup& s, const Schema& schema, const Bundle& outputs, const Bundle& batch) {
  const std::string input(spec::kSequence);
  const std::int64_t sequence = batch.contains(input) ? batch.at(input).size(-1) : 0;
  for (const nn::LossOptions& loss : s.loss->options())
    if (const Field* field = schema.find(loss.target); field && outputs.contains(loss.output) && batch.contains(loss.target))
      check_head(loss, *field, outputs.at(loss.output), batch.at(loss.target), sequence);
}

/// The first examples of one data set through model and loss.
void try_out(const RunSetup& s, const nn::TotalLoss& loss, const data::Dataset& set) {
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(2, set.size()); ++i) examples.push_back(set.get(i, Stream(0)));
  const Bundle batch = stack(examples);
  check_inputs(s, batch);
  const EvalScope mode(*s.model);
  const NoGradScope no_grad;
  const std::string where = format("{} with {}", s.loaded.model_origin, to_string(batch));
  try {
    const Bundle outputs = s.model->forward(batch);
    check_heads(s, set.schema(), outputs, batch);
    loss(outputs, batch);
  } catch (Error& error) {
    error.prepend(where);
    throw;
  } catch (const std::exception& error) {
    // Errors of libtorch carry a stack trace behind the first line, which helps nobody who reads a
    // message.
    const std::string text = error.what();
    throw ShapeError(
        format("{}: model, loss and data do not fit together: {}", where, text.substr(0, text.find('\n'))));
  }
}

}  // namespace

void try_out(const RunSetup& s) {
  train::check_strands(s.recipe().strand, *s.model, *s.loss, *s.data.train);
  const nn::TotalLoss loss = s.loss->following(s.data.train->schema());
  for (const data::DatasetPtr& set : data::sets_of(s.data.train)) try_out(s, loss, *set);
}

std::string result_configuration(const RunSetup& setup) {
  std::vector<std::pair<std::string, std::string>> hashes;
  for (const InputFact& f : setup.inputs) hashes.emplace_back(f.reference, f.sha256);
  return result_configuration(setup.loaded, hashes);
}

train::NamedValues validate(const RunSetup& s, nn::Model& model, const TellUndefined& undefined) {
  if (s.data.validation->size() == 0) return {};
  return validation_values(model, s.data.validation, *s.loss, s.recipe(), undefined);
}

}  // namespace basewise::run
