// One thread of a plan of prediction: computes rows of values where a layout wants them.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "basewise/plan/detail/packed.h"

namespace basewise::plan::detail {

struct FreePlanNumbers {
  void operator()(float* p) const { std::free(p); }
};

/// Numbers aligned to lines of cache; what was there is lost when it grows.
class PlanNumbers {
 public:
  float* reserve(Index n) {
    if (n > size_) {
      data_.reset(static_cast<float*>(std::aligned_alloc(64, (static_cast<std::size_t>(n) * sizeof(float) + 63) / 64 * 64)));
      if (!data_) throw std::bad_alloc();
      size_ = n;
    }
    return data_.get();
  }

 private:
  std::unique_ptr<float, FreePlanNumbers> data_;
  Index size_ = 0;
};

/// Memory of an example in work.
struct PlanExample {
  PlanNumbers whole;                               ///< values that lie whole
  std::map<int, std::vector<std::uint8_t>> pairs;  ///< of loaded values that are tokens: see kernels::token_pairs
};

/// What does not change during a run.
struct PlanCall {
  const PlanProgram& program;
  const PackedProgram& packed;
  const PlanStretch& stretch;
  const PlanLayout& layout;
  std::vector<at::Tensor>& values;
  std::vector<at::Tensor> exports;             ///< (N, L, C)
  std::vector<std::pair<int, Index>> tokens;  ///< loaded values that may be read as tokens, dilation of what reads them
};

/// Works on one example. Strips of a stage may be computed by several workers at once.
class PlanWorker {
 public:
  /// `whole` and `stage`: memory as the layout wants it.
  PlanWorker(const PlanCall& call, PlanExample& example, float* whole, float* stage, Index n)
      : call_(call), example_(example), whole_(whole), stage_(stage), n_(n), first_(call.layout.slots.size()) {}

  void read_tokens();
  void run(const PlanLayout::Stage& stage, std::size_t strip);
  void copy_exports();

 private:
  // Rows somewhere: row `first` is at `data`.
  struct View {
    float* data = nullptr;
    Index first = 0;
    Index step = 0;
    float* row(Index i) const { return data + (i - first) * step; }
  };

  const PlanLayout::Place& place(int value) const { return call_.layout.places[static_cast<std::size_t>(value)]; }
  const PlanOp& op(int value) const { return call_.program.ops[static_cast<std::size_t>(value)]; }
  Index length(int value) const { return call_.layout.lengths[static_cast<std::size_t>(value)]; }
  kernels::TokenSource tokens(int value) const;
  View rows_of_slot(int s) const;
  View source(int value) const;
  void make_room(int s, const PlanLayout::Task& task);
  void compute(const PlanLayout::Task& task);
  void load(int value, RowRange rows, const View& to);
  void convolve(int value, RowRange rows, const View& to);
  void pool(int value, RowRange rows, const View& to);
  void map(int value, RowRange rows, const View& to);
  void point(int value, RowRange rows, const View& to);
  void add(int value, RowRange rows, const View& to);
  void concatenate(int value, RowRange rows, const View& to);
  void copy(int from, RowRange rows, Index shift, float* to, Index step) const;
  void pool_all(int value);
  const PlanCall& call_;
  PlanExample& example_;
  float* whole_;
  float* stage_;
  Index n_;
  std::vector<Index> first_;  // row at the beginning of each window
};

}  // namespace basewise::plan::detail
