#include "basewise/motifs/detail/seqlet_rows.h"

#include <cmath>

#include "basewise/core/parallel.h"

namespace basewise::motifs::detail {

SeqletPosition position_of(const AttributionSet& set, const Seqlet& seqlet, std::int64_t p) {
  const std::int64_t at = seqlet.reverse ? seqlet.end - 1 - p : seqlet.start + p;
  const std::int64_t flat = seqlet.example * set.length + at;
  SeqletPosition result;
  const seq::Token token = set.tokens[flat];
  if (token < 4) {
    result.token = seqlet.reverse ? static_cast<seq::Token>(3 - token) : token;
    result.contribution = set.contributions[flat];
  }
  if (set.hypothetical.empty()) {
    if (token < 4) result.hypothetical[result.token] = result.contribution;
    return result;
  }
  const float* scores = set.hypothetical.data() + seqlet.example * 4 * set.length + at;
  for (std::int64_t c = 0; c < 4; ++c) result.hypothetical[seqlet.reverse ? 3 - c : c] = scores[c * set.length];
  return result;
}

void normalise_tracks(std::span<float> rows) {
  double hypothetical = 0, contribution = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) (i % kTracks < 4 ? hypothetical : contribution) += std::abs(rows[i]);
  const auto factor = [](double sum) { return sum > 0 ? static_cast<float>(1 / sum) : 1.0f; };
  const float factors[] = {factor(hypothetical), factor(contribution)};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] *= factors[i % kTracks < 4 ? 0 : 1];
}

TrackRows track_rows(const AttributionSet& set, std::span<const Seqlet> seqlets) {
  TrackRows rows;
  rows.count = static_cast<std::int64_t>(seqlets.size());
  rows.width = seqlets.empty() ? 0 : seqlets.front().end - seqlets.front().start;
  rows.values.assign(rows.count * rows.width * kTracks, 0);
  parallel_for(rows.count, 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      float* row = rows.of(i);
      for (std::int64_t p = 0; p < rows.width; ++p) {
        const SeqletPosition position = position_of(set, seqlets[i], p);
        std::copy(position.hypothetical.begin(), position.hypothetical.end(), row + p * kTracks);
        if (position.token < 4) row[p * kTracks + 4 + position.token] = position.contribution;
      }
      normalise_tracks({row, static_cast<std::size_t>(rows.width * kTracks)});
    }
  });
  return rows;
}

TrackRows turned(const TrackRows& rows) {
  TrackRows result = {rows.count, rows.width, std::vector<float>(rows.values.size())};
  for (std::int64_t i = 0; i < rows.count; ++i)
    for (std::int64_t p = 0; p < rows.width; ++p)
      for (std::int64_t c = 0; c < kTracks; ++c)
        result.of(i)[p * kTracks + c] = rows.of(i)[(rows.width - 1 - p) * kTracks + (c < 4 ? 3 - c : 11 - c)];
  return result;
}

double strength(const AttributionSet& set, const Seqlet& seqlet) {
  double sum = 0;
  for (std::int64_t at = seqlet.start; at < seqlet.end; ++at) {
    const std::int64_t flat = seqlet.example * set.length + at;
    if (set.tokens[flat] < 4) sum += std::abs(set.contributions[flat]);
  }
  return sum;
}

Seqlet turned(Seqlet seqlet) {
  seqlet.reverse = !seqlet.reverse;
  return seqlet;
}

}  // namespace basewise::motifs::detail
