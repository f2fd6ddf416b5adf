#include "basewise/interpret/localisation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "basewise/core/error.h"

namespace basewise::interpret {
namespace {

using Labels = std::span<const std::uint8_t>;
using Scores = std::span<const double>;

/// Places of a value from `from` on, as the published code asks for them: the list of their
/// distances counts as empty if it holds nothing but 0.
struct Found {
  bool any = false;
  std::size_t first = 0;  ///< distance of the first
};

Found look(Labels labels, std::size_t from, std::uint8_t value) {
  Found found;
  bool begun = false;
  for (std::size_t i = from; i < labels.size() && !found.any; ++i) {
    if (labels[i] != value) continue;
    if (!begun) found.first = i - from;
    found.any = i > from;
    begun = true;
  }
  return found;
}

/// One of the two loops; `start` is what the one before left behind.
void published_runs(Scores scores, Labels labels, std::uint8_t value, std::size_t& start, RunInstances& all) {
  std::size_t index = 0;
  bool more = true;
  while (more) {
    const Found begin = look(labels, index, value);
    more = begin.any;
    if (begin.any) start = index + begin.first;
    const Found end = look(labels, index + start, 1 - value);
    if (end.any) {
      const std::size_t stop = index + start + end.first;
      all.add(scores.subspan(start, stop - start), value);
      index = stop;
    } else {
      more = false;
      if (value == 0) all.add(scores.subspan(start), value);
    }
  }
}

void corrected_runs(Scores scores, Labels labels, RunInstances& all) {
  for (std::size_t begin = 0, end = 0; begin < labels.size(); begin = end) {
    for (end = begin; end < labels.size() && labels[end] == labels[begin];) ++end;
    all.add(scores.subspan(begin, end - begin), labels[begin]);
  }
}

/// Scores of letters by column.
std::vector<motifs::BaseVector> scan_rows(const motifs::MotifMatrix& motif, ScanScore score) {
  std::vector<motifs::BaseVector> rows = motifs::probabilities(motif);
  if (score == ScanScore::log_odds)
    for (motifs::BaseVector& row : rows)
      for (double& p : row) p = std::log2(p / 0.25 + 1e-10);
  return rows;
}

/// `bases`: 0 to 3, 4 for what has no score.
void raise_to(std::vector<double>& track, const std::vector<std::uint8_t>& bases, const std::vector<motifs::BaseVector>& rows) {
  const std::int64_t length = std::ssize(bases), width = std::ssize(rows);
  for (std::int64_t n = 0; n < length; ++n) {
    double sum = 0;
    for (std::int64_t k = 0; k < width; ++k) {
      const std::int64_t at = n + k - width / 2;
      if (at < 0 || at >= length) continue;
      if (const std::uint8_t base = bases[static_cast<std::size_t>(at)]; base < 4) sum += rows[static_cast<std::size_t>(k)][base];
    }
    double& best = track[static_cast<std::size_t>(n)];
    best = std::max(best, sum);
  }
}

}  // namespace

std::vector<std::uint8_t> widened(std::span<const std::uint8_t> labels, std::int64_t buffer) {
  const std::int64_t length = std::ssize(labels);
  std::vector<std::uint8_t> wide(labels.size(), 0);
  for (std::int64_t n = 0; n < length; ++n) {
    const std::int64_t begin = std::max<std::int64_t>(n - buffer / 2, 0), end = std::min(n - buffer / 2 + buffer, length);
    wide[static_cast<std::size_t>(n)] = begin < end && std::find(labels.begin() + begin, labels.begin() + end, 1) != labels.begin() + end;
  }
  return wide;
}

void RunInstances::add(std::span<const double> run, std::uint8_t label) {
  if (run.empty()) return;
  scores.push_back(*std::max_element(run.begin(), run.end()));
  labels.push_back(label);
}

RunInstances run_instances(std::span<const double> scores, std::span<const std::uint8_t> labels, RunFinder finder) {
  if (scores.size() != labels.size())
    throw ArgumentError(format("{} scores and {} labels: runs need one of each for every place", scores.size(), labels.size()));
  RunInstances all;
  switch (finder) {
    case RunFinder::corrected:
      corrected_runs(scores, labels, all);
      break;
    case RunFinder::published: {
      std::size_t start = 0;
      published_runs(scores, labels, 1, start, all);
      published_runs(scores, labels, 0, start, all);
      break;
    }
  }
  return all;
}

std::vector<double> scan_track(const std::string& letters, std::span<const motifs::MotifMatrix> motifs, ScanScore score) {
  std::vector<double> track(letters.size(), -std::numeric_limits<double>::infinity());
  std::vector<std::uint8_t> bases;
  for (const char letter : letters)
    bases.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(std::string_view("ACGT").find(letter), 4)));
  for (const motifs::MotifMatrix& motif : motifs)
    for (const motifs::MotifMatrix& turned : {motif, motifs::reverse_complement(motif)}) raise_to(track, bases, scan_rows(turned, score));
  return track;
}

}  // namespace basewise::interpret
