#include "basewise/variants/detail/tracks.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/run/recipe.h"
#include "basewise/tensor/tensors.h"
#include "basewise/variants/detail/scorer_table.h"

namespace basewise::variants::detail {
namespace {

using metrics::VariantScore;

bool is_profile(HeadValues values) { return values == HeadValues::profile || values == HeadValues::joint_profile; }

/// Heads whose target was derived from a track of counts are log(1 + count), as data make them.
bool is_log_count(const run::OpenRun& run, const nn::LossOptions& loss) {
  const Field* target = run.schema.find(loss.target);
  return loss.type == nn::LossType::mse && target && target->role == Role::target && !target->of.empty();
}

HeadValues values_of(const run::OpenRun& run, const std::string& head, VariantValues asked) {
  switch (run.forms.of(head)) {
    case infer::OutputForm::softmax_positions:
      return HeadValues::profile;
    case infer::OutputForm::softmax_all:
      return HeadValues::joint_profile;
    case infer::OutputForm::sigmoid:
      return asked == VariantValues::raw ? HeadValues::values : HeadValues::probabilities;
    case infer::OutputForm::softmax_channels:
      return asked == VariantValues::raw ? HeadValues::values : HeadValues::classes;
    case infer::OutputForm::values:
      break;
  }
  if (asked == VariantValues::raw) return HeadValues::values;
  const nn::TotalLoss losses = run::make_total_loss(run.recipe);
  for (const nn::LossOptions& loss : losses.options()) {
    if (loss.output != head) continue;
    if (loss.type == nn::LossType::poisson && loss.log_input) return HeadValues::rates;
    if (is_log_count(run, loss)) return HeadValues::counts;
  }
  return HeadValues::values;
}

/// (N, channels, bins), float32 on the CPU.
at::Tensor transformed(const at::Tensor& output, HeadValues values, const std::string& head) {
  at::Tensor x = output.to(at::kCPU, at::kFloat);
  if (x.dim() != 2 && x.dim() != 3)
    throw ArgumentError(format("output '{}' has shape {}: variants need one number for each track, or one for each of its bins", head,
                               shape_text(x.sizes())));
  switch (values) {
    case HeadValues::values:
      break;
    case HeadValues::probabilities:
      x = x.sigmoid();
      break;
    case HeadValues::classes:
      x = x.softmax(1);
      break;
    case HeadValues::rates:
      x = x.exp();
      break;
    case HeadValues::counts:
      x = x.expm1().clamp_min(0);
      break;
    case HeadValues::profile:
      x = x.softmax(x.dim() - 1);
      break;
    case HeadValues::joint_profile:
      x = x.flatten(1).softmax(1).unsqueeze(1);
      break;
  }
  return (x.dim() == 2 ? x.unsqueeze(2) : x).contiguous();
}

std::vector<std::string> channel_names(const run::OpenRun& run, const Head& head, std::int64_t channels) {
  if (head.values == HeadValues::joint_profile) return {head.name};
  const auto known = run.names.find(head.name);
  if (known != run.names.end() && std::ssize(known->second) == channels) return known->second;
  if (channels == 1) return {head.name};
  if (channels == 2 && head.bins > 1) return {"forward", "reverse"};
  std::vector<std::string> names;
  for (std::int64_t c = 0; c < channels; ++c) names.push_back(std::to_string(c));
  return names;
}

std::string full_name(const std::string& head, const std::string& channel) { return channel == head ? head : head + ":" + channel; }

/// All tracks of a head, strands of one track joined where `pairs`.
std::vector<Track> tracks_of(const run::OpenRun& run, const Head& head, const std::vector<std::string>& names, bool pairs) {
  const auto known = run.forms.partners.find(head.name);
  std::vector<Track> tracks;
  for (std::int64_t c = 0; c < std::ssize(names); ++c) {
    const auto at = static_cast<std::size_t>(c);
    const bool paired = pairs && known != run.forms.partners.end() && at < known->second.size() && known->second[at] != c;
    const std::int64_t partner = paired ? known->second[at] : -1;
    if (paired && partner < c) continue;
    std::string name = full_name(head.name, names[at]);
    if (paired) name += "&" + names[static_cast<std::size_t>(partner)];
    tracks.push_back({.name = std::move(name), .channel = c, .partner = partner});
  }
  return tracks;
}

bool suits(VariantScore score, const Head& head) {
  return metrics::is_of_profile(score) == is_profile(head.values) && (head.bins > 1 || !metrics::is_of_shares(score));
}

void check_scores(const std::vector<VariantScore>& asked, const std::vector<Head>& heads) {
  const auto any = [&](auto what) { return std::any_of(heads.begin(), heads.end(), what); };
  for (auto score = asked.begin(); score != asked.end(); ++score) {
    if (std::find(asked.begin(), score, *score) != score) throw ArgumentError(format("scores names {} twice", *score));
    const bool of_profile = metrics::is_of_profile(*score);
    if (!any([&](const Head& head) { return of_profile == is_profile(head.values); }))
      throw ArgumentError(format("score {} is {} and this run has {}: leave it out (scores)", *score,
                                 of_profile ? "of profiles" : "of how much there is", of_profile ? "none" : "profiles alone"));
    if (!any([&](const Head& head) { return suits(*score, head); }))
      throw ArgumentError(format("score {} compares the shares of bins and this run has one bin: leave it out (scores)", *score));
  }
}

/// Without what ends a field of the key, or its description.
std::string field_name(std::string text) {
  for (char& c : text)
    if (c == '|' || c == ',' || c == ';' || static_cast<unsigned char>(c) < 0x21 || c == 0x7f) c = '_';
  return text;
}

}  // namespace

Tracks::Tracks(const run::OpenRun& run, const VariantOptions& options, const Bundle& outputs, std::int64_t first) : o_(options) {
  const std::vector<std::string> there = run.model->output_names();
  for (const std::string& name : o_.outputs)
    if (std::find(there.begin(), there.end(), name) == there.end())
      throw ArgumentError(format("the model has no output '{}'; its outputs are {}", name, fmt::join(there, ", ")));
  for (const std::string& name : o_.outputs.empty() ? there : o_.outputs) add_head(run, name, outputs, first);
  for (const std::string& track : o_.tracks)
    if (!std::binary_search(track_names_.begin(), track_names_.end(), track))
      throw ArgumentError(format("no output has a track '{}'; there are {}", track, some_of(track_names_, "'")));
  const auto any = [&](auto what) { return std::any_of(heads_.begin(), heads_.end(), what); };
  scores_ = o_.scores;
  if (scores_.empty() && o_.table == VariantTable::variant_scorer)
    scores_ = scores_of_scorer_table();
  else if (scores_.empty() && any([](const Head& head) { return is_profile(head.values); }))
    scores_ = {VariantScore::logfc, VariantScore::jsd};
  else if (scores_.empty())
    scores_ = {VariantScore::sad};
  check_scores(o_.scores, heads_);
  for (const Head& head : heads_)
    for (const Track& track : head.tracks) layout_.tracks.push_back(track.name);
  for (const VariantScore score : scores_) {
    std::size_t place = 0;
    for (const Head& head : heads_)
      for (const Track& track : head.tracks) {
        if (suits(score, head)) {
          layout_.fields.push_back(field_name(format("{}:{}", score, track.name)));
          layout_.places.push_back({std::string(to_word(score)), place});
        }
        ++place;
      }
  }
  if (layout_.fields.empty()) throw ArgumentError("no track that was asked for has one of the scores: change tracks, outputs or scores");
}

void Tracks::add_head(const run::OpenRun& run, const std::string& name, const Bundle& outputs, std::int64_t first) {
  Head head{.name = name, .values = values_of(run, name, o_.values)};
  const at::Tensor values = transformed(outputs.at(name), head.values, name);
  head.bins = values.size(2);
  if (head.values != HeadValues::joint_profile && outputs.at(name).dim() == 3) {
    const nn::Model::Context context = run.model->context(name);
    head.middle = std::clamp<std::int64_t>((first - context.left) / std::max<std::int64_t>(context.stride, 1), 0, head.bins);
  }
  const std::vector<std::string> names = channel_names(run, head, values.size(1));
  for (Track& track : tracks_of(run, head, names, o_.pairs)) {
    std::vector<std::string> called = {track.name};
    for (const std::int64_t channel : {track.channel, track.partner}) {
      if (channel < 0) continue;
      called.push_back(names[static_cast<std::size_t>(channel)]);
      called.push_back(std::to_string(channel));
    }
    const auto asked = [&](const std::string& given) { return std::find(called.begin(), called.end(), given) != called.end(); };
    track_names_.insert(track_names_.end(), called.begin(), called.end());
    if (o_.tracks.empty() || std::any_of(o_.tracks.begin(), o_.tracks.end(), asked)) head.tracks.push_back(std::move(track));
  }
  std::sort(track_names_.begin(), track_names_.end());
  heads_.push_back(std::move(head));
}

std::vector<Prediction> Tracks::predictions(const Bundle& outputs) const {
  std::vector<Prediction> all(static_cast<std::size_t>(batch_size(outputs)));
  for (const Head& head : heads_) {
    const at::Tensor values = transformed(outputs.at(head.name), head.values, head.name);
    const auto each = static_cast<std::size_t>(values.size(1) * values.size(2));
    const float* row = values.const_data_ptr<float>();
    for (Prediction& prediction : all) {
      prediction.emplace_back(row, row + each);
      row += each;
    }
  }
  return all;
}

Prediction Tracks::compensated(const Prediction& first, const Prediction& second) const {
  Prediction both = first;
  for (std::size_t h = 0; h < heads_.size(); ++h) {
    const std::int64_t bins = heads_[h].bins;
    const bool stitched = o_.compensation == IndelCompensation::stitch && bins > 1 && heads_[h].values != HeadValues::joint_profile;
    for (std::size_t i = 0; i < both[h].size(); ++i) {
      if (!stitched)
        both[h][i] = (first[h][i] + second[h][i]) / 2;
      else if (static_cast<std::int64_t>(i) % bins >= heads_[h].middle)
        both[h][i] = second[h][i];
    }
  }
  return both;
}

std::vector<double> Tracks::scores(const Prediction& ref, const Prediction& alt) const {
  std::vector<double> all;
  all.reserve(layout_.fields.size());
  for (const VariantScore score : scores_)
    for (std::size_t h = 0; h < heads_.size(); ++h) {
      const Head& head = heads_[h];
      if (!suits(score, head)) continue;
      const auto of = [&](std::int64_t channel) {
        const auto begin = static_cast<std::size_t>(channel * head.bins), bins = static_cast<std::size_t>(head.bins);
        const std::span r(ref[h]), a(alt[h]);
        return metrics::variant_score(score, r.subspan(begin, bins), a.subspan(begin, bins), o_.pseudocount);
      };
      for (const Track& track : head.tracks)
        all.push_back(track.partner < 0 ? of(track.channel) : metrics::both_strands(score, of(track.channel), of(track.partner)));
    }
  return all;
}

std::vector<double> Tracks::totals(const Prediction& prediction) const {
  std::vector<double> all;
  for (std::size_t h = 0; h < heads_.size(); ++h) {
    const Head& head = heads_[h];
    const auto of = [&](std::int64_t channel) {
      const auto begin = prediction[h].begin() + channel * head.bins;
      return channel < 0 ? 0.0 : std::accumulate(begin, begin + head.bins, 0.0);
    };
    for (const Track& track : head.tracks)
      all.push_back(is_profile(head.values) ? std::numeric_limits<double>::quiet_NaN() : of(track.channel) + of(track.partner));
  }
  return all;
}

}  // namespace basewise::variants::detail
