// Examples along a genome: windows times sources.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/corpus/windows.h"
#include "basewise/data/dataset.h"

namespace basewise::data {

/// What one or several fields of an example are read from: a genome, sites, tracks.
/// Immutable; threads may share it.
///
/// To add one: a file with a class and a function that makes it, and its test.
class Source {
 public:
  virtual ~Source() = default;

  /// Adds its fields for these windows. Errors: ArgumentError for windows that do not suit it.
  virtual void add_fields(Schema& schema, const corpus::Windows& windows) const = 0;

  /// Fills its fields for one window, as they stand along the chromosome: for a window that is read
  /// from the other strand they are moved by their strand rules afterwards.
  virtual void fill(const corpus::Window& window, const ExampleRow& row) const = 0;

  /// Whether `fill` minds the strand of the window itself.
  virtual bool reads_strand() const { return false; }

  /// Bases per value: tiles are cut at multiples of it.
  virtual std::int64_t unit() const { return 1; }

  /// Whether an example counts as positive; nothing: this source does not say.
  virtual std::optional<bool> positive(const corpus::Window& window) const {
    static_cast<void>(window);
    return std::nullopt;
  }

  /// What it is read from, for people.
  virtual std::string summary() const = 0;
};
using SourcePtr = std::shared_ptr<const Source>;

/// One example per window, with the fields of all sources in their order and then the places that
/// the windows name, int64 scalars: "position", the first base in the coordinates of the chromosome
/// (it may be negative); "chromosome", its number in the genome; of tiles "circle", the length of
/// the chromosome if it is circular, else 0; of tiles of both strands "strand", 0 or 1.
///
/// Examples are written into their batch where they stay.
/// `what` says in a few words where the windows lie.
/// Errors: ArgumentError for windows that do not suit a source, and for two fields of one name.
DatasetPtr examples(corpus::WindowsPtr windows, std::vector<SourcePtr> sources, std::string what = {});

}  // namespace basewise::data
