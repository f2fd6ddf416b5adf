// Pairs of sequences and references: which go together in a pass, what their target is, and what
// becomes of their multipliers.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/interpret/attribution.h"
#include "basewise/interpret/target.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/torch.h"

namespace basewise::interpret::detail {

/// Examples [begin, end), and of each the rows [from, to).
struct Piece {
  std::int64_t begin = 0, end = 0, from = 0, to = 0;

  std::int64_t rows() const { return (end - begin) * (to - from); }
  /// (rows): the example of each row, counted from `begin`; the place of each row in [from, to).
  at::Tensor examples() const;
  at::Tensor places() const;
};

/// `each` rows of every example, at most `most` in a piece: whole examples, or parts of one.
std::vector<Piece> pieces(std::int64_t examples, std::int64_t each, std::int64_t most);

/// Rows of every tensor.
Bundle rows_of(const Bundle& batch, const at::Tensor& rows);

/// Constants of a target, taken at the sequences and used for what they are compared with.
class Constants {
 public:
  /// At (N) sequences.
  Constants(const Target& target, const Bundle& outputs);
  const at::Tensor& values() const { return values_; }

  /// Row r of what is evaluated belongs to sequence rows[r].
  TargetRules rules(const at::Tensor& rows) const;

 private:
  at::Tensor values_;
  std::vector<at::Tensor> constants_;
};

/// The target of pairs, (P) each.
struct PairTargets {
  at::Tensor sequence;   ///< without gradient
  at::Tensor reference;  ///< without gradient, with the constants of the sequence
  at::Tensor recorded;   ///< of the side with gradients: its gradient is the multiplier of the pair
};

/// Outputs of the sequences and of the references of P pairs, of which one records.
PairTargets pair_targets(const Target& target, const Bundle& sequence, const Bundle& reference, bool sequence_records);

/// Sums over the rows of each example, in the order of the rows, in double precision.
class ScoreSums {
 public:
  /// `sequences` (N, 4, L).
  ScoreSums(const at::Tensor& sequences, ScoreProduct product);

  /// Multipliers (P, 4, L) of rows that belong to examples (P), against references (P, 4, L);
  /// `weight` for each. Returns the sums of multipliers times differences, (P) double.
  at::Tensor add(const at::Tensor& examples, const at::Tensor& references, const at::Tensor& multipliers, double weight);

  /// The same without a reference: gradients.
  void add(const at::Tensor& examples, const at::Tensor& gradients, double weight);

  /// Puts hypothetical scores and scores into the result, of the type of the sequences.
  void finish(AttributionResult& result) const;

 private:
  at::Tensor sequences_;
  ScoreProduct product_;
  at::Tensor hypothetical_;
  at::Tensor product_sum_;  // undefined: the hypothetical one
};

}  // namespace basewise::interpret::detail
