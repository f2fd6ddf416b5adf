// Data sets that write their examples into rows.
#pragma once

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// `get` by way of `write`, so that both say the same.
class RowDataset : public Dataset {
 public:
  bool writes_rows() const final { return true; }
  Bundle example_shapes() const final { return size() > 0 ? blank() : Bundle(); }
  Bundle get(std::int64_t i, Stream draw) const final {
    Bundle example = blank();
    write(i, draw, ExampleRow(example));
    return example;
  }

 protected:
  /// An example full of zeros.
  virtual Bundle blank() const = 0;
};

/// The tensor "sequence" of `length` bases in the encoding asked for, full of zeros.
inline at::Tensor blank_sequence(std::int64_t length, bool tokens) {
  return tokens ? at::zeros({length}, at::kByte) : at::zeros({4, length}, at::kFloat);
}

/// The rule that goes with it.
inline StrandRule sequence_rule(bool tokens) { return tokens ? StrandRule::tokens : StrandRule::complemented; }

}  // namespace basewise::data::detail
