// Windows of a genome as the input of a model.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/seq/genome.h"
#include "basewise/tensor/torch.h"

namespace basewise::run::detail {

/// Collects windows of one length around places of a genome, which must outlive it.
class WindowBatch {
 public:
  WindowBatch(const seq::Genome& genome, std::int64_t length) : genome_(genome), length_(length) {}

  std::int64_t length() const { return length_; }
  std::int64_t size() const { return std::ssize(windows_); }

  /// First base of the window around `middle`: [middle - length / 2, middle - length / 2 + length).
  std::int64_t start_of(std::int64_t middle) const { return middle - length_ / 2; }

  /// Whether the window lies in its chromosome. With `pad` it may leave a linear one; a circular
  /// one is never shorter than the window.
  bool fits(std::size_t chrom, std::int64_t middle, bool pad) const;

  void add(std::size_t chrom, std::int64_t middle, bool reverse);

  /// A window of N: it keeps its place among the others.
  void add_nothing();

  /// One-hot (N, 4, L) of what was added, on the strands asked for; N outside of linear
  /// chromosomes, over the origin of circular ones. Nothing is left.
  at::Tensor take();

 private:
  struct Window {
    std::size_t chrom = 0;
    std::int64_t start = 0;
    bool reverse = false;
    bool empty = false;
  };

  const seq::Genome& genome_;
  std::int64_t length_;
  std::vector<Window> windows_ = {};
};

}  // namespace basewise::run::detail
