#include "basewise/evaluate/measure.h"

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/profile_measure.h"
#include "basewise/evaluate/detail/value_measure.h"

namespace basewise::evaluate {

namespace {

/// The first one is taken where nothing says otherwise.
const std::vector<MeasureType>& measure_types() {
  static const std::vector<MeasureType> types = {detail::kValues, detail::kBinary, detail::kProfile};
  return types;
}

}  // namespace

const MeasureType& measure_type(MeasureKind kind) {
  for (const MeasureType& type : measure_types())
    if (type.kind == kind) return type;
  throw InternalError(format("nothing measures heads of kind {}", kind));
}

MeasureKind measure_kind(MeasureKind kind, const std::vector<std::string>& metrics) {
  if (kind != MeasureKind::automatic) return kind;
  for (const MeasureType& type : measure_types())
    for (const std::string& metric : metrics)
      if (type.claims(metrics::find_metric(metric).kind)) return type.kind;
  return measure_types().front().kind;
}

std::string head_name(const std::string& asked, const Bundle& outputs) {
  if (!asked.empty()) return asked;
  if (outputs.size() != 1)
    throw ArgumentError(format("the model has outputs [{}]: say which one to evaluate", fmt::join(outputs.names(), ", ")));
  return outputs.begin()->first;
}

std::string ceiling_name(const HeadPlan& head, const Schema& schema) {
  const auto word = find_choice<CeilingWord>(head.ceiling);
  if (!word) return head.ceiling;
  if (*word == CeilingWord::none) return {};
  const Field* replicate = schema.of(head.target, Role::replicate);
  return replicate ? replicate->name : std::string{};
}

}  // namespace basewise::evaluate
