// What seqlets and discovered motifs are, for all that finds, writes or draws them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/motifs/motif.h"
#include "basewise/seq/alphabet.h"

namespace basewise::motifs {

/// Sequences of one length and their attributions. Both arrays are row by row:
/// example, letter (A C G T), position.
struct AttributionSet {
  std::int64_t examples = 0;  ///< N
  std::int64_t length = 0;    ///< L
  std::vector<seq::Token> tokens;     ///< (N, L); N where a one-hot column is empty
  std::vector<float> contributions;   ///< (N, L): attribution of the letter that is there
  std::vector<float> hypothetical;    ///< (N, 4, L): of all letters; empty where only those that are there are known

  const float* contribution(std::int64_t example) const { return contributions.data() + example * length; }
};

/// A stretch of an example, [start, end), with the attributions that made it stand out.
struct Seqlet {
  std::int64_t example = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool reverse = false;      ///< reads as its pattern does on the other strand
  double attribution = 0;    ///< sum over the stretch
  double p_value = 1;
};

/// A motif found in attributions: means over its seqlets, which are aligned and oriented.
struct Pattern {
  std::string name = {};                     ///< "pos_patterns.pattern_0"
  bool positive = true;                      ///< raises the output
  std::vector<BaseVector> sequence = {};       ///< (W): share of each letter
  std::vector<BaseVector> contributions = {};  ///< (W): mean attribution of letters that are there, 0 for the others
  std::vector<BaseVector> hypothetical = {};   ///< (W): mean attribution of every letter
  std::vector<Seqlet> seqlets = {};            ///< each W long, in the coordinates of its example
  std::vector<Pattern> subpatterns = {};

  std::int64_t width() const { return static_cast<std::int64_t>(sequence.size()); }
};

}  // namespace basewise::motifs
