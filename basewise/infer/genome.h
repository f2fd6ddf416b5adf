// Predictions along a genome in tiles, such that the result does not depend on how the genome was
// cut.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/infer/score.h"
#include "basewise/seq/genome.h"

namespace basewise::infer {

/// What is applied to the numbers of an output, after strands were merged.
enum class OutputActivation { none, sigmoid, softplus, exp };
constexpr auto words_of(OutputActivation) {
  return words<OutputActivation>({{OutputActivation::none, "none"},
                                  {OutputActivation::sigmoid, "sigmoid"},
                                  {OutputActivation::softplus, "softplus"},
                                  {OutputActivation::exp, "exp"}});
}

/// What stands where a value would read beyond the end of a linear chromosome.
enum class EdgeValues { nan, pad };
constexpr auto words_of(EdgeValues) {
  return words<EdgeValues>({{EdgeValues::nan, "nan", "no value where what the model reads leaves the chromosome"},
                       {EdgeValues::pad, "pad", "the value with N beyond the end"}});
}

struct GenomeTileOptions {
  std::int64_t tile = 16'384;          ///< bases predicted at once; rounded to what the model can give
  std::int64_t batch_size = 4;         ///< tiles at once
  OutputActivation activation = OutputActivation::none;
  EdgeValues edges = EdgeValues::nan;   ///< at the ends of linear chromosomes
  std::string progress = {};           ///< title of a progress display; empty: none
};
void describe(Visitor& v, GenomeTileOptions& o);

/// A stretch of predictions, in the order of the intervals and of position within each.
struct TrackPiece {
  std::size_t interval = 0;   ///< index of the interval asked for
  std::string chrom;
  std::int64_t start = 0;     ///< first base; circular chromosomes: inside [0, length)
  std::int64_t stride = 1;    ///< bases per value; the last value of an interval may stand for fewer
  at::Tensor values;          ///< (S, n) float32 on the CPU
  std::int64_t at_ends = 0;   ///< of the n, those that are NaN since they would read beyond the chromosome
};
using TrackConsumer = std::function<void(const TrackPiece& piece)>;

/// What the tiles of a model look like.
struct TilePlan {
  std::int64_t tile = 0;        ///< bases predicted by one tile, a multiple of the stride
  std::int64_t halo_left = 0;   ///< bases of sequence before them
  std::int64_t halo_right = 0;
  std::int64_t trim_left = 0;   ///< output values at the left end that padding may have touched
  std::int64_t stride = 1;
  std::int64_t need_left = 0;   ///< bases of the chromosome that a value needs before its own: what the network cuts off and reads
  std::int64_t need_right = 0;  ///< and behind them
  std::int64_t input() const { return halo_left + tile + halo_right; }
};

/// The length that a model declares for its input "sequence"; 0: none.
std::int64_t declared_length(const nn::Model& model);

/// Halo from the model's receptive field. A model that declares the length of its input decides the
/// tile. `longest` bounds the tile by the longest interval.
/// Errors: ArgumentError for an output without positions, a model that needs other inputs than
/// "sequence", a declared length that leaves no base free of padding. Where a position reads the
/// whole input, one input of the declared length is a tile, from the start of each interval on;
/// ArgumentError where no length is declared. With both strands, both ends get the larger of the
/// two halos, since the other strand sees them swapped. `shift` is the farthest that `score` moves
/// sequences (infer/ensemble.h): halos and what a value needs grow by it.
TilePlan plan_tiles(const nn::Model& model, const std::string& output, std::int64_t tile, std::int64_t longest,
                    StrandStrategy strands = {}, std::int64_t shift = 0);

/// The activation of every value.
at::Tensor activate(const at::Tensor& values, OutputActivation activation);

/// Predictions of `output` (N, S, n) over `intervals` (0-based half-open, chromosomes by name;
/// strands are not looked at).
///
/// Every value is computed with its whole receptive field of real sequence, over the origin of
/// circular chromosomes. At the ends of linear ones, values whose `need_left` or `need_right` leave
/// the chromosome are NaN: a network without padding never saw anything like it. `EdgeValues::pad`
/// gives them with N (zeros) there. What a network pads itself it saw zeros for at the edges of
/// training windows, and so those values are given either way, with N. `score` may merge strands.
/// The numbers do not depend on tile and batch size but for rounding. Memory holds one batch of
/// tiles.
/// Errors: DataError for intervals that do not lie in the genome.
void predict_genome(const ScoreFn& score, const TilePlan& plan, const std::string& output, const seq::Genome& genome,
                    const std::vector<seq::Interval>& intervals, const GenomeTileOptions& options, const TrackConsumer& consumer);

/// All values of each interval (S, n), in memory.
std::vector<at::Tensor> predict_genome(const ScoreFn& score, const TilePlan& plan, const std::string& output, const seq::Genome& genome,
                                       const std::vector<seq::Interval>& intervals, const GenomeTileOptions& options = {});

}  // namespace basewise::infer
