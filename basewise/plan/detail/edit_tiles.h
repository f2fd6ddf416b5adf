// The reference pass of windows of longer sequences, tiles:
// rows that several windows read are computed once.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "basewise/plan/detail/compiled.h"
#include "basewise/plan/detail/edit_reference.h"
#include "basewise/plan/detail/edit_windows.h"

namespace basewise::plan::detail {

/// For windows of one length.
class EditTiles {
 public:
  explicit EditTiles(const EditSplit& split);

  /// Letters by which windows of a tile lie apart, or a multiple of it; 0: some value of a window
  /// is no row of its tile (a flattening, another input, branches of different strides).
  Index step() const { return step_; }

  /// `given`: inputs of the program, the edited one (tiles, 4, letters).
  /// `geometry` is that of a window, and `interior`.
  EditReference run(const std::vector<at::Tensor>& given, std::span<const SequenceWindow> windows, const EditGeometry& geometry,
                    const PlanLimits& limits);

  /// A value that is fed to the rest, (windows, ...).
  at::Tensor fed(int value, const EditReference& reference, const EditGeometry& geometry) const;

  /// Multiplications of convolutions of the last run.
  double work() const { return work_; }

 private:
  Index find_step();
  PlanProgram rows_alone(const EditGeometry& geometry);
  const at::Tensor& rows(int value) const { return rows_[static_cast<std::size_t>(number_[static_cast<std::size_t>(value)])]; }
  at::Tensor gathered(int value, const EditViews& views, Index length) const;
  at::Tensor pooled(int value, const EditViews& views, Index length) const;

  const EditSplit& split_;
  std::vector<Index> steps_;  ///< by value
  Index step_ = 0;
  std::vector<int> wanted_;   ///< values that tiles are asked for, rising
  std::vector<int> number_;   ///< of a value among them; -1: none
  std::vector<int> origin_;   ///< of the operations of the tiles' program: the value
  std::unique_ptr<CompiledProgram> program_;
  std::vector<at::Tensor> rows_;  ///< of the last run, in the order of `wanted_`
  double work_ = 0;
};

}  // namespace basewise::plan::detail
