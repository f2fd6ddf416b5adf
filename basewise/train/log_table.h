// What is told about each epoch: rows of log.tsv.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace basewise::train {

/// Values by name, in the order in which they are shown ("loss", "auroc", ...).
using NamedValues = std::vector<std::pair<std::string, double>>;

/// Looks a value up. Errors: ArgumentError that names the nearest one there is.
double value_of(const NamedValues& values, const std::string& name);

/// One epoch. Only `seconds` and `data_wait_seconds` differ between two runs of the same
/// configuration on the same machine.
struct EpochLog {
  std::int64_t epoch = 0;        ///< from 1: epochs finished
  std::int64_t step = 0;         ///< optimiser steps so far
  double seconds = 0;            ///< training and validation so far, all sessions of a resumed run together
  double learning_rate = 0;      ///< of the last step
  double train_loss = 0;         ///< mean over what the epoch measured, penalties included, each batch before its own update
  NamedValues validation = {};        ///< "loss" and metrics; empty when this epoch was not validated
  double data_wait_seconds = 0;  ///< time in this epoch during which training waited for data
};

/// Tab-separated with a header: epoch, step, seconds, learning_rate, train_loss,
/// validation_<name>..., data_wait_seconds. The columns of validation are all that any epoch has,
/// in order of first appearance; an epoch without a value has "nan" there. Numbers are the shortest
/// text that reads back to the same value; times have 3 decimals.
std::string log_tsv(const std::vector<EpochLog>& rows);

/// The same for people: "epoch 2/30: loss 0.512, validation auroc 0.81 (3.4 s)".
std::string epoch_text(const EpochLog& row, std::int64_t epochs);

/// Numbers that are none become null, and back.
nlohmann::ordered_json to_json(const EpochLog& row);
EpochLog epoch_log_from_json(const nlohmann::ordered_json& json);

}  // namespace basewise::train
