#include "basewise/motifs/detail/merge_seqlets.h"

#include <algorithm>
#include <cmath>

#include "basewise/motifs/detail/jaccard.h"

namespace basewise::motifs::detail {
namespace {

/// Less the mean, with length 1.
std::vector<BaseVector> standardised(std::vector<BaseVector> rows) {
  double sum = 0, squares = 0;
  for (const BaseVector& row : rows)
    for (const double x : row) sum += x;
  const double mean = rows.empty() ? 0 : sum / static_cast<double>(4 * rows.size());
  for (BaseVector& row : rows)
    for (double& x : row) {
      x -= mean;
      squares += x * x;
    }
  const double length = std::sqrt(squares);
  if (length > 0)
    for (BaseVector& row : rows)
      for (double& x : row) x /= length;
  return rows;
}

std::vector<BaseVector> turned_rows(std::vector<BaseVector> rows) {
  std::reverse(rows.begin(), rows.end());
  for (BaseVector& row : rows) std::reverse(row.begin(), row.end());
  return rows;
}

/// The best offset of one orientation; of equally good ones the first.
Alignment best_place(const std::vector<BaseVector>& parent, const std::vector<BaseVector>& child, std::int64_t pad) {
  const auto width = static_cast<std::int64_t>(child.size()), parent_width = static_cast<std::int64_t>(parent.size());
  Alignment best = {-pad, false, -2};
  for (std::int64_t offset = -pad; offset + width <= parent_width + pad; ++offset) {
    double product = 0, squares = 0;
    for (std::int64_t p = std::max<std::int64_t>(0, -offset); p < width && p + offset < parent_width; ++p)
      for (std::size_t c = 0; c < 4; ++c) {
        const double y = parent[p + offset][c];
        product += child[p][c] * y;
        squares += y * y;
      }
    const double similarity = squares > 0 ? product / std::sqrt(squares) : 0;
    if (similarity > best.similarity) best = {offset, false, similarity};
  }
  return best;
}

std::vector<BaseVector> contributions_of(const AttributionSet& set, const Seqlet& seqlet) {
  std::vector<BaseVector> rows(seqlet.end - seqlet.start);
  for (std::size_t p = 0; p < rows.size(); ++p) {
    const SeqletPosition position = position_of(set, seqlet, static_cast<std::int64_t>(p));
    if (position.token < 4) rows[p][position.token] = position.contribution;
  }
  return rows;
}

Alignment best_jaccard(const AttributionSet& set, const AlignedSeqlets& parent, const Seqlet& seqlet, double min_overlap) {
  const TrackRows child = track_rows(set, std::span(&seqlet, 1)), other = turned(child);
  PaddedTracks padded;
  pad_tracks(parent.tracks().data(), parent.width(), padding(child.width, min_overlap, true), padded);
  const float sum = sum_of_magnitudes(child.of(0), child.width * kTracks);
  const BestOffset forward = best_offset(padded, child.of(0), child.width, sum);
  const BestOffset reverse = best_offset(padded, other.of(0), child.width, sum);
  if (reverse.similarity > forward.similarity) return {reverse.offset, true, reverse.similarity};
  return {forward.offset, false, forward.similarity};
}

}  // namespace

Alignment best_correlation(const std::vector<BaseVector>& parent, const std::vector<BaseVector>& child, double min_overlap) {
  // A child far wider than its parent still has one place.
  const auto wider = static_cast<std::int64_t>(child.size()) - static_cast<std::int64_t>(parent.size());
  const std::int64_t pad = std::max(padding(static_cast<std::int64_t>(child.size()), min_overlap, true), (wider + 1) / 2);
  const std::vector<BaseVector> standard = standardised(child), whole = standardised(parent);
  const Alignment forward = best_place(whole, standard, pad);
  Alignment reverse = best_place(whole, turned_rows(standard), pad);
  reverse.reverse = true;
  return reverse.similarity > forward.similarity ? reverse : forward;
}

AlignedSeqlets merged(const AttributionSet& set, AlignedSeqlets parent, std::span<const Seqlet> more, Likeness likeness,
                      double min_overlap) {
  for (const Seqlet& original : more) {
    const Alignment alignment = likeness == Likeness::jaccard
                                    ? best_jaccard(set, parent, original, min_overlap)
                                    : best_correlation(parent.contributions(), contributions_of(set, original), min_overlap);
    const Seqlet seqlet = alignment.reverse ? turned(original) : original;
    const std::int64_t end = alignment.offset + seqlet.end - seqlet.start;
    const auto whole =
        grown(seqlet, std::max<std::int64_t>(alignment.offset, 0), std::max<std::int64_t>(parent.width() - end, 0), set.length);
    if (!whole) continue;
    const std::int64_t left = std::max<std::int64_t>(0, -alignment.offset), right = std::max<std::int64_t>(0, end - parent.width());
    if (left > 0 || right > 0) {
      auto wider = parent.expanded(left, right);
      if (!wider) continue;
      parent = std::move(*wider);
    }
    parent.add(*whole);
  }
  return parent;
}

}  // namespace basewise::motifs::detail
