// One run of the Leiden algorithm; see leiden.h.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/core/random.h"

namespace basewise::motifs::detail {

/// A graph of the aggregation, row by row; the first one holds the nodes themselves. Weights are
/// positive, loops are in `loop` and in no row.
struct LeidenLevel {
  std::vector<std::int64_t> row_begin = {0};
  std::vector<std::int32_t> neighbour;
  std::vector<double> weight;
  std::vector<double> loop;      ///< (nodes): A_vv
  std::vector<double> strength;  ///< (nodes): row sum of A with the loop

  std::int32_t nodes() const { return static_cast<std::int32_t>(strength.size()); }
};

struct LeidenSettings {
  double null_rate = 0;    ///< resolution / 2m: strengths k and K expect null_rate k K between them
  double temperature = 0;  ///< of the refinement, in units of weight
  std::int64_t iterations = -1;
};

struct LeidenOutcome {
  std::vector<std::int32_t> community;  ///< (nodes of the base): numbers without order
  std::int64_t iterations = 0;
};

/// Communities of `base`, from single nodes on.
LeidenOutcome run_leiden(const LeidenLevel& base, const LeidenSettings& settings, Stream stream);

}  // namespace basewise::motifs::detail
