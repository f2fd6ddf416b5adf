// Running a graph: units of several layers, and only the positions that somebody reads.
//
// Each slot gets the span of positions that later steps need, found from the end to the start.
// Layers that work on windows compute no more; layers that mix all positions (statistics of a
// batch, flattening, dropout masks counted by place) keep the whole. What is computed has the same
// numbers as before.
//
// An activation that is asked for ends the unit which would take it along,
// and has all of its positions.
#pragma once

#include <vector>

#include "basewise/nn/graph.h"
#include "basewise/nn/spans.h"
#include "basewise/ops/conv_unit.h"

namespace basewise::nn::detail {

/// One run of a graph: who needs what of it.
class GraphRun {
 public:
  /// `wanted` are slots. Without a pass every step is computed.
  GraphRun(const Graph& graph, std::vector<int> wanted, Pass* pass = nullptr);

  /// What is needed of every slot, for inputs of these shapes; `want` of the wanted slots, all of
  /// them where it is empty. Steps that nobody reads are computed whole, and so is everything on
  /// torch's kernels: they are what ours are held to.
  std::vector<Span> spans(const std::vector<Shape>& inputs, const std::vector<Span>& want) const;

  /// The wanted slots; `spans` are those of `spans`.
  std::vector<Rows> rows(std::vector<Rows> inputs, const std::vector<Span>& spans) const;

  /// The unit that starts with step `first`, and how many steps it takes;
  /// no steps where kernels do not take it.
  struct Found {
    ops::ConvUnit unit;
    std::size_t steps = 0;
  };
  Found unit_from(std::size_t first, const at::Tensor& x) const;

 private:
  std::size_t slots() const { return static_cast<std::size_t>(graph_.slots()); }
  bool enters(std::size_t step) const { return !entered_.empty() && entered_[step] != 0; }
  bool stands(std::size_t step) const { return !stood_.empty() && stood_[step] != 0; }
  bool skips(std::size_t step) const { return !skipped_.empty() && skipped_[step] != 0; }
  void leave_out();
  bool flattens_itself(std::size_t i, const at::Tensor& x) const;
  static Rows source_of(const Graph::Step& step, const std::vector<Rows>& slots, const Span& need);

  const Graph& graph_;
  const std::vector<Graph::Step>& steps_;
  int inputs_;
  std::vector<int> wanted_;    // slots that the caller gets
  Pass* pass_;                 // null: nothing is asked for beside them
  std::vector<int> kept_;      // slots that are there as a whole: what a pass keeps, and what steps read that it enters
  std::vector<char> entered_;  // steps in which something is asked for; empty: none
  std::vector<char> stood_;    // steps in whose place something else computes; empty: none
  std::vector<char> skipped_;  // steps that are left out; empty: none
  // The last step that reads each slot; one past the last step for slots that are wanted or kept,
  // -1 for slots that nobody reads.
  std::vector<int> last_use_;
};

}  // namespace basewise::nn::detail
