// How scores are distributed over the alleles of a background.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/variants/detail/score_layout.h"

namespace basewise::variants::detail {

/// Distributions of a file: for each run the sizes of each score, and the totals of the reference
/// alleles of each track, rising.
class Background {
 public:
  /// `facts`: what numbers depend on.
  /// Errors: StateError for a background of other runs or options, DataError for one that lacks a
  /// score.
  Background(const std::filesystem::path& file, const ScoreLayout& layout, std::size_t runs, const std::string& facts);

  /// The layout with a field for the quantile of each of its fields ("SAD_pct:tracks:CTCF"), then
  /// one for that of the larger total of both alleles, of each track that is no profile.
  ScoreLayout with_quantiles(const ScoreLayout& layout) const;

  /// The fields that `with_quantiles` adds, of one run: the share of the background's alleles with
  /// a smaller size of the score, and with a smaller total than the larger of `ref` and `alt`.
  /// NaN of what is no number.
  std::vector<double> quantiles(std::size_t run, const std::vector<double>& scores, const std::vector<double>& ref,
                                const std::vector<double>& alt) const;

 private:
  std::vector<std::vector<std::vector<float>>> scores_ = {}, totals_ = {};  ///< by run
};

/// Collects a background; all numbers are held.
class BackgroundWriter {
 public:
  explicit BackgroundWriter(std::size_t runs) : scores_(runs), totals_(runs) {}

  /// An allele, of one run: its scores, and the totals of its reference by track.
  void add(std::size_t run, const std::vector<double>& scores, const std::vector<double>& totals);

  /// Errors: DataError where there is no allele.
  void write(const std::filesystem::path& file, const ScoreLayout& layout, const std::string& facts);

 private:
  std::vector<std::vector<std::vector<float>>> scores_, totals_;  ///< by run
  std::size_t alleles_ = 0;
};

}  // namespace basewise::variants::detail
