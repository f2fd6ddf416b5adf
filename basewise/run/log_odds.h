// A position weight matrix counted around labelled positions:
// the floor under every model that learns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"
#include "basewise/nn/model.h"

namespace basewise::run {

/// The letters that odds are taken against.
enum class LogOddsBackground { training, all, uniform };
constexpr auto words_of(LogOddsBackground) {
  return words<LogOddsBackground>({{LogOddsBackground::training, "training", "those of the training set"},
                                   {LogOddsBackground::all, "all", "those of all sets"},
                                   {LogOddsBackground::uniform, "uniform", "all as likely"}});
}

struct LogOddsOptions {
  std::int64_t left = 60;   ///< columns before the labelled position, in the direction of its strand
  std::int64_t right = 12;  ///< columns after it
  double pseudocount = 1;   ///< added to the count of each letter in each column
  LogOddsBackground background = LogOddsBackground::training;
  bool both_strands = true;       ///< background: A = T and C = G, as when both strands are read
  std::string target = "labels";  ///< (2, positions) of an example: forward strand, reverse strand; > 0.5 is a site
  std::string parameter = {};     ///< convolution that receives the matrix; empty: the only one of fitting shape
};
void describe(Visitor& v, LogOddsOptions& o);

/// Letter counts around sites and what follows from them.
struct LogOdds {
  at::Tensor counts;      ///< (4, left + 1 + right) float64, without pseudocounts; column `left` is the site itself
  at::Tensor background;  ///< (4,) float64, sums to 1
  at::Tensor weights;     ///< (4, columns) float32: ln((count + pseudocount) / sum over letters / background)
  std::int64_t sites = 0;
  std::int64_t positions = 0;  ///< labelled positions on both strands that are not masked
};

/// Counts letters around every site of `training`; a site of the reverse strand counts in its own
/// direction, complemented. Letters that are not known (N), or beyond the ends of an example, count
/// nowhere. Each example is taken as it is stored (no random draw matters to a set without
/// augmentation). Labels (2, positions) lie in the middle of "sequence" (4, L). `others`: further
/// sets for the background "all".
/// Errors: ShapeError for labels of another shape, DataError when there is no site.
LogOdds count_log_odds(const data::Dataset& training, const std::vector<data::DatasetPtr>& others,
                       const LogOddsOptions& options);

/// Writes the matrix into a convolution of `model` with weights (2, 4, 2 max(left, right) + 1):
/// channel 0 reads the forward strand, channel 1 the reverse one (columns reversed, letters
/// complemented). A bias (2,) beside it becomes the logarithm of the odds of a site,
/// ln(sites / (positions - sites)), so that outputs are log odds that a position is a site.
/// Errors: ArgumentError naming the parameters there are when none or several fit.
void write_log_odds(nn::Model& model, const LogOdds& matrix, const LogOddsOptions& options);

}  // namespace basewise::run
