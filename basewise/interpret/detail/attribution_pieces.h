// What a run of the verb attribute has done so far: files of some examples each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "basewise/run/example_source.h"
#include "basewise/seq/alphabet.h"

namespace basewise::interpret::detail {

/// Attributed examples, n of L bases.
struct ScoredPiece {
  std::int64_t length = 0;                   ///< L
  std::vector<run::Example> examples = {};   ///< (n): place of the bases that are kept
  std::vector<seq::Token> tokens = {};       ///< (n, L)
  std::vector<float> scores = {};            ///< (n, 4, L)
  std::vector<double> predictions = {};      ///< (n)
  std::vector<double> convergence = {};      ///< (n), or empty
  std::int64_t checked = 0;                  ///< see `Scored`
  double difference = 0;
  std::string note = {};

  std::int64_t size() const { return std::ssize(examples); }
};

/// Examples are attributed by so many: 256 of moderate length, fewer of long ones.
std::int64_t piece_size(std::int64_t length);

/// The pieces of N examples, in a folder of their own.
class Pieces {
 public:
  Pieces(std::filesystem::path folder, std::int64_t examples, std::int64_t piece_size);

  std::int64_t count() const { return (examples_ + size_ - 1) / size_; }
  std::int64_t examples() const { return examples_; }
  std::int64_t size() const { return size_; }                            ///< examples of each but the last
  std::int64_t size_of(std::int64_t piece) const;                        ///< examples of one
  bool is_there(std::int64_t piece) const;
  std::vector<std::int64_t> missing() const;

  /// The file appears whole.
  void write(std::int64_t piece, const ScoredPiece& content) const;
  /// Errors: DataError naming a file that is damaged, and what to do.
  ScoredPiece read(std::int64_t piece) const;
  /// All of them in order.
  void each(const std::function<void(std::int64_t first, const ScoredPiece& content)>& use) const;

 private:
  std::filesystem::path file(std::int64_t piece) const;

  std::filesystem::path folder_;
  std::int64_t examples_;
  std::int64_t size_;
};

}  // namespace basewise::interpret::detail
