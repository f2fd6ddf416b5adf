// The files of the verb learn.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "basewise/learn/folds.h"
#include "basewise/learn/learn.h"
#include "basewise/learn/model.h"
#include "basewise/learn/table.h"

namespace basewise::learn::detail {

/// What is written, beside the result.
struct Written {
  const LabelledTable& table;
  const Model& model;
  std::span<const double> predictions;  ///< (rows, channels)
  std::optional<Folds> folds = {};      ///< nothing where a model was applied
};

/// Errors: ArgumentError where the folder is a file, holds what learn does not write, or holds what
/// it does without `overwrite`.
void check_folder(const LearnOptions& options);

/// Writes the folder and names its files in the result.
void write_folder(const LearnOptions& options, const Written& written, LearnResult& result);

}  // namespace basewise::learn::detail
