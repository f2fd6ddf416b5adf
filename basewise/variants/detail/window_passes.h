// What a run predicts for the windows of a batch: whole passes where nothing else serves, else rows
// that several windows share, and what an allele changes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "basewise/infer/edited_score.h"
#include "basewise/seq/alphabet.h"
#include "basewise/variants/variants.h"

namespace basewise::variants::detail {

/// One window: which sequence it is cut from, and where, so that windows with bases in common are
/// found.
struct AlleleWindow {
  std::int64_t sequence = 0;  ///< number of the sequence
  std::int64_t begin = 0;     ///< first base in it
  std::int64_t base = -1;     ///< window that it differs from in a few letters, perhaps; -1: none
};

/// Windows of a batch and their letters.
struct WindowBatch {
  std::vector<AlleleWindow> windows = {};
  std::vector<seq::Token> tokens = {};  ///< (windows, length)
  std::int64_t length = 0;              ///< bases of each

  std::span<const seq::Token> letters(std::int64_t window) const {
    return std::span(tokens).subspan(static_cast<std::size_t>(window * length), static_cast<std::size_t>(length));
  }
};

/// Windows of one sequence that lie so near to each other that one pass over all of their bases is
/// less work than a pass over each.
struct WindowTile {
  std::vector<std::int64_t> windows = {};         ///< by begin
  std::vector<plan::SequenceWindow> places = {};  ///< of each in the tile
  std::vector<seq::Token> tokens = {};            ///< bases of all
};

/// Tiles of `chosen` windows, of at most `longest` bases; begins in a tile lie apart by multiples
/// of `step`. Windows whose letters do not agree where they overlap (one has another allele, or N
/// beyond an end) are in different tiles, as are those with less than half of their bases in
/// common.
std::vector<WindowTile> tiles_of(const WindowBatch& batch, std::vector<std::int64_t> chosen, std::int64_t step, std::int64_t longest);

/// One run over windows. Numbers are those of whole passes of every window, to rounding.
class WindowPasses {
 public:
  WindowPasses(const run::OpenRun& run, const VariantOptions& options);

  /// Outputs for one-hot rows (N, 4, length).
  Bundle whole(const at::Tensor& one_hot) const { return score_({{"sequence", one_hot}}); }

  /// Called with outputs and the windows that they are of; each window comes once.
  using Consumer = std::function<void(const Bundle& outputs, std::span<const std::int64_t> windows)>;
  void operator()(const WindowBatch& batch, const Consumer& consumer);

  /// Whole passes that this took, with parts of passes for windows that share rows or change a few.
  double passes() const { return whole_passes_ + edited_.passes(); }

  /// Why every window is a whole pass; empty: not so.
  const std::string& refusal() const { return refusal_; }

 private:
  struct Change {
    std::int64_t window = 0;
    plan::SequenceEdit edit = {};  ///< `example`: the window that is changed
  };
  void prepare(const WindowBatch& batch);
  std::vector<Change> find_changes(const WindowBatch& batch) const;
  void run_whole(const WindowBatch& batch, std::span<const std::int64_t> windows, const Consumer& consumer);
  void run_changes(std::span<const std::int64_t> kept, const std::vector<Change>& changes, const Consumer& consumer);

  const VariantOptions& o_;
  infer::ScoreFn score_;
  infer::EditedScore edited_;
  double whole_passes_ = 0;
  bool prepared_ = false;
  std::string refusal_ = {};
  std::int64_t step_ = 0;
  plan::EditedPlan::Costs costs_ = {};
};

}  // namespace basewise::variants::detail
