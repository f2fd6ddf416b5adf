// What sources of values along the genome share: bins, and masks of what a window does not own.
#pragma once

#include <cstdint>
#include <string>

#include "basewise/data/examples.h"

namespace basewise::data {

/// A source of one field (channels, length / bin) float32 with "<name>.mask" bool of that shape:
/// measured, and owned by the window. A bin is owned where all of its bases are. Derived classes
/// read values; a chromosome ends where it ends for them.
class SignalSource : public Source {
 public:
  void add_fields(Schema& schema, const corpus::Windows& windows) const final;
  void fill(const corpus::Window& window, const ExampleRow& row) const final;
  std::int64_t unit() const final { return field_.bin; }

 protected:
  /// `field` holds name, strand rule, bases per value and names of channels; its shape is
  /// (channels). Errors of add_fields: ArgumentError for windows that are no whole number of bins.
  explicit SignalSource(Field field);

  const std::string& name() const { return field_.name; }

  /// Fills `values` (channels, length / bin) and `measured` (the same, 1 or 0) for [start, start +
  /// length) of chromosome `chrom`, which lies inside [0, chromosome length). `stride` is the
  /// distance of two channels in both arrays.
  virtual void read(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured,
                    std::int64_t stride) const = 0;

 private:
  Field field_;
  std::string mask_;
};

}  // namespace basewise::data
