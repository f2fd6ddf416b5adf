// What the numbers of a row depend on, as a hash that is the same on every machine.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "basewise/study/expand.h"

namespace basewise::study {

/// Hashes of a run and of its measurements.
///
/// They cover the recipe as resolved (without names, folders, numbers of workers, intervals of
/// checkpoints: see run::result_configuration), the model's text without comments and layout, the
/// contents of the files that [data] names, what is measured, and the hashes of the runs whose
/// weights a run starts with. Options that have their default are left out, so that an option that
/// a later version adds changes no hash.
class Configurations {
 public:
  explicit Configurations(const Study& study) : study_(study) {}

  /// 16 hexadecimal digits. Errors: as run::load_recipe.
  std::string training(const Run& run);
  std::string row(const Run& run, const Measurement& measurement);

  /// What `training` is the hash of, as JSON text.
  std::string describe_training(const Run& run);

 private:
  const std::string& resolved(const std::vector<std::string>& set);
  std::string prerequisites(const Run& run);
  std::string describe_measure(const Measurement& measurement);
  std::string hash_of(const std::filesystem::path& path);

  const Study& study_;
  std::map<std::string, std::string> resolved_;  ///< by the assignments
  std::map<std::string, std::string> files_;     ///< hashes by path
  std::map<std::string, Run> runs_;              ///< by name; filled where runs come after others
};

/// The recipe takes the options of every run and of what is measured of it; no data are read.
/// Errors: as run::load_recipe, with the run.
void check_recipes(const Study& study, const std::vector<Run>& runs);

}  // namespace basewise::study
