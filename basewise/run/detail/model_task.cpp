#include "basewise/run/detail/model_task.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::run::detail {
namespace {

constexpr double kCountsWeight = 10;  // a profile has a thousand positions, its counts are one number

/// What was derived from a target, as counts are from a profile; null: nothing.
const Field* derived_from(const Schema& schema, const Field& target) {
  const auto found =
      std::find_if(schema.begin(), schema.end(), [&](const Field& f) { return f.role == Role::target && f.of == target.name; });
  return found == schema.end() ? nullptr : &*found;
}

/// Losses of outputs that must not be negative.
bool wants_rates(const nn::LossOptions& loss) {
  using enum nn::LossType;
  const bool rates = loss.type == poisson_multinomial || loss.type == poisson_kl || loss.type == negative_binomial || loss.type == gamma;
  return rates || (loss.type == poisson && !loss.log_input);
}

spec::HeadTask head_task(const nn::LossOptions& loss, const Schema& schema) {
  const Field* target = schema.find(loss.target);
  if (target == nullptr)
    throw ArgumentError(
        format("loss: the data have no target '{}'; they have {}", loss.target, fmt::join(schema.names(Role::target), ", ")));
  spec::HeadTask head{.name = loss.output,
                      .channels = target->shape.empty() ? 1 : target->shape[0],
                      .positions = target->bin > 0 && target->shape.size() == 2,
                      .bin = std::max<std::int64_t>(1, target->bin),
                      .positive = wants_rates(loss),
                      .strands = target->rule};
  if (loss.type != nn::LossType::cross_entropy) return head;
  if (loss.class_weights.empty())
    throw ArgumentError(
        format("loss '{}': how many classes there are is not known before training; give class_weights, one for each, or "
               "write a model file",
               loss.output));
  head.channels = std::ssize(loss.class_weights);
  return head;
}

}  // namespace

std::vector<nn::LossOptions> usual_losses(const Schema& schema) {
  std::vector<nn::LossOptions> losses;
  const nn::LossOptions standard;
  for (const Field& target : schema) {
    if (target.role != Role::target || !target.of.empty()) continue;
    const bool labels = target.name == standard.target;
    nn::LossOptions& loss = losses.emplace_back();
    loss.target = target.name;
    if (!labels) loss.output = target.name;
    const Field* counts = derived_from(schema, target);
    if (labels || target.bin == 0) continue;
    loss.type = counts ? nn::LossType::multinomial : nn::LossType::mse;
    if (!counts) continue;
    loss.reduction = nn::Reduction::sum;
    losses.push_back(
        {.type = nn::LossType::mse, .output = counts->name, .target = counts->name, .weight = kCountsWeight, .class_weights = {}});
  }
  return losses;
}

spec::ModelTask model_task(const std::vector<nn::LossOptions>& losses, const Schema& schema) {
  const Field& sequence = schema.at(spec::kSequence);
  spec::ModelTask task{.length = sequence.shape.back()};
  if (const Field* control = schema.find("control_profile")) task.control_channels = control->shape[0];
  task.control_counts = schema.find("control_counts") != nullptr;
  for (const nn::LossOptions& loss : losses) {
    const bool there = std::any_of(task.heads.begin(), task.heads.end(), [&](const auto& h) { return h.name == loss.output; });
    if (there) continue;
    const spec::HeadTask head = head_task(loss, schema);
    if (head.positions && task.context == 0) task.context = (task.length - schema.at(loss.target).shape[1] * head.bin) / 2;
    task.heads.push_back(head);
  }
  return task;
}

}  // namespace basewise::run::detail
