// Attributions of sequences, in the files that the field keeps them in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/motifs/pattern.h"

namespace basewise::io {

/// Which files hold sequences and attributions.
///
/// `attributions` is one of
/// * a folder of `basewise attribute`: sequences.npz, attributions.npz, attribute.json, loci.tsv;
/// * an HDF5 file as of ChromBPNet: raw/seq and shap/seq (hypothetical) or projected_shap/seq;
/// * an HDF5 file as of bpnet-refactor: input_seqs, hyp_scores, coords_chrom,
///   coords_start, coords_end;
/// * an .npz file with one array (or one named arr_0) or an .npy file; `sequences` then names
///   another with the one-hot sequences.
struct AttributionFiles {
  std::filesystem::path attributions;
  std::filesystem::path sequences = {};  ///< only beside an .npz or .npy file
  std::filesystem::path loci = {};       ///< BED: the place of every example, in order, where the files do not say it
  std::int64_t window = 0;               ///< this many positions at the centre of each example (start (L - window) / 2); 0: all
};

/// Where an example comes from: [start, end) of a chromosome, 0-based, as long as the example.
struct AttributionLocus {
  std::string name = {};   ///< may be empty
  std::string chrom = {};  ///< empty: not known
  std::int64_t start = 0;
  std::int64_t end = 0;
  bool reverse = false;  ///< the example reads the other strand: its position 0 is base end - 1
};

/// What was read.
struct Attributions {
  motifs::AttributionSet set = {};
  std::vector<AttributionLocus> loci = {};  ///< one for each example, or empty
  std::vector<std::string> notes = {};      ///< what a reader should know: what scores were taken for, what was cut
};

/// Reads sequences with their attributions.
///
/// Sequences are one-hot, attributions of the same shape; (N, 4, L) and (N, L, 4) are told apart by
/// the axis that is 4. Attributions that are 0 for every letter that is not there are projected
/// (`hypothetical` stays empty), others hypothetical; a folder says itself which it holds.
///
/// Errors: DataError naming file, example and position: columns that are neither one-hot nor all
/// zero, NaN and infinite attributions, shapes that differ or fit both orders of axes, no examples,
/// fewer or more loci than examples, a window longer than the examples; none of the layouts above.
/// ArgumentError: `sequences` lacks or is one too many.
Attributions read_attributions(const AttributionFiles& files);

}  // namespace basewise::io
