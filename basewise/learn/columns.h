// Tables of features and what is to be predicted from them, as values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace basewise::learn {

/// Features of examples: (rows, columns), column by column. NaN: not measured.
struct Columns {
  std::int64_t rows = 0;
  std::vector<std::string> names = {};           ///< (columns)
  std::vector<std::vector<double>> values = {};  ///< (columns)(rows)

  std::int64_t columns() const { return std::ssize(values); }

  /// These rows in this order.
  Columns rows_of(std::span<const std::int64_t> which) const;
};

/// One column that is predicted: a number, or one of several classes.
struct Output {
  std::string name = {};
  std::vector<std::string> classes = {};  ///< two or more in the order of their numbers; empty: a number

  bool is_number() const { return classes.empty(); }

  /// Numbers that a prediction has: one for a number (its mean) and for two classes (the
  /// probability of the second), else the probability of each class.
  std::int64_t channels() const { return classes.size() <= 2 ? 1 : std::ssize(classes); }

  bool operator==(const Output&) const = default;
};

/// Numbers that a prediction of all outputs has.
std::int64_t channels_of(std::span<const Output> outputs);

/// What is known of the outputs of examples.
struct Targets {
  std::vector<Output> outputs = {};
  std::vector<std::vector<double>> values = {};  ///< (outputs)(rows): the number, or the number of the class from 0

  std::int64_t rows() const { return values.empty() ? 0 : std::ssize(values.front()); }
  Targets rows_of(std::span<const std::int64_t> which) const;
};

/// Each output as numbers whose mean is its prediction: (rows, channels), row by row; a number as
/// it is, two classes as 0 or 1, more classes as a 1 at the place of the class.
/// Errors: ArgumentError for a number that is not finite and for a class that there is not.
std::vector<double> channel_values(const Targets& targets);

/// Weights (rows) times what makes all classes of an output count alike, for every output with
/// classes: rows / (classes x rows of the class), rows counted by their weight.
/// Errors: ArgumentError for weights that are negative or not finite, or another number of them.
std::vector<double> balanced_weights(const Targets& targets, std::vector<double> weights);

/// Weights (rows), all 1 where `given` is empty.
/// Errors: ArgumentError for another number of them, one that is negative or not finite, and where
/// all are 0.
std::vector<double> checked_weights(std::span<const double> given, std::int64_t rows);

}  // namespace basewise::learn
