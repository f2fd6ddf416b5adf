#include "basewise/variants/detail/background.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "basewise/core/error.h"
#include "basewise/io/safetensors.h"

namespace basewise::variants::detail {
namespace {

using Sorted = std::vector<float>;

constexpr const char* kFactsKey = "facts";

std::string score_name(std::size_t run, const std::string& field) { return format("{}/score/{}", run, field); }
std::string total_name(std::size_t run, const std::string& track) { return format("{}/total/{}", run, track); }

Sorted read(const io::SafetensorsFile& file, const std::string& name) {
  if (!file.contains(name))
    throw DataError(format("{}: the background has no '{}': make it with the same scores and tracks", file.path().string(), name));
  const io::TensorView& view = file.at(name);
  if (view.dtype != io::DType::f32 || view.shape.size() != 1 || view.shape[0] < 1)
    throw DataError(format("{}: '{}' is no list of single precision numbers", file.path().string(), name));
  Sorted values(static_cast<std::size_t>(view.shape[0]));
  std::copy_n(view.bytes.data(), view.bytes.size(), reinterpret_cast<std::byte*>(values.data()));
  const bool numbers = std::none_of(values.begin(), values.end(), [](float x) { return std::isnan(x); });
  if (!numbers || !std::is_sorted(values.begin(), values.end()))
    throw DataError(format("{}: the numbers of '{}' do not rise", file.path().string(), name));
  return values;
}

double share_below(const Sorted& sorted, double x) {
  if (std::isnan(x) || sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto below = std::lower_bound(sorted.begin(), sorted.end(), static_cast<float>(x)) - sorted.begin();
  return static_cast<double>(below) / static_cast<double>(sorted.size());
}

/// Keeps what is a number.
void put(std::vector<Sorted>& to, std::span<const double> values, bool sizes) {
  to.resize(std::max(to.size(), values.size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) to[i].push_back(static_cast<float>(sizes ? std::abs(values[i]) : values[i]));
}

}  // namespace

Background::Background(const std::filesystem::path& file, const ScoreLayout& layout, std::size_t runs, const std::string& facts) {
  const io::SafetensorsFile found(file);
  const auto known = found.metadata().find(kFactsKey);
  if (known == found.metadata().end())
    throw DataError(format("{}: this is no background of variants; variants --background-out writes one", file.string()));
  if (known->second != facts)
    throw StateError(
        format("{} is the background of other runs, or of other options (values, window, strands, shifts); make it anew "
               "(background_out)",
               file.string()));
  for (std::size_t run = 0; run < runs; ++run) {
    std::vector<Sorted>& scores = scores_.emplace_back();
    for (const std::string& field : layout.fields) scores.push_back(read(found, score_name(run, field)));
    std::vector<Sorted>& totals = totals_.emplace_back();
    for (const std::string& track : layout.tracks)
      totals.push_back(found.contains(total_name(run, track)) ? read(found, total_name(run, track)) : Sorted());
  }
}

ScoreLayout Background::with_quantiles(const ScoreLayout& layout) const {
  ScoreLayout all = layout;
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    const std::string& score = layout.places[f].name;
    all.fields.push_back(format("{}_pct{}", score, layout.fields[f].substr(score.size())));
    all.places.push_back({score + "_pct", layout.places[f].track});
  }
  for (std::size_t t = 0; t < layout.tracks.size(); ++t) {
    if (totals_.front()[t].empty()) continue;
    all.fields.push_back(format("{}:{}", kActiveAllele, layout.tracks[t]));
    all.places.push_back({kActiveAllele, t});
  }
  return all;
}

std::vector<double> Background::quantiles(std::size_t run, const std::vector<double>& scores, const std::vector<double>& ref,
                                          const std::vector<double>& alt) const {
  std::vector<double> all;
  for (std::size_t f = 0; f < scores.size(); ++f) all.push_back(share_below(scores_[run][f], std::abs(scores[f])));
  for (std::size_t t = 0; t < ref.size(); ++t)
    if (!totals_.front()[t].empty()) all.push_back(share_below(totals_[run][t], std::max(ref[t], alt[t])));
  return all;
}

void BackgroundWriter::add(std::size_t run, const std::vector<double>& scores, const std::vector<double>& totals) {
  put(scores_[run], scores, true);
  put(totals_[run], totals, false);
  alleles_ += run == 0;
}

void BackgroundWriter::write(const std::filesystem::path& file, const ScoreLayout& layout, const std::string& facts) {
  if (alleles_ == 0) throw DataError("there is no allele to make a background of");
  io::NamedTensors tensors;
  const auto keep = [&](Sorted& values, const std::string& name) {
    if (values.empty()) return;
    std::sort(values.begin(), values.end());
    tensors.emplace_back(name, io::TensorView::of(std::span<const float>(values), {std::ssize(values)}));
  };
  for (std::size_t run = 0; run < scores_.size(); ++run) {
    for (std::size_t f = 0; f < scores_[run].size(); ++f) keep(scores_[run][f], score_name(run, layout.fields[f]));
    for (std::size_t t = 0; t < totals_[run].size(); ++t) keep(totals_[run][t], total_name(run, layout.tracks[t]));
  }
  io::write_safetensors(file, tensors, {{kFactsKey, facts}});
}

}  // namespace basewise::variants::detail
