#include "basewise/interpret/detail/localisation_measure.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/interpret/detail/measure_maker.h"
#include "basewise/interpret/detail/measured_set.h"
#include "basewise/interpret/detail/truth_options.h"
#include "basewise/interpret/localisation.h"
#include "basewise/interpret/sequence_scores.h"

namespace basewise::interpret::detail {
namespace {

/// What scores come from.
enum class Track { filters, motifs, pwm };
constexpr auto words_of(Track) {
  return words<Track>({{Track::filters, "filters", "the largest activation of a layer at each place"},
                       {Track::motifs, "motifs", "a scan with the planted motifs: sums of probabilities"},
                       {Track::pwm, "pwm", "the same with log2(p / 0.25 + 1e-10)"}});
}

struct LocalisationMeasure {
  TruthOptions truth = {};
  Track track = Track::filters;
  std::string layer = {};
  std::vector<std::int64_t> buffers = {5, 10, 15, 20};
  std::int64_t examples = 0;
};

void describe(Visitor& v, LocalisationMeasure& o) {
  describe(v, o.truth);
  v("track", o.track, "what scores come from");
  v.when("track", o.track, {Track::filters}, [&] { v("layer", o.layer, "path of a convolution; empty: the first one"); });
  v("buffers", o.buffers, "bases that what was planted is widened by");
  v("examples", o.examples, "so many examples, the first of the set; 0: all", counted(0));
}

/// The largest activation over filters, (N, L).
at::Tensor filter_tracks(const run::OpenRun& run, const FilterLayer& layer, const Bundle& inputs) {
  const at::Tensor values = activations_of(run, layer, inputs).amax(1).to(at::kDouble).contiguous();
  if (values.size(1) != inputs.at("sequence").size(2))
    throw ArgumentError(
        format("'{}' has {} places and sequences have {} bases: only a layer with a place for each base says where motifs are",
               layer.activation, values.size(1), inputs.at("sequence").size(2)));
  return values;
}

/// Scores for each buffer and run finder.
class Localisation {
 public:
  explicit Localisation(const LocalisationMeasure& o)
      : buffers_(o.buffers), published_(o.buffers.size()), corrected_(o.buffers.size()) {}

  void add(std::span<const double> scores, const std::vector<std::uint8_t>& labels) {
    for (std::size_t b = 0; b < buffers_.size(); ++b) {
      const std::vector<std::uint8_t> wide = widened(labels, buffers_[b]);
      const RunInstances as_published = run_instances(scores, wide, RunFinder::published);
      published_[b].add(as_published.scores, as_published.labels);
      const RunInstances runs = run_instances(scores, wide, RunFinder::corrected);
      corrected_[b].add(runs.scores, runs.labels);
    }
  }

  run::MeasureNumbers numbers() const {
    run::MeasureNumbers all;
    for (std::size_t b = 0; b < buffers_.size(); ++b) {
      const std::string name = format("buffer{}.", buffers_[b]);
      for (const auto& part : {published_[b].numbers(name), corrected_[b].numbers(name + "corrected.")})
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

 private:
  std::vector<std::int64_t> buffers_;
  std::vector<SequenceScores> published_, corrected_;
};

run::MeasureNumbers measure_localisation(const run::OpenRun& run, const data::DatasetPtr& set, const LocalisationMeasure& o) {
  if (o.buffers.empty()) throw ArgumentError("buffers: name at least one");
  for (const std::int64_t buffer : o.buffers)
    if (buffer < 1) throw ArgumentError(format("buffers: {} is no number of bases; 1 widens by nothing", buffer));
  const PlantedTruth truth = truth_of(run, o.truth);
  const std::vector<motifs::MotifMatrix> planted = truth.matrices();
  std::optional<FilterLayer> layer;
  if (o.track == Track::filters) layer = filter_layer(*run.model, o.layer, false);
  Localisation result(o);
  each_batch(run, *set, chosen(*set, o.examples), "localisation", [&](const Bundle& inputs) {
    const std::vector<std::string> letters = letters_of(inputs);
    const at::Tensor tracks = layer ? filter_tracks(run, *layer, inputs) : at::Tensor();
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const std::vector<std::uint8_t> labels = truth.labels(letters[i]);
      if (layer)
        result.add({tracks.const_data_ptr<double>() + i * labels.size(), labels.size()}, labels);
      else
        result.add(scan_track(letters[i], planted, o.track == Track::pwm ? ScanScore::log_odds : ScanScore::probability), labels);
    }
  });
  return result.numbers();
}

}  // namespace

run::MeasureType localisation_measure() {
  return {.name = "localisation",
          .help = "whether activations of a layer say where motifs were planted: AUROC and AUPR of runs, by buffer and run finder",
          .values = sequence_score_values(),
          .make = maker<LocalisationMeasure>(measure_localisation)};
}

}  // namespace basewise::interpret::detail
