// Rows of variants and what a run predicts for their windows.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/corpus/variant_windows.h"
#include "basewise/infer/score.h"
#include "basewise/io/vcf.h"
#include "basewise/variants/detail/parts.h"
#include "basewise/variants/detail/tracks.h"

namespace basewise::variants::detail {

/// A row of the file, and where its windows are in a batch; -1: there is none.
struct PendingRow {
  struct Allele {
    std::int64_t window = -1;
    std::int64_t second = -1;       ///< of the longer allele, for indels
    bool second_of_reference = false;
  };
  io::VcfRecord record = {};
  corpus::PlacedVariant variant = {};
  std::int64_t reference = -1;
  std::vector<Allele> alleles = {};  ///< of the alternatives
  RowTask task = RowTask::compute;
  AlleleTexts texts = {};            ///< of a row that is known
};

/// Collects rows, predicts their windows, gives the scores of each allele. Windows of one row are
/// in one batch with others, which changes no number.
class AlleleBatch {
 public:
  AlleleBatch(corpus::VariantWindows& windows, IndelCompensation compensation, std::int64_t batch_size)
      : windows_(windows), compensation_(compensation), batch_size_(batch_size) {}

  /// A row; without windows unless its scores are to be computed.
  PendingRow& add(io::VcfRecord record, RowTask task);

  /// Whether enough has come together.
  bool full() const;
  const std::vector<PendingRow>& rows() const { return rows_; }

  /// The predictions of all windows.
  std::vector<Prediction> predict(const infer::ScoreFn& score, const Tracks& tracks) const;

  void clear();

 private:
  std::int64_t add_window(const corpus::PlacedVariant& variant, std::string_view allele, std::int64_t offset);

  corpus::VariantWindows& windows_;
  IndelCompensation compensation_;
  std::int64_t batch_size_;
  std::vector<PendingRow> rows_ = {};
  std::vector<seq::Token> tokens_ = {};  ///< (windows, length)
};

/// Scores of an alternative allele of a row; empty where it has no window.
std::vector<double> scores_of(const PendingRow& row, std::size_t allele, const std::vector<Prediction>& predictions, const Tracks& tracks);

}  // namespace basewise::variants::detail
