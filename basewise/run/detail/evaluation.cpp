#include "basewise/run/detail/evaluation.h"

#include <algorithm>

#include "basewise/evaluate/plan.h"

namespace basewise::run::detail {
namespace {

bool is_profile(const nn::LossOptions& loss) {
  return loss.type == nn::LossType::multinomial && loss.distribution == nn::Distribution::strand;
}

const nn::LossOptions* loss_of(const std::vector<nn::LossOptions>& losses, const std::string& output) {
  const auto found = std::find_if(losses.begin(), losses.end(), [&](const auto& l) { return l.output == output; });
  return found == losses.end() ? nullptr : &*found;
}

/// What the data set calls the channels of a target; empty where they have numbers only.
std::vector<std::string> channels_of(const Schema& schema, const std::string& target) {
  const Field* field = schema.find(target);
  return field ? field->channels : std::vector<std::string>();
}

/// Heads with a loss that counts, besides the first one.
std::vector<evaluate::HeadOptions> other_heads(const std::vector<nn::LossOptions>& losses,
                                               const evaluate::EvaluateOptions& o, const data::DataSplits& data) {
  std::vector<evaluate::HeadOptions> heads;
  for (const nn::LossOptions& loss : losses) {
    const bool there = loss.output == o.output ||
                       std::any_of(heads.begin(), heads.end(), [&](const auto& h) { return h.output == loss.output; });
    if (there || loss.weight == 0) continue;
    evaluate::HeadOptions head{.output = loss.output, .target = loss.target};
    head.kind = is_profile(loss) ? evaluate::MeasureKind::profile : evaluate::MeasureKind::automatic;
    head.names = channels_of(data.schema(), loss.target);
    heads.push_back(head);
  }
  return heads;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

std::string metric_of(const std::string& value) {
  const std::size_t dot = value.rfind('.', value.find(':'));
  return dot == std::string::npos ? value : value.substr(dot + 1);
}

evaluate::EvaluateOptions complete_evaluation(const Recipe& recipe, const data::DataSplits& data) {
  evaluate::EvaluateOptions o = recipe.evaluate.options;
  const std::vector<nn::LossOptions> losses = recipe.loss.empty() ? std::vector<nn::LossOptions>{{}} : recipe.loss;
  if (!o.target) o.target = data.target() ? data.target()->name : "labels";
  if (o.output.empty()) {
    const auto first = std::find_if(losses.begin(), losses.end(), [&](const auto& l) { return l.target == *o.target; });
    if (first != losses.end()) o.output = first->output;
  }
  if (o.names.empty()) o.names = channels_of(data.schema(), *o.target);
  const nn::LossOptions* loss = loss_of(losses, o.output.empty() ? losses[0].output : o.output);
  if (o.kind == evaluate::MeasureKind::automatic && loss && loss->target == *o.target && is_profile(*loss) &&
      (o.metrics.empty() || evaluate::asks_for_profiles(o.kind, o.metrics)))
    o.kind = evaluate::MeasureKind::profile;
  if (o.heads.empty() && losses.size() > 1) o.heads = other_heads(losses, o, data);
  return o;
}

evaluate::EvaluateOptions for_validation(const Recipe& recipe) {
  evaluate::EvaluateOptions o = recipe.evaluate.options;
  o.intervals = false;
  o.ceiling = "none";
  o.tolerances.clear();
  o.batches.progress.clear();
  if (o.metrics.empty() && evaluate::asks_for_profiles(o.kind, o.metrics)) o.metrics = {"jsd"};
  for (const std::string& value : train::watched_values(recipe.train.options.select)) {
    if (value == "loss") continue;
    const auto head =
        std::find_if(o.heads.begin(), o.heads.end(), [&](const auto& h) { return value.starts_with(h.output + "."); });
    std::vector<std::string>& metrics = head == o.heads.end() ? o.metrics : head->metrics;
    if (!metrics.empty()) add_once(metrics, metric_of(value));
  }
  return o;
}

}  // namespace basewise::run::detail
