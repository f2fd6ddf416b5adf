// Seqlets of one width laid over each other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "basewise/motifs/detail/seqlet_rows.h"

namespace basewise::motifs::detail {

/// A pattern in the making: seqlets that are aligned, oriented and of one width, and sums over
/// them. A stretch of an example is in it once. Keeps a reference to the attributions.
class AlignedSeqlets {
 public:
  /// Those of `seqlets` that repeat a stretch are left out.
  AlignedSeqlets(const AttributionSet& set, std::span<const Seqlet> seqlets);

  std::int64_t width() const { return width_; }
  std::int64_t size() const { return static_cast<std::int64_t>(seqlets_.size()); }
  const std::vector<Seqlet>& seqlets() const { return seqlets_; }

  /// False where the stretch is there already.
  bool add(const Seqlet& seqlet);

  /// Wider by so many positions; seqlets that would leave their example are dropped.
  /// Nothing where none is left.
  std::optional<AlignedSeqlets> expanded(std::int64_t left, std::int64_t right) const;

  /// Positions [begin, end).
  AlignedSeqlets trimmed(std::int64_t begin, std::int64_t end) const;

  /// Means over the seqlets, position by position; letters that are not there contribute 0.
  std::vector<BaseVector> sequence() const { return mean(sequence_); }
  std::vector<BaseVector> contributions() const { return mean(contributions_); }
  std::vector<BaseVector> hypothetical() const { return mean(hypothetical_); }

  /// Sum of all contributions.
  double contribution() const;

  /// Means as rows (width, kTracks), normalised as those of a seqlet.
  std::vector<float> tracks() const;

  /// Bits of each position against `background`:
  /// sum p log2((p + e) / (1 + 4 e)) - b log2 b, with e 0.001 (as modisco-lite computes it).
  std::vector<double> information(const BaseVector& background) const;

  /// As a pattern without a name.
  Pattern pattern(bool positive) const;

 private:
  std::vector<BaseVector> mean(const std::vector<BaseVector>& sums) const;

  const AttributionSet* set_;
  std::int64_t width_ = 0;
  std::vector<Seqlet> seqlets_;
  std::unordered_set<std::uint64_t> stretches_;
  std::vector<BaseVector> sequence_, contributions_, hypothetical_;
};

/// A seqlet grown in its own orientation; nothing where it would leave its example.
std::optional<Seqlet> grown(const Seqlet& seqlet, std::int64_t left, std::int64_t right, std::int64_t length);

/// Cut to the most informative `trim` positions between flanks, with `flank` positions on each
/// side. Nothing where no seqlet is left.
std::optional<AlignedSeqlets> polished(const AlignedSeqlets& seqlets, std::int64_t trim, std::int64_t flank, const BaseVector& background);

/// First position of the window of largest sum; 0 where there are no more values than `window`.
std::int64_t best_window(const std::vector<double>& values, std::int64_t window);

}  // namespace basewise::motifs::detail
