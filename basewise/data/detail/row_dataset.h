// Data sets that write their examples into rows.
#pragma once

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// `get` by way of `write`, so that both say the same.
class RowDataset : public Dataset {
 public:
  bool writes_rows() const final { return true; }
  Bundle get(std::int64_t i, Stream draw) const final {
    Bundle example = blank_example(schema());
    write(i, draw, ExampleRow(example));
    return example;
  }

 protected:
  Schema make_schema() const override = 0;
};

/// "sequence" of `length` bases in the encoding asked for.
inline Field sequence_field(std::int64_t length, bool tokens) {
  if (tokens) return {.name = "sequence", .type = at::kByte, .shape = {length}, .rule = StrandRule::tokens, .bin = 1};
  return {.name = "sequence", .shape = {4, length}, .rule = StrandRule::complemented, .bin = 1};
}

}  // namespace basewise::data::detail
