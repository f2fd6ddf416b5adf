// The trunk of a JSON file of parameters: each block becomes a layer that holds layers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "basewise/convert/convert.h"
#include "basewise/convert/detail/keys.h"
#include "basewise/convert/detail/make_layers.h"
#include "basewise/convert/detail/words.h"

namespace basewise::convert::detail {

/// What flows out of the blocks so far.
struct Flow {
  std::int64_t channels = 4;
  std::int64_t length = 0;  ///< positions
  std::int64_t stride = 1;  ///< bases of one
  std::int64_t cut = 0;     ///< bases cut at each end
  bool flat = false;        ///< positions have ended
};

/// Blocks by name, as Basenji and Baskerville build them (functions of their blocks.py).
class Trunk {
 public:
  /// `defaults` are the keys beside the trunk that count for every block. `gelu` is the function
  /// that the file means by that word.
  Trunk(Keys& defaults, std::string gelu, Flow start) : defaults_(defaults), gelu_(std::move(gelu)), flow_(start) {}

  /// Appends a block to the model; false: it has no counterpart.
  bool append(const nlohmann::ordered_json& block, const std::string& place);
  /// The function behind the last block.
  void append_function(const std::string& name, const std::string& word);

  const Flow& flow() const { return flow_; }
  Layers take() { return std::move(layers_); }
  /// The function of a block where it names none: as a word of ours.
  std::string function_of(Keys& keys, std::string_view key, const std::string& otherwise) const;
  std::string initialiser_of(Keys& keys) const;

 private:
  struct Conv;
  Conv conv_of(Keys& keys) const;
  Layers conv_layers(const Conv& conv, const std::string& prefix) const;
  Layers conv_block(const Conv& conv, const std::string& prefix = {}) const;
  Layers conv_nac(const Conv& conv) const;
  Layers finish(const Conv& conv) const;

  bool convert(Keys& keys, BlockWord block);
  bool single(Keys& keys, BlockWord block);
  bool tower(Keys& keys, BlockWord block);
  bool dilated(Keys& keys, BlockWord block);
  bool dense(Keys& keys);
  bool crop(Keys& keys);
  void put(std::string_view name, const std::string& type, Layers inside, std::int64_t repeat);
  void pooled(Keys& keys, std::int64_t width, const std::string& key);

  Keys& defaults_;
  std::string gelu_;
  Flow flow_;
  Layers layers_;
};

}  // namespace basewise::convert::detail
