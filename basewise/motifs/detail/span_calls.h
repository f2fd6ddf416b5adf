// Recursive seqlets of one example, given the null.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/motifs/detail/span_null.h"

namespace basewise::motifs::detail {

/// A span [start, start + length) that was called.
struct SpanCall {
  std::int64_t start = 0;
  std::int64_t length = 0;
  double p_value = 1;
};

/// Calls spans, with memory that serves one example after the other.
class SpanCaller {
 public:
  SpanCaller(const SpanNull& null, float sign, double p_value, std::int64_t shortest, std::int64_t longest)
      : null_(null), sign_(sign), p_value_(p_value), shortest_(shortest), longest_(longest) {}

  /// Spans of `row`, longest first, then lowest p-value, then start; none overlaps another.
  std::vector<SpanCall> call(std::span<const float> row);

 private:
  // A span that holds no span at or above the p-value. `rank` is the largest p-value of the spans
  // that begin where it begins, by which spans of one length are visited.
  struct Candidate {
    std::int64_t start;
    double rank;
  };
  void find(std::int64_t length);

  const SpanNull& null_;
  float sign_;
  double p_value_;
  std::int64_t shortest_;
  std::int64_t longest_;
  std::vector<std::int64_t> sums_;  // of bins before each position
  std::vector<bool> taken_;
  std::vector<std::vector<Candidate>> candidates_;  // by length - shortest
};

}  // namespace basewise::motifs::detail
