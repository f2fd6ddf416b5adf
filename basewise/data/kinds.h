// The kinds of data that a recipe can name. Each is a file of its own: options, what describes
// them, and what builds the sets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace basewise {
class Visitor;
}

namespace basewise::data {

struct DataOptions;
struct DataSplits;

/// One kind of data. To add one: a file with its options and a `DataKind`, and its line in the
/// table of kinds.cpp. Options without a member in DataOptions are kept in `DataOptions::others`.
struct DataKind {
  std::string_view name;
  void (*describe)(Visitor& v, DataOptions& o);  ///< its groups of options
  /// The three sets: a pure function of (options, seed, files).
  /// Errors: ArgumentError and DataError.
  DataSplits (*build)(const DataOptions& o, std::uint64_t seed);
  std::string_view also_for = {};  ///< another kind for which its options count; they are refused for all others
};

/// All of them, in the order of help and reference page.
std::span<const DataKind* const> data_kinds();

std::vector<std::string> data_kind_names();

/// Errors: ArgumentError that lists the names.
const DataKind& data_kind(std::string_view name);

}  // namespace basewise::data
