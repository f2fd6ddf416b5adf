#include "basewise/infer/genome.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/tensor/tensors.h"

namespace basewise::infer {
namespace {

/// The input that a genome can be given to.
constexpr const char* kSequence = "sequence";

std::int64_t round_up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

/// One-hot columns of bases from `start` on: around the origin of circular chromosomes, zeros
/// outside of linear ones. A circle that is shorter than a tile is read round by round.
void fill_one_hot(const seq::Genome& genome, std::size_t chrom, std::int64_t start, std::span<float> out) {
  const seq::Chrom& known = genome.sizes()[chrom];
  const auto length = static_cast<std::int64_t>(out.size()) / 4;
  const std::int64_t round = known.circular ? std::max<std::int64_t>(known.length, 1) : length;
  for (std::int64_t done = 0; done < length; done += round) {
    const std::int64_t first = start + done, count = std::min(round, length - done);
    const std::int64_t place = known.circular ? (first % round + round) % round : first;
    genome.read_one_hot(chrom, place, seq::Strand::none, count, out.data() + done, length);
  }
}

/// A position that reads the whole input has a value in that input alone: the tile is what one
/// input gives, and nothing of it is trimmed.
TilePlan whole_inputs(const nn::Model& model, const std::string& output, const nn::Model::Context& context) {
  const std::int64_t declared = declared_length(model);
  if (declared <= 0)
    throw ArgumentError(
        format("each position of output '{}' reads the whole input, so that its values along a genome would depend on how the genome is "
               "cut: declare the length of the input in the model file, or predict sequences of your choice",
               output));
  TilePlan plan;
  plan.stride = context.stride;
  plan.halo_left = context.left;
  plan.tile = (declared - context.left - context.right) / context.stride * context.stride;
  if (plan.tile < 1)
    throw ArgumentError(format("the model declares inputs of {} bases, of which output '{}' loses {} on the left and {} on the right: "
                               "no base is predicted",
                               declared, output, context.left, context.right));
  plan.halo_right = declared - plan.halo_left - plan.tile;
  plan.need_left = context.left;
  plan.need_right = context.right;
  return plan;
}

/// The values of a tile that read nothing beyond a linear chromosome: [first, last).
struct Inside {
  std::int64_t first, last;
};

Inside inside_of(const TilePlan& plan, std::int64_t start, std::int64_t count, std::int64_t chromosome) {
  const std::int64_t stride = plan.stride;
  Inside inside{0, count};
  if (start < plan.need_left) inside.first = std::min(count, (plan.need_left - start + stride - 1) / stride);
  if (plan.need_right > 0) {
    const std::int64_t room = chromosome - plan.need_right - start;  // for whole cells
    inside.last = std::min(count, std::max<std::int64_t>(room, 0) / stride);
  }
  inside.last = std::max(inside.first, inside.last);
  return inside;
}

/// One tile of an interval.
struct Tile {
  std::size_t interval;
  std::size_t chrom;
  std::int64_t start;   ///< first base predicted
  std::int64_t values;  ///< output values that belong to the interval
};

/// Runs batches of tiles and hands their values on in order.
class Tiler {
 public:
  Tiler(const ScoreFn& score, const TilePlan& plan, const std::string& output, const seq::Genome& genome, const GenomeTileOptions& options,
        const TrackConsumer& consumer)
      : score_(score), plan_(plan), output_(output), genome_(genome), options_(options), consumer_(consumer) {}

  void add(const Tile& tile) {
    waiting_.push_back(tile);
    if (static_cast<std::int64_t>(waiting_.size()) == options_.batch_size) run();
  }

  void run() {
    if (waiting_.empty()) return;
    const auto n = static_cast<std::int64_t>(waiting_.size());
    at::Tensor sequence = at::empty({n, 4, plan_.input()}, at::kFloat);
    const auto memory = mutable_float_span(sequence);
    const auto each = static_cast<std::size_t>(4 * plan_.input());
    for (std::size_t i = 0; i < waiting_.size(); ++i)
      fill_one_hot(genome_, waiting_[i].chrom, waiting_[i].start - plan_.halo_left, memory.subspan(i * each, each));
    const at::Tensor values = score_({{"sequence", sequence}}).at(output_).to(at::kCPU);
    check_shape(values, output_, {{"N", n}, {"channels"}, {"length"}});
    if (values.size(2) < plan_.trim_left + plan_.tile / plan_.stride)
      throw ShapeError(format("output '{}' has shape {} for an input of {} bases: expected at least {} values along its last axis", output_,
                              shape_text(values.sizes()), plan_.input(), plan_.trim_left + plan_.tile / plan_.stride));
    for (std::int64_t i = 0; i < n; ++i) hand_on(waiting_[i], values[i]);
    waiting_.clear();
  }

 private:
  void hand_on(const Tile& tile, const at::Tensor& values) {
    const auto& chrom = genome_.sizes()[tile.chrom];
    TrackPiece piece{
        .interval = tile.interval,
        .chrom = chrom.name,
        .start = chrom.circular ? (tile.start % chrom.length + chrom.length) % chrom.length : tile.start,
        .stride = plan_.stride,
        .values = activate(values.slice(1, plan_.trim_left, plan_.trim_left + tile.values).to(at::kFloat), options_.activation)
                      .contiguous()};
    if (!chrom.circular && options_.edges == EdgeValues::nan)
      leave_out(piece, inside_of(plan_, tile.start, tile.values, chrom.length));
    consumer_(piece);
  }

