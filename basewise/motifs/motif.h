// Motifs as matrices: counts, probabilities, log-odds; scanning and sampling.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/core/random.h"
#include "basewise/seq/alphabet.h"

namespace basewise::motifs {

/// Four numbers in the order A, C, G, T.
using BaseVector = std::array<double, 4>;
inline constexpr BaseVector kUniform = {0.25, 0.25, 0.25, 0.25};

/// What the rows of a motif hold.
enum class MotifValues { counts, probabilities };

/// A motif of DNA: row i holds A, C, G, T at position i.
struct MotifMatrix {
  std::string name;         ///< identifier without blanks ("MA0004.1")
  std::string description;  ///< further name ("Arnt"), may be empty
  std::vector<BaseVector> rows;
  MotifValues values = MotifValues::probabilities;
  double nsites = 0;  ///< sites that the motif was made of; 0: not known
  BaseVector background = kUniform;
  double e_value = 0;
  std::string url;

  std::int64_t width() const { return static_cast<std::int64_t>(rows.size()); }
};

/// Errors: DataError naming motif and row: no rows, negative or non-finite values, an all-zero row,
/// probabilities whose sum is off 1 by more than `tolerance`, a background that is no distribution.
void check(const MotifMatrix& motif, double tolerance = 0.05);

/// Rows that sum to 1: (n f + pseudocount b) / (n + pseudocount), with n the row sum of counts or
/// else `nsites` (20 where it is not known), f the frequencies and b the background. Without
/// pseudocount the frequencies themselves.
std::vector<BaseVector> probabilities(const MotifMatrix& motif, double pseudocount = 0);

/// The motif with rows of probabilities, `nsites` set from the counts.
MotifMatrix as_probabilities(const MotifMatrix& motif, double pseudocount = 0);

/// The motif as it reads on the other strand.
MotifMatrix reverse_complement(const MotifMatrix& motif);

/// Relative entropy of each row against the background in bits:
/// sum p log2(p / b), 0 log 0 = 0 (Schneider et al. 1986).
std::vector<double> information_content(const MotifMatrix& motif, double pseudocount = 0);
double total_information(const MotifMatrix& motif, double pseudocount = 0);

/// Most probable letter of each row.
std::string consensus(const MotifMatrix& motif);

/// How probabilities become scores.
struct LogOddsOptions {
  double pseudocount = 0.1;             ///< counts added to each row, spread as the background
  std::vector<double> background = {};  ///< A C G T; empty: the motif's own
};
void describe(Visitor& v, LogOddsOptions& o);

/// Position weight matrix: log2(p / b) per row.
struct Pwm {
  std::string name;
  std::vector<std::array<float, 4>> rows;

  std::int64_t width() const { return static_cast<std::int64_t>(rows.size()); }
  double best() const;   ///< highest score that a sequence can have
  double worst() const;  ///< lowest
};

/// Errors: ArgumentError for a negative pseudocount or a background that is no distribution.
/// Without pseudocount a zero becomes -infinity.
Pwm log_odds(const MotifMatrix& motif, const LogOddsOptions& options = {});
Pwm reverse_complement(const Pwm& pwm);

/// Score of the window that starts at each position: (L - W + 1) values, sum over w of
/// rows[w][tokens[i + w]] in bits; empty if L < W. A window that holds an N has no score:
/// -infinity. Scan with the reverse complement for the other strand (same window starts).
std::vector<float> scan(std::span<const seq::Token> tokens, const Pwm& pwm);
/// The same into memory of the caller.
/// Errors: ArgumentError unless `scores` holds max(0, L - W + 1) values.
void scan(std::span<const seq::Token> tokens, const Pwm& pwm, std::span<float> scores);

/// A site drawn row by row from `probabilities(motif)`.
std::vector<seq::Token> sample(const MotifMatrix& motif, Stream& stream);

}  // namespace basewise::motifs
