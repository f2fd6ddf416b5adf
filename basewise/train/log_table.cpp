#include "basewise/train/log_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/options.h"
#include "basewise/core/printable.h"

namespace basewise::train {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> validation_columns(const std::vector<EpochLog>& rows) {
  std::vector<std::string> names;
  for (const EpochLog& row : rows) {
    for (const auto& [name, value] : row.validation) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

const double* find(const NamedValues& values, const std::string& name) {
  const auto item = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
  return item == values.end() ? nullptr : &item->second;
}

double number(const Json& json) { return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>(); }

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json values_to_json(const NamedValues& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = number_or_null(value);
  return json;
}

NamedValues values_from_json(const Json& json) {
  NamedValues values;
  for (const auto& [name, value] : json.items()) values.emplace_back(name, number(value));
  return values;
}

}  // namespace

double value_of(const NamedValues& values, const std::string& name) {
  if (const double* value = find(values, name)) return *value;
  std::vector<std::string> names;
  for (const auto& item : values) names.push_back(item.first);
  const auto near = nearest(name, names);
  throw ArgumentError(format("validation has no value '{}'{}; it has {}", name, near ? format(" (did you mean '{}'?)", *near) : "",
                             names.empty() ? "none" : format("{}", fmt::join(names, ", "))));
}

std::string log_tsv(const std::vector<EpochLog>& rows) {
  const std::vector<std::string> names = validation_columns(rows);
  std::string text = "epoch\tstep\tseconds\tlearning_rate\ttrain_loss";
  for (const std::string& name : names) text += "\tvalidation_" + printable(name);
  text += "\tdata_wait_seconds\n";
  for (const EpochLog& row : rows) {
    text += format("{}\t{}\t{:.3f}\t{}\t{}", row.epoch, row.step, row.seconds, row.learning_rate, row.train_loss);
    for (const std::string& name : names) {
      const double* value = find(row.validation, name);
      text += format("\t{}", value ? *value : std::numeric_limits<double>::quiet_NaN());
    }
    text += format("\t{:.3f}\n", row.data_wait_seconds);
  }
  return text;
}

std::string epoch_text(const EpochLog& row, std::int64_t epochs) {
  std::string text = format("epoch {}/{}: loss {:.4g}", row.epoch, epochs, row.train_loss);
  for (const auto& [name, value] : row.validation) text += format(", validation {} {:.4g}", name, value);
  return text + format(" ({:.1f} s)", row.seconds);
}

Json to_json(const EpochLog& row) {
  return {{"epoch", row.epoch},
          {"step", row.step},
          {"seconds", row.seconds},
          {"learning_rate", row.learning_rate},
          {"train_loss", number_or_null(row.train_loss)},
          {"validation", values_to_json(row.validation)},
          {"data_wait_seconds", row.data_wait_seconds}};
}

EpochLog epoch_log_from_json(const Json& json) {
  return {.epoch = json.at("epoch").get<std::int64_t>(),
          .step = json.at("step").get<std::int64_t>(),
          .seconds = json.at("seconds").get<double>(),
          .learning_rate = json.at("learning_rate").get<double>(),
          .train_loss = number(json.at("train_loss")),
          .validation = values_from_json(json.at("validation")),
          .data_wait_seconds = json.at("data_wait_seconds").get<double>()};
}

}  // namespace basewise::train
