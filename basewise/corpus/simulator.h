// Simulated binding tasks: random background, motifs planted where and as asked,
// labels that follow from what was planted.
//
// Everything is a pure function of (options, seed), and sequence i of (options, seed, i): a longer
// simulation begins with the shorter one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/corpus/simulator_options.h"
#include "basewise/motifs/motif.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// One planted motif instance.
struct Planted {
  std::int64_t sequence = 0;
  std::string motif;
  std::int64_t start = 0;  ///< 0-based half-open, on the forward strand of the sequence
  std::int64_t end = 0;
  seq::Strand strand = seq::Strand::forward;
  std::string letters;  ///< the site as the motif reads, on its strand
  bool decoy = false;   ///< a motif with permuted positions, planted into a negative
};

struct SimulationResult {
  std::int64_t length = 0;
  std::vector<std::string> tasks;   ///< (T)
  std::vector<seq::Token> tokens;   ///< (N, L)
  std::vector<float> labels;        ///< (N, T): 0 or 1, NaN where hidden
  std::vector<std::uint8_t> truth;  ///< (N, T): labels before noise and hiding
  std::vector<Planted> planted;     ///< by sequence, then start
  std::int64_t turned = 0;          ///< labels turned round by noise
  std::int64_t hidden = 0;          ///< labels hidden
  std::int64_t left_out = 0;        ///< instances drawn (range, poisson) for which a sequence had no room

  std::int64_t sequences() const { return length == 0 ? 0 : static_cast<std::int64_t>(tokens.size()) / length; }
  std::string letters(std::int64_t i) const;

  /// Counts of sequences, positives per task, motifs planted, labels turned and hidden.
  std::string summary() const;
};

/// Errors: ArgumentError naming the option: an unknown motif, a matrix that is none, motifs that do
/// not fit into the sequence; DataError for files.
SimulationResult simulate(const SimulationOptions& options, std::uint64_t seed);

/// The probability matrix of a described motif. Errors: as `simulate`.
motifs::MotifMatrix make_motif(const SimulatedMotifOptions& options);

}  // namespace basewise::corpus
