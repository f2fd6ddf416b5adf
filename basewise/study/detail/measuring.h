// One measurement of a trained run as a row of the record.
#pragma once

#include <string>

#include "basewise/run/kept_data.h"
#include "basewise/study/worker.h"

namespace basewise::study::detail {

/// Measures the folder of a run: the metrics of its outputs, or a measure by name.
/// Errors: those of `run::evaluate_run` and `run::measure_run`.
Row measure(const Study& study, const Run& run, const Measurement& m, const WorkOptions& options, const std::string& hash,
            run::KeptData& data);

}  // namespace basewise::study::detail
