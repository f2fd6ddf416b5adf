// Tracks along a genome to a data set of binned coverage, as Basenji, Basset and Borzoi train on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/prepare/bins_options.h"

namespace basewise::prepare {

/// One set of a data set.
struct BinsSet {
  std::string name;
  std::int64_t contigs = 0;
  std::int64_t bases = 0;  ///< of its contigs
  std::int64_t windows = 0;
  std::int64_t dropped = 0;  ///< windows with too many unmappable bins
};

/// What a call did.
struct BinsResult {
  std::vector<BinsSet> sets;
  std::int64_t targets = 0;
  std::int64_t bins = 0;             ///< of each window
  std::int64_t unmappable_bins = 0;  ///< of the windows that were kept
  std::int64_t targets_read = 0;     ///< by this call; the others were there
  std::int64_t files_written = 0;    ///< of sequences and bins, by this call
  bool complete = false;             ///< nothing was left to do
  std::vector<std::filesystem::path> files;
  std::vector<std::string> notes;  ///< what the user should know; none is an error
  double seconds = 0;
};

/// Makes a data set in the folder `options.out`:
///
///     contigs.bed       contigs and their sets (not where windows are split at random)
///     sequences.bed     windows (the part with labels) and their sets, in the order of the
///                       examples
///     targets.txt       the table of targets, as it was given
///     statistics.json   num_targets, seq_length, seq_1hot, pool_width, crop_bp, target_length,
///                       train_seqs, valid_seqs, test_seqs
///     tfrecords/        train-0.tfr and so on, or data.h5 beside them
///     mseqs_unmap.npy   with `unmappable`: (windows, bins) of truth values
///     bins.json         the options and inputs that all this belongs to
///
/// Windows are cut from contigs (contigs.h), which are split into sets first (contig_split.h), so
/// that no base of labels is in two sets. Sequences are 0 to 4 for A, C, G, T and N, and N where a
/// crop reaches beyond a chromosome.
///
/// The coverage of each target, and each file of examples, is a step that is done or not: a call
/// that finds a folder with the same `bins.json` does what lacks, and nothing where all is there.
/// No file depends on the number of threads. Memory: the bins of as many targets as there are
/// threads (at most 2 GiB, but one target), and 256 MiB of examples for each thread.
///
/// Errors: ArgumentError for options that do not fit together; StateError for a folder of another
/// data set and one that another process works in; DataError for files, with target and place.
BinsResult prepare_bins(const BinsOptions& options);

}  // namespace basewise::prepare
