// Every method of the verb attribute as one function.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/target.h"
#include "basewise/tensor/bundle.h"

namespace basewise::interpret::detail {

/// What a method gives for N sequences; on the CPU, float.
struct Scored {
  at::Tensor scores;       ///< (N, 4, L): of every letter; of `gradient_x_input` of those that are there
  at::Tensor prediction;   ///< (N): the target
  at::Tensor convergence;  ///< (N); undefined for methods without references
  /// Mutagenesis: edits that were computed both ways, and the largest difference between both.
  std::int64_t checked = 0;
  double difference = 0;
  std::string note = {};  ///< what people should know; empty: nothing
};

struct Method {
  bool hypothetical = true;       ///< scores are of every letter
  std::string references = {};    ///< what sequences are compared with, for people; empty: nothing
  std::string advice = {};        ///< where scores miss their differences; empty: none
  std::int64_t rows = 1;          ///< of passes, that an example takes; of mutagenesis that a position takes
  /// `inputs` of the model, which are examples first .. first + N - 1 of the folder. Only the
  /// positions [begin, end) need scores.
  std::function<Scored(const Bundle& inputs, std::int64_t first, std::int64_t begin, std::int64_t end)> score;
};

/// Errors: as `attribute_run`; ArgumentError for references that are neither a word nor a file.
Method make_method(const run::OpenRun& run, const AttributeOptions& options, const Target& target);

}  // namespace basewise::interpret::detail
