// One run of a study: trained, measured, and written down, in a process of its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "basewise/study/configuration.h"
#include "basewise/study/expand.h"
#include "basewise/study/record.h"

namespace basewise::study {

/// What is known of a run beside its folder: work/<run>.json.
struct RunNotes {
  std::string training = {};   ///< hash of what its folder was trained by
  std::string failed = {};     ///< error of the last attempt; empty: none
  std::vector<Row> rows = {};  ///< measured so far

  const Row* find(const Run& run, const Measurement& measurement, const std::string& hash) const;
};

/// Notes of a run; empty ones where there are none. A file that is damaged counts as none, with a
/// warning.
RunNotes read_notes(const Study& study, const Run& run);

/// Measurements whose row is neither in the record nor in the notes with the hash that they would
/// have now.
std::vector<Measurement> missing_measurements(const Run& run, const Record& record, const RunNotes& notes,
                                              Configurations& configurations);

/// How a run is computed.
struct WorkOptions {
  std::string device = "cpu";
  std::int64_t threads = 0;
  bool train = false;  ///< also where nothing is left to measure: another run waits for the weights
};

enum class WorkOutcome {
  done,         ///< every measurement has its row
  interrupted,  ///< a checkpoint was saved; call again to go on
  locked,       ///< another process works on this run
};

/// Whether the folder of a run holds what its present configuration gives.
bool is_trained(const Study& study, const Run& run, const RunNotes& notes, Configurations& configurations);

/// Trains where the run folder holds no finished run of the present configuration (an unfinished
/// one is resumed, one of another configuration or that cannot be read is replaced), measures what
/// is missing, and thins the folder out as the study says. Errors are kept in the notes and thrown
/// on. A run that comes after others starts with their weights.
/// Errors: also StateError where one of them is not trained.
WorkOutcome work_on(const Study& study, const Run& run, const WorkOptions& options);

/// Thins the folder of a run out that is done, where its worker was killed before it came to that.
void tidy(const Study& study, const Run& run);

/// To be called first by the process of a worker: it then gets SIGTERM when its parent ends,
/// however that ends.
void end_with_parent();

}  // namespace basewise::study
