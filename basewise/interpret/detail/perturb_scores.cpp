#include "basewise/interpret/detail/perturb_scores.h"

#include "basewise/core/error.h"

namespace basewise::interpret::detail {

PerturbScores::PerturbScores(const run::OpenRun& run, const infer::StrandStrategy& strands, const std::vector<std::string>& targets)
    : run_(run), score_(run.score(strands)) {
  for (const std::string& text : targets) {
    targets_.push_back(target_of(run, text));
    names_.push_back(targets_.back().text());
  }
}

void PerturbScores::name_channels(const Bundle& outputs) {
  for (const auto& [head, values] : outputs) {
    const auto known = run_.names.find(head);
    const bool named = known != run_.names.end() && std::ssize(known->second) == values.size(1);
    for (std::int64_t c = 0; c < values.size(1); ++c)
      names_.push_back(format("{}:{}", head, named ? known->second[static_cast<std::size_t>(c)] : std::to_string(c)));
  }
}

at::Tensor PerturbScores::operator()(const Bundle& inputs) {
  const at::NoGradGuard no_gradients;
  const Bundle outputs = score_(inputs);
  std::vector<at::Tensor> columns;
  for (const Target& target : targets_) columns.push_back(target(outputs).unsqueeze(1));
  if (targets_.empty()) {
    if (names_.empty()) name_channels(outputs);
    for (const auto& [head, values] : outputs)
      columns.push_back(values.dim() > 2 ? values.to(at::kDouble).flatten(2).mean(2) : values.to(at::kDouble));
  }
  for (at::Tensor& column : columns) column = column.to(at::kCPU, at::kDouble);
  return at::cat(columns, 1).contiguous();
}

}  // namespace basewise::interpret::detail