  static void leave_out(TrackPiece& piece, const Inside& inside) {
    const std::int64_t count = piece.values.size(1);
    piece.at_ends = count - (inside.last - inside.first);
    if (piece.at_ends == 0) return;
    piece.values = piece.values.clone();  // it may be a part of what the model gave
    piece.values.slice(1, 0, inside.first).fill_(std::nan(""));
    piece.values.slice(1, inside.last, count).fill_(std::nan(""));
  }

  const ScoreFn& score_;
  const TilePlan& plan_;
  const std::string& output_;
  const seq::Genome& genome_;
  const GenomeTileOptions& options_;
  const TrackConsumer& consumer_;
  std::vector<Tile> waiting_;
};

}  // namespace

void describe(Visitor& v, GenomeTileOptions& o) {
  v("tile", o.tile, "bases predicted at once; changes speed and memory, not numbers", counted(1));
  v("batch_size", o.batch_size, "tiles at once", counted(1));
  v("activation", o.activation, "applied to the output");
  v("edges", o.edges, "at the ends of linear chromosomes");
}

std::int64_t declared_length(const nn::Model& model) {
  const auto shapes = model.input_shapes();
  const auto sequence = std::find_if(shapes.begin(), shapes.end(), [](const auto& input) { return input.first == kSequence; });
  return sequence != shapes.end() && sequence->second.size() == 2 ? std::max<std::int64_t>(sequence->second[1], 0) : 0;
}

at::Tensor activate(const at::Tensor& values, OutputActivation activation) {
  switch (activation) {
    case OutputActivation::none:
      return values;
    case OutputActivation::sigmoid:
      return values.sigmoid();
    case OutputActivation::softplus:
      return at::softplus(values);
    case OutputActivation::exp:
      return values.exp();
  }
  throw InternalError("unknown activation of an output");
}

TilePlan plan_tiles(const nn::Model& model, const std::string& output, std::int64_t tile, std::int64_t longest, StrandStrategy strands,
                    std::int64_t shift) {
  const auto inputs = model.input_names();
  if (inputs != std::vector<std::string>{kSequence})
    throw ArgumentError(format("the model takes inputs [{}]: along a genome only 'sequence' can be given", fmt::join(inputs, ", ")));
  const auto context = model.context(output);
  if (!context.has_length)
    throw ArgumentError(format("output '{}' has one value per sequence, not one per position: give intervals (bed) or sequences", output));
  if (tile < 1 || longest < 1) throw ArgumentError(format("tile is {} bases over {} bases: expected at least 1", tile, longest));
  if (context.reads_all) return whole_inputs(model, output, context);
  // Positions next to a padded end are computed and thrown away, so that what is kept has seen
  // sequence alone.
  std::int64_t lost_left = round_up(std::max<std::int64_t>(0, context.receptive_left + shift - context.left), context.stride);
  std::int64_t lost_right = round_up(std::max<std::int64_t>(0, context.receptive_right + shift - context.right), context.stride);
  if (strands.both) lost_left = lost_right = std::max(lost_left, lost_right);
  TilePlan plan;
  plan.stride = context.stride;
  plan.halo_left = context.left + lost_left;
  plan.halo_right = context.right + lost_right;
  plan.trim_left = lost_left / context.stride;
  plan.need_left = std::min(context.left, context.receptive_left + shift);
  plan.need_right = std::min(context.right, context.receptive_right + shift);
  if (strands.both) plan.need_left = plan.need_right = std::max(plan.need_left, plan.need_right);
  plan.tile = round_up(std::min(tile, longest), context.stride);
  if (const std::int64_t declared = declared_length(model); declared > 0) {
    plan.tile = (declared - plan.halo_left - plan.halo_right) / context.stride * context.stride;
    if (plan.tile < 1)
      throw ArgumentError(
          format("the model declares inputs of {} bases, but output '{}' needs {} bases of sequence on the left and {} "
                 "on the right of each predicted base: leave out the length in the model file",
                 declared, output, plan.halo_left, plan.halo_right));
    plan.halo_right = declared - plan.halo_left - plan.tile;
  }
  return plan;
}

void predict_genome(const ScoreFn& score, const TilePlan& plan, const std::string& output, const seq::Genome& genome,
                    const std::vector<seq::Interval>& intervals, const GenomeTileOptions& options, const TrackConsumer& consumer) {
  if (options.batch_size < 1) throw ArgumentError(format("batch_size is {}: expected at least 1", options.batch_size));
  for (const auto& interval : intervals) genome.sizes().check(interval, "the request");
  std::optional<Progress> progress;
  if (!options.progress.empty()) progress.emplace(options.progress, seq::total_length(intervals), "bases");
  Tiler tiler(score, plan, output, genome, options, consumer);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto& interval = intervals[i];
    const std::size_t chrom = genome.sizes().index(interval.chrom, "the request");
    for (std::int64_t start = interval.start; start < interval.end; start += plan.tile) {
      const std::int64_t bases = std::min(plan.tile, interval.end - start);
      tiler.add({i, chrom, start, (bases + plan.stride - 1) / plan.stride});
      if (progress) progress->advance(bases);
    }
  }
  tiler.run();
}

std::vector<at::Tensor> predict_genome(const ScoreFn& score, const TilePlan& plan, const std::string& output, const seq::Genome& genome,
                                       const std::vector<seq::Interval>& intervals, const GenomeTileOptions& options) {
  std::vector<std::vector<at::Tensor>> pieces(intervals.size());
  predict_genome(score, plan, output, genome, intervals, options,
                 [&](const TrackPiece& piece) { pieces[piece.interval].push_back(piece.values); });
  std::vector<at::Tensor> whole;
  for (const auto& parts : pieces) whole.push_back(parts.empty() ? at::Tensor() : at::cat(parts, 1));
  return whole;
}

}  // namespace basewise::infer
