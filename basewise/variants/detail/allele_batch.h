// Rows of variants and what a run predicts for their windows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "basewise/corpus/variant_windows.h"
#include "basewise/io/vcf.h"
#include "basewise/variants/detail/parts.h"
#include "basewise/variants/detail/tracks.h"
#include "basewise/variants/detail/window_passes.h"

namespace basewise::variants::detail {

/// A row of the file, and where its windows are in a batch; -1: there is none.
struct PendingRow {
  struct Allele {
    std::int64_t window = -1;
    std::int64_t second = -1;  ///< of the longer allele, for indels
    bool second_of_reference = false;
  };
  io::VcfRecord record = {};
  corpus::PlacedVariant variant = {};
  std::optional<corpus::ShuffledFlanks> flanks = {};
  std::int64_t reference = -1;
  std::vector<Allele> alleles = {};  ///< of the alternatives
  RowTask task = RowTask::compute;
  AlleleTexts texts = {};  ///< of a row that is known
};

/// Collects rows and their windows. Equal windows of a batch, of one row or of several, are one.
class AlleleBatch {
 public:
  /// `windows_each`: of a batch, after which it is full.
  AlleleBatch(corpus::VariantWindows& windows, IndelCompensation compensation, std::int64_t windows_each)
      : windows_(windows), compensation_(compensation), most_(windows_each) {
    batch_.length = windows.length();
  }

  /// A row; without windows unless its scores are to be computed. With `shuffle` the bases around
  /// its alleles are shuffled, drawn from that stream.
  PendingRow& add(io::VcfRecord record, RowTask task, const Stream* shuffle = nullptr);

  /// Whether enough has come together.
  bool full() const;
  const std::vector<PendingRow>& rows() const { return rows_; }
  const WindowBatch& windows() const { return batch_; }

  /// The predictions of all windows, in their order.
  std::vector<Prediction> predict(WindowPasses& passes, const Tracks& tracks) const;

  void clear();

 private:
  std::int64_t add_window(const PendingRow& row, std::string_view allele, std::int64_t offset, std::int64_t base);

  corpus::VariantWindows& windows_;
  IndelCompensation compensation_;
  std::int64_t most_;
  std::vector<PendingRow> rows_ = {};
  WindowBatch batch_ = {};
  std::unordered_multimap<std::uint64_t, std::int64_t> known_ = {};  ///< windows by their hash
  std::int64_t next_sequence_ = -1;                                  ///< numbers of sequences that are no chromosome
};

/// Calls `use` with the predictions of the reference and of an alternative allele of a row; not
/// where the allele has no window.
void compare(const PendingRow& row, std::size_t allele, const std::vector<Prediction>& predictions, const Tracks& tracks,
             const std::function<void(const Prediction& ref, const Prediction& alt)>& use);

}  // namespace basewise::variants::detail
