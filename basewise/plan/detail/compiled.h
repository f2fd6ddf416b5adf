// A program made ready to run: stretches over positions, and single operations on tensors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "basewise/plan/detail/stretch.h"

namespace basewise::plan::detail {

/// Positions of all values of a program for inputs of these shapes; 0 for values without positions.
std::vector<Index> lengths_of(const PlanProgram& program, const std::vector<at::Tensor>& inputs);

/// The program as a list of stretches over positions and of single operations on tensors.
class CompiledProgram {
 public:
  explicit CompiledProgram(PlanProgram program);
  CompiledProgram(const CompiledProgram&) = delete;
  CompiledProgram& operator=(const CompiledProgram&) = delete;

  /// Values of the outputs of the program for its inputs, (N, channels, length) or (N, channels).
  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, const PlanLimits& limits);

  std::vector<Index> lengths(const std::vector<at::Tensor>& inputs) const { return lengths_of(program_, inputs); }

  const PlanProgram& program() const { return program_; }
  std::int64_t convolutions() const { return convolutions_; }
  /// Operations that are left to the layers themselves.
  std::int64_t plain() const { return plain_; }
  /// Stages, steps and memory for the inputs seen so far.
  std::string describe() const;

 private:
  struct Move {
    int stretch = -1;  // else `op`
    int op = -1;
  };
  void cut();
  bool read_outside(int value, const PlanStretch& stretch) const;
  at::Tensor single(int value, const std::vector<at::Tensor>& values) const;
  at::Tensor product(int value, const at::Tensor& input) const;

  PlanProgram program_;
  std::unique_ptr<PackedProgram> packed_;
  std::vector<std::unique_ptr<StretchRunner>> stretches_;
  std::vector<Move> moves_;
  std::int64_t convolutions_ = 0;
  std::int64_t plain_ = 0;
};

/// Bytes that the rows in work may take, by the second-level cache of this machine.
Index default_cache();

}  // namespace basewise::plan::detail
