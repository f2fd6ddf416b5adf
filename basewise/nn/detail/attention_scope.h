// What the attention layers of one stack share: parameters while it is built, positions and what is
// only looked at while it computes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "basewise/nn/initialise.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

struct AttentionOptions;

/// u and v of the scores, (heads, width) each; undefined without relative positions.
struct HeadBiases {
  at::Tensor content;
  at::Tensor position;
};

/// From its making until `close` the attention layers that are built on this thread share what it
/// holds.
class AttentionBuild {
 public:
  AttentionBuild();
  ~AttentionBuild() { close(); }
  AttentionBuild(const AttentionBuild&) = delete;
  AttentionBuild& operator=(const AttentionBuild&) = delete;

  /// The innermost of this thread; null outside of a stack.
  static AttentionBuild* current();

  /// Those of the stack, made for the first layer that asks.
  /// Errors: ShapeError for a layer of other heads.
  const HeadBiases& biases(const AttentionOptions& options);
  const HeadBiases& biases() const { return biases_; }

  /// Start values as the first layer has them.
  void initialise(std::uint64_t seed, const std::string& name);

  /// Positions to the right that a convolution of a layer looks at.
  void look_ahead(std::int64_t positions) { halo_ += positions; }
  std::int64_t halo() const { return halo_; }

  void close();

 private:
  static AttentionBuild*& innermost();
  AttentionBuild* outer_;
  bool open_ = true;
  HeadBiases biases_;
  Initialiser initialiser_ = Initialiser::normal;
  double scale_ = 0;
  std::int64_t halo_ = 0;
};

/// While one lives on this thread, a stack computes.
class AttentionPass {
 public:
  explicit AttentionPass(std::int64_t halo);
  ~AttentionPass();
  AttentionPass(const AttentionPass&) = delete;
  AttentionPass& operator=(const AttentionPass&) = delete;
  static AttentionPass* current();

  /// Positions at the right end that come again with the next segment.
  std::int64_t halo() const { return halo_; }

  /// What `make` gives for these distances, channels and dropout, made once.
  template <class F>
  at::Tensor positions(std::int64_t left, std::int64_t right, std::int64_t channels, double dropout, F&& make) {
    const Key key{left, right, channels, dropout};
    for (const auto& [known, value] : made_)
      if (known == key) return value;
    made_.emplace_back(key, make());
    return made_.back().second;
  }

 private:
  struct Key {
    std::int64_t left, right, channels;
    double dropout;
    bool operator==(const Key&) const = default;
  };
  static AttentionPass*& innermost();
  AttentionPass* outer_;
  std::int64_t halo_;
  std::vector<std::pair<Key, at::Tensor>> made_;
};

}  // namespace basewise::nn::detail
