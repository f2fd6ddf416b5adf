// Which examples are attributed where not all of them are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/target.h"
#include "basewise/run/example_source.h"

namespace basewise::interpret::detail {

/// Numbers of examples in the order of their source, and their places in a folder.
class Chosen {
 public:
  /// All `examples`.
  explicit Chosen(std::int64_t examples) : examples_(examples) {}
  /// Some, ascending.
  explicit Chosen(std::vector<std::int64_t> numbers) : examples_(std::ssize(numbers)), numbers_(std::move(numbers)) {}

  std::int64_t size() const { return examples_; }
  /// Nothing for an example that is not taken.
  std::optional<std::int64_t> place_of(std::int64_t number) const;

 private:
  std::int64_t examples_;
  std::optional<std::vector<std::int64_t>> numbers_ = {};
};

/// Takes all examples, or `options.max` of them: those of the largest target, the first of equal
/// ones, or some drawn by the seed. What was chosen is kept in `file` for later calls and other
/// shards. The source has so many examples; it is at its first one before and after.
Chosen choose_examples(run::ExampleSource& source, std::int64_t examples, const run::OpenRun& run, const AttributeOptions& options,
                       const Target& target, const std::filesystem::path& file);

}  // namespace basewise::interpret::detail
