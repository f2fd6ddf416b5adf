#include "basewise/study/detail/measuring.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/io/number_field.h"
#include "basewise/results/run_files.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/measure.h"
#include "basewise/run/run_folder.h"

namespace basewise::study::detail {
namespace {

std::string cell(double value) { return io::number_field(value, 10, kAbsent); }

std::map<std::string, std::string> facts_of(const fs::path& folder, const WorkOptions& options, double seconds) {
  const nlohmann::ordered_json manifest = run::read_manifest(folder);
  const std::string log = fs::exists(folder / results::kLogFile) ? read_file(folder / results::kLogFile) : "";
  const auto machine = machine_facts();
  std::string processor = std::map<std::string, std::string>(machine.begin(), machine.end())["processor"];
  std::replace(processor.begin(), processor.end(), '\t', ' ');
  return {{"parameters", format("{}", manifest.value("parameters", std::int64_t{0}))},
          {"epochs", format("{}", std::max<std::ptrdiff_t>(0, std::count(log.begin(), log.end(), '\n') - 1))},
          {"train_seconds", format("{:.1f}", manifest.value("seconds", 0.0))},
          {"seconds", format("{:.1f}", seconds)},
          {"threads", format("{}", manifest.value("threads", threads()))},
          {"device", options.device},
          {"machine", processor},
          {"version", version()}};
}

std::string weights_of(const Measurement& m) { return m.weights == results::kBestWeights ? "" : m.weights; }

/// Numbers and how long they took.
using Measured = std::pair<std::map<std::string, std::string>, double>;

/// "ctcf.auroc", of heads behind the first "counts.ctcf.pearson".
void add_outputs(std::map<std::string, std::string>& numbers, const results::EvaluationResult& evaluation) {
  for (const results::HeadEvaluation& head : evaluation.heads) {
    if (head.outputs.size() < 2) continue;  // its value has no prefix
    const std::string prefix = &head == &evaluation.heads.front() ? "" : head.output + ".";
    for (const results::OutputEvaluation& output : head.outputs)
      for (const results::MetricValue& metric : output.metrics)
        numbers[format("{}{}.{}", prefix, output.name, metric.metric)] = cell(metric.value.value);
  }
}

Measured evaluated(const Study& study, const Run& run, const Measurement& m, const WorkOptions& options,
                   run::KeptData& data) {
  run::EvaluateRequest request;
  request.run = study.run(run.name);
  request.split = m.split;
  request.weights = weights_of(m);
  request.set = m.set;
  request.set.emplace_back("evaluate.intervals=false");  // intervals of a study are over its seeds
  request.out = study.work(run.name, ".metrics.json");
  request.device = options.device;
  request.threads = options.threads;
  request.report = false;
  const auto result = run::evaluate_run(request, data);
  fs::remove(request.out);
  Measured measured{{}, result.seconds};
  for (const auto& [name, value] : result.evaluation.values()) measured.first[name] = cell(value.value);
  if (m.outputs) add_outputs(measured.first, result.evaluation);
  return measured;
}

Measured by_measure(const Study& study, const Run& run, const Measurement& m, const WorkOptions& options,
                    run::KeptData& data) {
  const auto result = run::measure_run({.run = study.run(run.name),
                                        .measure = m.measure,
                                        .options = m.options,
                                        .split = m.split,
                                        .weights = weights_of(m),
                                        .set = m.set,
                                        .device = options.device,
                                        .threads = options.threads},
                                       data);
  Measured measured{{}, result.seconds};
  for (const auto& [name, value] : result.numbers) measured.first[name] = cell(value);
  return measured;
}

}  // namespace

Row measure(const Study& study, const Run& run, const Measurement& m, const WorkOptions& options, const std::string& hash,
            run::KeptData& data) {
  auto [metrics, seconds] =
      m.measure.empty() ? evaluated(study, run, m, options, data) : by_measure(study, run, m, options, data);
  Row row{.run = run.name,
          .values = run.values,
          .evaluation = m.evaluation,
          .split = std::string(to_word(m.split)),
          .weights = m.weights,
          .hash = hash,
          .facts = facts_of(study.run(run.name), options, seconds),
          .metrics = std::move(metrics)};
  std::string text;
  for (const auto& [name, value] : row.metrics) text += format("{}{} {}", text.empty() ? "" : ", ", name, value);
  log_info("{}: {}: {}", run.name, m.label(), text);
  return row;
}

}  // namespace basewise::study::detail
