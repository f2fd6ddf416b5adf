// Gapped k-mers of sequences as columns of features.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/learn/bins.h"
#include "basewise/learn/gapped_kmers.h"

namespace basewise::learn {

/// Sequences in the order of rows that bear their names.
struct RowSequences {
  std::vector<std::vector<seq::Token>> sequences = {};  ///< (rows)(bases)
  std::vector<std::string> notes = {};                  ///< ambiguous letters that became N, sequences without a row
};

/// Errors: those of `io::FastaReader`; DataError for rows without a sequence (the first is named).
RowSequences read_sequences(const std::filesystem::path& fasta, const std::vector<std::string>& rows);

/// Names of all words, in order.
std::vector<std::string> names_of(const GappedKmers& words);

/// Counts of all words in sequences: (sequences, words), one byte each. A word with more than
/// `most` different counts has bins of near the same number of sequences.
/// The same for any number of threads.
/// Errors: ArgumentError for `most` as `BinnedColumns`, and for no sequences.
BinnedColumns binned_counts(const std::vector<std::vector<seq::Token>>& sequences, const GappedKmers& words, std::int64_t most);

/// The counts themselves, of some sequences.
Columns counts_of(std::span<const std::vector<seq::Token>> sequences, const GappedKmers& words);

}  // namespace basewise::learn
