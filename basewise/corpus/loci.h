// Sequence and signal around places of a genome, as arrays.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/core/raw_array.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

struct LociOptions {
  std::int64_t in_window = 2114;   ///< bases of sequence
  std::int64_t out_window = 1000;  ///< bases of signal
  bool tokens = false;             ///< sequence as tokens (one byte per base) in place of one-hot
  bool zeros = true;               ///< bases without signal become 0; false: NaN
};
void describe(Visitor& v, LociOptions& o);

/// What was read around the K loci that could be read whole. Windows of w bases are
/// [m - w / 2, m - w / 2 + w) around the middle m = start + (end - start) / 2 of a locus, on the
/// strand of the locus: of one on the reverse strand sequence and signals run 5' to 3'.
struct LociResult {
  std::vector<std::int64_t> kept;  ///< (K) which loci
  RawArray<std::int8_t> sequence;  ///< (K, 4, in_window) one-hot, A C G T, N all zeros; or (K, in_window) tokens
  RawArray<float> signal;          ///< (K, T, out_window), one track per file
  std::int64_t outside = 0;        ///< loci left out because a window leaves its chromosome

  std::int64_t size() const { return static_cast<std::int64_t>(kept.size()); }
};

/// Reads loci from files, by all threads and each part of a file once. A plain FASTA file is read
/// by its index (x.fa.fai; built in memory when there is none), so that only the windows are read;
/// a compressed one is read whole. Names of chromosomes may be aliases that `seq::ChromSizes`
/// knows.
/// Tracks are bigWig or bedGraph.
/// Errors: DataError for a chromosome that the FASTA or a bigWig file lacks, for infinite values,
/// and those of the readers.
LociResult extract_loci(std::span<const seq::Interval> loci, const std::filesystem::path& fasta,
                        const std::vector<std::filesystem::path>& tracks, const LociOptions& options = {});

/// The same into the memory of an earlier result, for loci by the thousand in bounded memory: fresh
/// memory costs more than what is read.
void extract_loci(std::span<const seq::Interval> loci, const std::filesystem::path& fasta,
                  const std::vector<std::filesystem::path>& tracks, const LociOptions& options, LociResult& result);

}  // namespace basewise::corpus
