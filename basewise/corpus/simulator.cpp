#include "basewise/corpus/simulator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/format.h"
#include "basewise/core/random.h"
#include "basewise/corpus/detail/planter.h"
#include "basewise/corpus/detail/simulation_setup.h"
#include "basewise/seq/shuffle.h"

namespace basewise::corpus {

namespace {

using detail::Block;
using detail::Instance;
using detail::Setup;
using detail::Task;

constexpr float kHidden = std::numeric_limits<float>::quiet_NaN();

// Streams of one sequence, so that (say) more label noise changes labels alone.
enum Purpose : std::uint64_t { kBackground = 1, kWanted, kContents, kPlaces, kNoise };

std::vector<seq::Token> draw_background(const Setup& setup, std::int64_t length, Stream stream) {
  if (!setup.background.empty()) {
    const auto& source = setup.background[stream.below(setup.background.size())];
    const auto last = static_cast<std::uint64_t>(source.size()) - static_cast<std::uint64_t>(length);
    const auto start = static_cast<std::ptrdiff_t>(stream.below(last + 1));
    const std::vector<seq::Token> piece(source.begin() + start, source.begin() + start + length);
    return seq::dinucleotide_shuffle(piece, stream);
  }
  std::vector<seq::Token> tokens(static_cast<std::size_t>(length));
  for (seq::Token& token : tokens) token = static_cast<seq::Token>(stream.choice(setup.composition));
  return tokens;
}

// Drawing again until the number lies in the range is drawing from what the distribution has there,
// which never takes long.
std::int64_t draw_poisson_range(const SimulatedTaskOptions& task, Stream& stream) {
  std::vector<double> logs;
  for (std::int64_t n = task.count_min; n <= task.count_max; ++n)
    logs.push_back(static_cast<double>(n) * std::log(task.count_mean) - std::lgamma(static_cast<double>(n) + 1));
  const double largest = *std::max_element(logs.begin(), logs.end());
  for (double& weight : logs) weight = std::exp(weight - largest);
  return task.count_min + static_cast<std::int64_t>(stream.choice(logs));
}

std::int64_t draw_count(const SimulatedTaskOptions& task, Stream& stream) {
  switch (task.count) {
    case InstanceCount::fixed:
      return task.count_min;
    case InstanceCount::range:
      return stream.integer(task.count_min, task.count_max);
    case InstanceCount::poisson_range:
      return draw_poisson_range(task, stream);
    case InstanceCount::poisson:
      break;
  }
  // Poisson given at least one: a positive without a motif would be none.
  while (true)
    if (const std::int64_t n = stream.poisson(task.count_mean); n > 0) return n;
}

// Which motifs a sequence of this task holds, and whether they are decoys.
std::vector<const motifs::MotifMatrix*> draw_motifs(const Setup& setup, const Task& task, bool positive, Stream& stream) {
  std::vector<const motifs::MotifMatrix*> motifs;
  for (const std::size_t m : task.motifs) motifs.push_back(&setup.motifs[m]);
  const auto drop = static_cast<std::ptrdiff_t>(stream.below(motifs.size()));
  if (!positive && task.options.negatives == NegativeContent::background) return {};
  const bool partial = !positive && task.options.negatives == NegativeContent::partial;
  if (task.options.rule == TaskRule::any) {
    if (partial) return {};
    return {motifs[static_cast<std::size_t>(drop)]};
  }
  if (partial) motifs.erase(motifs.begin() + drop);
  return motifs;
}

Instance draw_instance(const Task& task, const motifs::MotifMatrix* motif, bool decoy, Stream& stream) {
  const bool reverse = stream.bernoulli(task.options.reverse_probability);
  return {motif, reverse ? seq::Strand::reverse : seq::Strand::forward, 0, decoy};
}

// All motifs in a row with random gaps.
Block draw_row(const Task& task, const std::vector<const motifs::MotifMatrix*>& motifs, bool decoy, Stream& stream) {
  Block block;
  for (const motifs::MotifMatrix* motif : motifs) {
    if (!block.instances.empty()) block.width += stream.integer(task.options.spacing_min, task.options.spacing_max);
    Instance instance = draw_instance(task, motif, decoy, stream);
    instance.offset = block.width;
    block.width += motif->width();
    block.instances.push_back(instance);
  }
  return block;
}

// Blocks of one task; the first of each motif (or row) is required, the others are left out when
// there is no room.
struct Drawn {
  std::vector<Block> required;
  std::vector<Block> optional;
};

void draw_blocks(const Setup& setup, const Task& task, bool positive, Stream& stream, Drawn& drawn) {
  const bool decoy = !positive && task.options.negatives == NegativeContent::shuffled;
  const auto motifs = draw_motifs(setup, task, positive, stream);
  if (motifs.empty()) return;
  const auto add = [&](std::int64_t already, Block block) {
    const bool needed = already < (task.options.count == InstanceCount::poisson ? 1 : task.options.count_min);
    (needed ? drawn.required : drawn.optional).push_back(std::move(block));
  };
  if (task.options.spacing_min >= 0) {
    const std::int64_t count = draw_count(task.options, stream);
    for (std::int64_t c = 0; c < count; ++c) add(c, draw_row(task, motifs, decoy, stream));
    return;
  }
  for (const motifs::MotifMatrix* motif : motifs) {
    const std::int64_t count = draw_count(task.options, stream);
    for (std::int64_t c = 0; c < count; ++c) add(c, Block{{draw_instance(task, motif, decoy, stream)}, motif->width()});
  }
}

std::int64_t total_width(const std::vector<Block>& blocks) {
  return std::accumulate(blocks.begin(), blocks.end(), std::int64_t{0}, [](std::int64_t sum, const Block& b) { return sum + b.width; });
}

// The motif set of a task may also be complete because other tasks planted it;
// the label says what the sequence holds.
bool holds(const Setup& setup, const Task& task, const std::vector<Planted>& planted) {
  if (task.options.spacing_min >= 0) return false;
  std::size_t found = 0;
  for (const std::size_t m : task.motifs)
    found += std::any_of(planted.begin(), planted.end(), [&](const Planted& p) { return !p.decoy && p.motif == setup.motifs[m].name; });
  return task.options.rule == TaskRule::any ? found > 0 : found == task.motifs.size();
}

void draw_labels(const SimulationOptions& options, const std::vector<bool>& truth, Stream stream, SimulationResult& result) {
  for (const bool positive : truth) {
    const bool turned = stream.bernoulli(options.label_noise.value_or(0));
    const bool hidden = stream.bernoulli(options.missing_labels);
    result.truth.push_back(positive);
    result.labels.push_back(hidden ? kHidden : static_cast<float>(positive != turned));
    result.hidden += hidden;
    result.turned += turned && !hidden;
  }
}

void draw_sequence(const Setup& setup, std::int64_t i, const Stream& stream, SimulationResult& result) {
  const SimulationOptions& options = setup.options;
  std::vector<seq::Token> tokens = draw_background(setup, options.length, stream.fork(kBackground));
  Stream wishes = stream.fork(kWanted);
  Stream contents = stream.fork(kContents);
  Stream places = stream.fork(kPlaces);
  std::vector<bool> truth;
  Drawn drawn;
  const bool one = options.task_choice == TaskChoice::one;
  for (const Task& task : setup.tasks) {
    const auto number = static_cast<std::int64_t>(truth.size());
    truth.push_back(one ? i % std::ssize(setup.tasks) == number : wishes.bernoulli(task.options.positive_fraction));
    draw_blocks(setup, task, truth.back(), contents, drawn);
  }
  const std::int64_t room = setup.position_end - options.position_min;
  std::vector<Block> blocks = std::move(drawn.required);
  if (total_width(blocks) > room)
    throw ArgumentError(
        format("simulation: sequence {} is to hold motifs of {} bases in all, but only {} are allowed for them; make 'length' or "
               "the range of positions larger, or plant fewer motifs",
               i, total_width(blocks), room));
  for (Block& block : drawn.optional) {
    if (total_width(blocks) + block.width <= room)
      blocks.push_back(std::move(block));
    else
      ++result.left_out;
  }
  const auto planted = detail::plant(blocks, i, options.position_min, room, options.placement, tokens, places);
  for (std::size_t t = 0; t < setup.tasks.size(); ++t) truth[t] = truth[t] || holds(setup, setup.tasks[t], planted);
  result.tokens.insert(result.tokens.end(), tokens.begin(), tokens.end());
  result.planted.insert(result.planted.end(), planted.begin(), planted.end());
  draw_labels(options, truth, stream.fork(kNoise), result);
}

}  // namespace

std::string SimulationResult::letters(std::int64_t i) const {
  return seq::decode(std::span(tokens).subspan(static_cast<std::size_t>(i * length), static_cast<std::size_t>(length)));
}

std::string SimulationResult::summary() const {
  std::string text = format("{} simulated sequences of {} bases, {} motifs planted", sequences(), length, planted.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    std::int64_t positive = 0;
    for (std::size_t i = t; i < labels.size(); i += tasks.size()) positive += labels[i] == 1;
    text += format("{}{} positive for {}", t == 0 ? "; " : ", ", positive, tasks[t]);
  }
  if (turned > 0) text += format("; {} labels turned round as noise", turned);
  if (hidden > 0) text += format("; {} labels hidden", hidden);
  if (left_out > 0) text += format("; {} motifs left out for lack of room", left_out);
  return text;
}

SimulationResult simulate(const SimulationOptions& options, std::uint64_t seed) {
  const Setup setup = detail::prepare(options);
  SimulationResult result;
  result.length = setup.options.length;
  for (const Task& task : setup.tasks) result.tasks.push_back(task.options.name);
  result.tokens.reserve(static_cast<std::size_t>(setup.options.sequences * setup.options.length));
  for (std::int64_t i = 0; i < setup.options.sequences; ++i) draw_sequence(setup, i, Stream(seed, static_cast<std::uint64_t>(i)), result);
  return result;
}

}  // namespace basewise::corpus
