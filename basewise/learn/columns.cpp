#include "basewise/learn/columns.h"

#include <cmath>

#include "basewise/core/error.h"

namespace basewise::learn {
namespace {

std::vector<double> picked(const std::vector<double>& values, std::span<const std::int64_t> which) {
  std::vector<double> some;
  some.reserve(which.size());
  for (const std::int64_t row : which) some.push_back(values[static_cast<std::size_t>(row)]);
  return some;
}

void check_target(const Output& output, double value, std::size_t row) {
  if (output.is_number() && !std::isfinite(value))
    throw ArgumentError(format("{} of row {} is {}, not a finite number", output.name, row, value));
  if (!output.is_number() && !(value >= 0 && value < static_cast<double>(output.classes.size()) && value == std::floor(value)))
    throw ArgumentError(format("{} of row {} is class {}; there are {}", output.name, row, value, output.classes.size()));
}

}  // namespace

Columns Columns::rows_of(std::span<const std::int64_t> which) const {
  Columns some = {.rows = std::ssize(which), .names = names};
  for (const auto& column : values) some.values.push_back(picked(column, which));
  return some;
}

Targets Targets::rows_of(std::span<const std::int64_t> which) const {
  Targets some = {.outputs = outputs};
  for (const auto& column : values) some.values.push_back(picked(column, which));
  return some;
}

std::int64_t channels_of(std::span<const Output> outputs) {
  std::int64_t channels = 0;
  for (const Output& output : outputs) channels += output.channels();
  return channels;
}

std::vector<double> channel_values(const Targets& targets) {
  const auto channels = static_cast<std::size_t>(channels_of(targets.outputs));
  std::vector<double> all(static_cast<std::size_t>(targets.rows()) * channels, 0.0);
  std::size_t first = 0;
  for (std::size_t k = 0; k < targets.outputs.size(); ++k) {
    const Output& output = targets.outputs[k];
    for (std::size_t row = 0; row < targets.values[k].size(); ++row) {
      const double value = targets.values[k][row];
      check_target(output, value, row);
      double* of_row = all.data() + row * channels + first;
      if (output.channels() == 1)
        *of_row = value;
      else
        of_row[static_cast<std::size_t>(value)] = 1;
    }
    first += static_cast<std::size_t>(output.channels());
  }
  return all;
}

std::vector<double> checked_weights(std::span<const double> given, std::int64_t rows) {
  if (given.empty()) return std::vector<double>(static_cast<std::size_t>(rows), 1.0);
  if (std::ssize(given) != rows) throw ArgumentError(format("{} weights for {} rows", given.size(), rows));
  bool any = false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!(given[i] >= 0) || !std::isfinite(given[i]))
      throw ArgumentError(format("the weight of row {} is {}; expected a finite number of 0 or more", i, given[i]));
    any = any || given[i] > 0;
  }
  if (!any) throw ArgumentError("all rows have weight 0");
  return {given.begin(), given.end()};
}

std::vector<double> balanced_weights(const Targets& targets, std::vector<double> weights) {
  const std::vector<double> given = weights;
  for (std::size_t k = 0; k < targets.outputs.size(); ++k) {
    if (targets.outputs[k].is_number()) continue;
    std::vector<double> of_class(targets.outputs[k].classes.size(), 0.0);
    double total = 0;
    for (std::size_t row = 0; row < weights.size(); ++row) {
      of_class[static_cast<std::size_t>(targets.values[k][row])] += given[row];
      total += given[row];
    }
    double seen = 0;
    for (const double weight : of_class) seen += weight > 0 ? 1 : 0;
    std::vector<double> factor(of_class.size(), 0.0);
    for (std::size_t c = 0; c < factor.size(); ++c) factor[c] = of_class[c] > 0 ? total / (seen * of_class[c]) : 0;
    for (std::size_t row = 0; row < weights.size(); ++row) weights[row] *= factor[static_cast<std::size_t>(targets.values[k][row])];
  }
  return weights;
}

}  // namespace basewise::learn
