#include "basewise/motifs/motif.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace basewise::motifs {
namespace {

constexpr double kAssumedSites = 20;  // as the MEME format does where nsites is not given

double sum_of(const BaseVector& row) { return std::accumulate(row.begin(), row.end(), 0.0); }

bool is_distribution(const BaseVector& values, double tolerance) {
  const bool valid = std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x) && x >= 0; });
  return valid && std::abs(sum_of(values) - 1) <= tolerance;
}

void reverse_rows(auto& rows) {
  std::reverse(rows.begin(), rows.end());
  for (auto& row : rows) std::reverse(row.begin(), row.end());
}

BaseVector background_of(const MotifMatrix& motif, const LogOddsOptions& options) {
  if (options.background.empty()) return motif.background;
  BaseVector background{};
  if (options.background.size() == 4) std::copy_n(options.background.begin(), 4, background.begin());
  if (options.background.size() != 4 || !is_distribution(background, 1e-3) ||
      *std::min_element(background.begin(), background.end()) <= 0) {
    throw ArgumentError(
        format("background = [{}]; expected four positive numbers for A, C, G, T that sum to 1", fmt::join(options.background, ", ")));
  }
  return background;
}

}  // namespace

void check(const MotifMatrix& motif, double tolerance) {
  if (motif.rows.empty()) throw DataError(format("motif '{}' has no rows", motif.name));
  for (std::size_t i = 0; i < motif.rows.size(); ++i) {
    const BaseVector& row = motif.rows[i];
    const bool valid = std::all_of(row.begin(), row.end(), [](double x) { return std::isfinite(x) && x >= 0; });
    if (!valid)
      throw DataError(format("motif '{}', row {}: [{}] holds a negative or non-finite number", motif.name, i + 1, fmt::join(row, ", ")));
    if (sum_of(row) <= 0) throw DataError(format("motif '{}', row {}: all four numbers are zero", motif.name, i + 1));
    if (motif.values == MotifValues::probabilities && std::abs(sum_of(row) - 1) > tolerance) {
      throw DataError(format("motif '{}', row {}: the probabilities sum to {:.4g}, expected 1", motif.name, i + 1, sum_of(row)));
    }
  }
  if (!is_distribution(motif.background, tolerance)) {
    throw DataError(format("motif '{}': the background [{}] is no distribution", motif.name, fmt::join(motif.background, ", ")));
  }
}

std::vector<BaseVector> probabilities(const MotifMatrix& motif, double pseudocount) {
  if (!(pseudocount >= 0)) throw ArgumentError(format("pseudocount = {}; expected at least 0", pseudocount));
  std::vector<BaseVector> result = motif.rows;
  for (BaseVector& row : result) {
    const double sum = sum_of(row);
    const double n = motif.values == MotifValues::counts ? sum : motif.nsites > 0 ? motif.nsites : kAssumedSites;
    for (std::size_t c = 0; c < 4; ++c) row[c] = (n * row[c] / sum + pseudocount * motif.background[c]) / (n + pseudocount);
  }
  return result;
}

MotifMatrix as_probabilities(const MotifMatrix& motif, double pseudocount) {
  MotifMatrix result = motif;
  result.rows = probabilities(motif, pseudocount);
  result.values = MotifValues::probabilities;
  if (motif.values == MotifValues::counts && !motif.rows.empty()) result.nsites = sum_of(motif.rows.front());
  return result;
}

MotifMatrix reverse_complement(const MotifMatrix& motif) {
  MotifMatrix result = motif;
  reverse_rows(result.rows);
  std::reverse(result.background.begin(), result.background.end());
  return result;
}

std::vector<double> information_content(const MotifMatrix& motif, double pseudocount) {
  std::vector<double> bits;
  for (const BaseVector& row : probabilities(motif, pseudocount)) {
    double sum = 0;
    for (std::size_t c = 0; c < 4; ++c) sum += row[c] > 0 ? row[c] * std::log2(row[c] / motif.background[c]) : 0.0;
    bits.push_back(sum);
  }
  return bits;
}

double total_information(const MotifMatrix& motif, double pseudocount) {
  const auto bits = information_content(motif, pseudocount);
  return std::accumulate(bits.begin(), bits.end(), 0.0);
}

std::string consensus(const MotifMatrix& motif) {
  std::string letters;
  for (const BaseVector& row : motif.rows)
    letters += seq::kLetters[static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin())];
  return letters;
}

void describe(Visitor& v, LogOddsOptions& o) {
  v("pseudocount", o.pseudocount, "counts added to each row of a motif, spread as the background", non_negative());
  v("background", o.background, "probabilities of A, C, G, T outside motifs; empty takes those of the motif file", between(0, 1));
}

double Pwm::best() const {
  double sum = 0;
  for (const auto& row : rows) sum += static_cast<double>(*std::max_element(row.begin(), row.end()));
  return sum;
}

double Pwm::worst() const {
  double sum = 0;
  for (const auto& row : rows) sum += static_cast<double>(*std::min_element(row.begin(), row.end()));
  return sum;
}

Pwm log_odds(const MotifMatrix& motif, const LogOddsOptions& options) {
  MotifMatrix adapted = motif;
  adapted.background = background_of(motif, options);
  Pwm pwm{motif.name, {}};
  for (const BaseVector& row : probabilities(adapted, options.pseudocount)) {
    std::array<float, 4> scores{};
    for (std::size_t c = 0; c < 4; ++c) scores[c] = static_cast<float>(std::log2(row[c] / adapted.background[c]));
    pwm.rows.push_back(scores);
  }
  return pwm;
}

Pwm reverse_complement(const Pwm& pwm) {
  Pwm result = pwm;
  reverse_rows(result.rows);
  return result;
}

std::vector<float> scan(std::span<const seq::Token> tokens, const Pwm& pwm) {
  const std::size_t width = pwm.rows.size();
  std::vector<float> scores(tokens.size() < width ? 0 : tokens.size() - width + 1);
  scan(tokens, pwm, scores);
  return scores;
}

void scan(std::span<const seq::Token> tokens, const Pwm& pwm, std::span<float> scores) {
  const std::size_t width = pwm.rows.size();
  const std::size_t windows = tokens.size() < width ? 0 : tokens.size() - width + 1;
  if (scores.size() != windows) throw ArgumentError(format("scan: {} windows into an array of {}", windows, scores.size()));
  std::vector<std::array<float, 8>> table(width);  // a row of eight, so that N and stray tokens have their own entry
  for (std::size_t w = 0; w < width; ++w) {
    table[w].fill(-std::numeric_limits<float>::infinity());
    std::copy(pwm.rows[w].begin(), pwm.rows[w].end(), table[w].begin());
  }
  for (std::size_t i = 0; i < windows; ++i) {
    float sum = 0;
    for (std::size_t w = 0; w < width; ++w) sum += table[w][tokens[i + w] & 7u];
    scores[i] = sum;
  }
}

std::vector<seq::Token> sample(const MotifMatrix& motif, Stream& stream) {
  std::vector<seq::Token> site;
  for (const BaseVector& row : motif.rows) site.push_back(static_cast<seq::Token>(stream.choice(row)));
  return site;
}

}  // namespace basewise::motifs
