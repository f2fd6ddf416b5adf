// Attributions written batch by batch, in the files that TF-MoDISco reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "basewise/io/array.h"
#include "basewise/seq/alphabet.h"

namespace basewise::io {

/// Which numbers are kept, and how.
struct AttributionWriteOptions {
  bool hypothetical = true;      ///< scores are of all letters, not only of those that are there
  DType pair_type = DType::f32;  ///< of the npz of attributions: float32 or float16
  int gzip = 1;                  ///< of the HDF5 file, 0 to 9
};

/// The pair of .npz files that `modisco motifs -s SEQUENCES -a ATTRIBUTIONS` reads: arr_0 of shape
/// (N, 4, L), one-hot int8 and scores. Memory is that of a batch.
/// Both appear at `close`, the attributions last.
class AttributionPairWriter {
 public:
  /// `length` is L.
  AttributionPairWriter(const std::filesystem::path& sequences, const std::filesystem::path& attributions, std::int64_t length,
                        const AttributionWriteOptions& options = {});
  ~AttributionPairWriter();

  /// Some examples: tokens (n, L) and scores (n, 4, L).
  /// Errors: ArgumentError for other sizes, or a score that is not finite or beyond float16 where
  /// that is asked for (example and position are named); DataError (disk).
  void append(std::span<const seq::Token> tokens, std::span<const float> scores);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The HDF5 file that ChromBPNet writes and `modisco motifs -i` reads: raw/seq int8, shap/seq
/// float16 (hypothetical scores; only where they are), projected_shap/seq float16, each (N, 4, L),
/// gzip. Memory is that of a batch; the file appears at `close`.
class AttributionH5Writer {
 public:
  AttributionH5Writer(const std::filesystem::path& path, std::int64_t length, const AttributionWriteOptions& options = {});
  ~AttributionH5Writer();

  /// As `AttributionPairWriter::append`; scores beyond 65,504 are an error, as float16 ends there.
  void append(std::span<const seq::Token> tokens, std::span<const float> scores);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
