// The recipe that goes with a converted model: what the file says of training,
// and where to say what it learns from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/core/format.h"

namespace basewise::convert::detail {

/// TOML, table by table.
class RecipeWriter {
 public:
  RecipeWriter(const std::string& name, const std::string& origin);

  /// A table, "[train.loader]"; `note` stands behind it.
  void table(const std::string& header, const std::string& note = {});
  template <class T>
  void key(const std::string& name, const T& value, const std::string& note = {}) {
    line(format("{} = {}", name, value), note);
  }
  void text(const std::string& name, const std::string& value, const std::string& note = {});

  /// Windows of a genome of which the head answers for all but `context` bases at each end, in bins
  /// of `bin` bases; the files are left to be filled in.
  void tracks(std::int64_t length, std::int64_t context, std::int64_t bin);
  /// Windows around sites of a genome.
  void sites(std::int64_t length);

  const std::string& result() const { return text_; }

 private:
  void line(const std::string& text, const std::string& note);
  void split();
  std::string text_;
};

}  // namespace basewise::convert::detail
