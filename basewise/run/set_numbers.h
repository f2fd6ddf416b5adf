// How many examples a set has, and what its targets are like: told before training costs time.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "basewise/data/build.h"
#include "basewise/tensor/bundle.h"

namespace basewise::run {

/// What one channel of a target is like.
struct OutputNumbers {
  std::string name = {};
  std::int64_t values = 0;  ///< measured
  std::int64_t missing = 0;
  std::int64_t positives = 0;  ///< equal to 1
  bool binary = true;          ///< all are 0 or 1
  double sum = 0;
  double squares = 0;
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(float value);
};

/// Channels that swap under reverse complement are counted as one:
/// which of both strands an example shows may be drawn.
struct TargetNumbers {
  std::string target = {};
  std::int64_t counted = 0;  ///< examples that were looked at: all, or kCountedExamples spread evenly
  std::vector<OutputNumbers> outputs = {};
};

/// "labels bound"; a channel that is called as its target has one name.
std::string name_of(const TargetNumbers& target, const OutputNumbers& output);

struct SetNumbers {
  corpus::SetName set = corpus::SetName::train;
  std::int64_t examples = 0;
  std::int64_t batches = 0;                 ///< of a pass; 0: not known before it
  std::vector<TargetNumbers> targets = {};  ///< those asked for that the set has
};

inline constexpr std::int64_t kCountedExamples = 16384;

/// Called with every example that is looked at: its set, its number there from 0, and the example.
using ExampleVisitor = std::function<void(corpus::SetName set, std::int64_t number, const Bundle& example)>;

/// Counts the training, validation and test set. Of several data sets the first that has a target
/// is counted.
std::vector<SetNumbers> count_sets(const data::DataSplits& data, const std::vector<std::string>& targets, const ExampleVisitor& visit = {});

/// One line for each set, aligned, below a line of titles.
std::vector<std::string> table_of(const std::vector<SetNumbers>& sets);

}  // namespace basewise::run
