#include "basewise/data/track_signal.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/corpus/track_file.h"
#include "basewise/data/signal_source.h"

namespace basewise::data {

namespace {

Field field_of(const TrackOptions& o) {
  Field field{.name = o.name,
              .shape = {std::ssize(o.files)},
              .rule = o.paired ? StrandRule::paired : StrandRule::mirrored,
              .bin = o.bin};
  for (const std::filesystem::path& file : o.files) field.channels.push_back(file.filename().string());
  return field;
}

// Bases of some stretches that have a value in a file.
std::int64_t measured_in(const corpus::TrackFile& track, const std::vector<seq::Interval>& regions, const seq::ChromSizes& sizes) {
  std::int64_t bases = 0;
  for (const seq::Interval& region : regions) bases += track.measured(sizes.index(region.chrom, "a split"), region.start, region.end);
  return bases;
}

// Bases of chromosomes of which a file says nothing.
std::int64_t unknown_in(const corpus::TrackFile& track, const std::vector<seq::Interval>& regions, const seq::ChromSizes& sizes) {
  std::int64_t bases = 0;
  for (const seq::Interval& region : regions)
    if (!track.has(sizes.index(region.chrom, "a split"))) bases += region.length();
  return bases;
}

double percent(std::int64_t part, std::int64_t whole) { return 100 * static_cast<double>(part) / static_cast<double>(whole); }

class TrackSignal : public SignalSource {
 public:
  TrackSignal(const TrackOptions& options, const seq::ChromSizes& sizes)
      : SignalSource(field_of(options)), options_(options), names_(sizes.names()) {
    for (const std::filesystem::path& file : options.files) {
      const corpus::TrackFile& track = tracks_.emplace_back(file, sizes, options.cache);
      if (track.lacking() > 0)
        notes_.push_back(format("{} chromosomes without values in {}", track.lacking(), track.path().filename().string()));
    }
  }

  // "train: 550 of 6600 bases have a value in a.bw (8.33 %); ..." of each set that is not measured
  // as a whole; of many files the one with the fewest.
  std::vector<std::string> notes(const corpus::RegionSplit& regions, const seq::ChromSizes& sizes) const {
    constexpr std::size_t kEach = 4;
    std::vector<std::string> notes;
    for (const corpus::TrackFile& track : tracks_)
      if (!track.translated().empty()) notes.push_back(format("{}: {}", track.path().filename().string(), track.translated()));
    for (std::size_t set = 0; set < 3; ++set) {
      const std::int64_t bases = seq::total_length(regions[set]);
      std::vector<std::pair<std::int64_t, const corpus::TrackFile*>> partly;
      for (const corpus::TrackFile& track : tracks_)
        if (const std::int64_t measured = measured_in(track, regions[set], sizes); measured < bases) partly.emplace_back(measured, &track);
      const std::size_t files = partly.size();
      if (files > kEach) partly = {*std::min_element(partly.begin(), partly.end())};
      for (const auto& [measured, track] : partly)
        notes.push_back(format("{}: {} of {} bases have a value in {} ({:.3g} %{}); {}", corpus::kSetNames[set], measured, bases,
                               track->path().filename().string(), percent(measured, bases),
                               files > kEach ? format(", the fewest of {} files with gaps", files) : "",
                               said_of_gaps(unknown_in(*track, regions[set], sizes))));
    }
    return notes;
  }

  std::string summary() const override {
    std::int64_t bytes = 0;
    for (const corpus::TrackFile& track : tracks_) bytes += track.bytes();
    std::string text = format("{}: {} tracks, {} bases per value, {:.1f} MB", name(), tracks_.size(), options_.bin,
                              static_cast<double>(bytes) / 1e6);
    for (const std::string& note : notes_) text += "; " + note;
    return text;
  }

 protected:
  void read(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured,
            std::int64_t stride) const override {
    const std::int64_t bins = length / options_.bin;
    std::vector<float> bases(static_cast<std::size_t>(options_.bin > 1 ? length : 0));
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      const corpus::TrackFile& track = tracks_[i];
      if (options_.bin == 1) {
        read_bases(track, chrom, start, std::span(values, static_cast<std::size_t>(bins)));
        mark(values, measured, bins);
      } else {
        read_bases(track, chrom, start, bases);
        summarise(bases, values, measured);
      }
      if (!options_.scale.empty()) scale(values, bins, options_.scale[options_.scale.size() == 1 ? 0 : i]);
      if (options_.clip > 0) clip(values, bins);
      if (options_.transform != TrackTransform::none) transform(track, chrom, start, values, bins);
      values += stride;
      measured += stride;
    }
  }

 private:
  std::string said_of_gaps(std::int64_t unknown) const {
    if (options_.gaps == Gaps::missing) return "the others count as not measured; where they are zeros set gaps = \"zero\"";
    return unknown == 0 ? "the others count as 0"
                        : format("the others count as 0, but for {} bases of chromosomes that it lacks: not measured", unknown);
  }

  void read_bases(const corpus::TrackFile& track, std::size_t chrom, std::int64_t start, std::span<float> out) const {
    track.values(chrom, start, out);
    if (options_.gaps == Gaps::zero && track.has(chrom))
      std::replace_if(out.begin(), out.end(), [](float x) { return std::isnan(x); }, 0.0F);
  }

  // NaN to 0, and 0 in the mask.
  static void mark(float* values, bool* measured, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const bool known = !std::isnan(values[i]);
      measured[i] = known;
      values[i] = known ? values[i] : 0.0F;
    }
  }

  void summarise(const std::vector<float>& bases, float* values, bool* measured) const {
    for (std::size_t begin = 0; begin < bases.size(); begin += static_cast<std::size_t>(options_.bin)) {
      double sum = 0;
      float most = -std::numeric_limits<float>::infinity();
      std::int64_t count = 0;
      for (std::size_t i = begin; i < begin + static_cast<std::size_t>(options_.bin); ++i)
        if (!std::isnan(bases[i])) {
          sum += bases[i];
          most = std::max(most, bases[i]);
          ++count;
        }
      *values++ = count > 0 ? statistic(sum, most, count) : 0;
      *measured++ = count > 0;
    }
  }

  float statistic(double sum, float most, std::int64_t count) const {
    switch (options_.statistic) {
      case BinStatistic::mean:
        return static_cast<float>(sum / static_cast<double>(count));
      case BinStatistic::sum:
        return static_cast<float>(sum);
      case BinStatistic::max:
        return most;
    }
    throw InternalError("a bin without a statistic");
  }

  void clip(float* values, std::int64_t count) const {
    const auto most = static_cast<float>(options_.clip);
    for (std::int64_t i = 0; i < count; ++i) values[i] = std::clamp(values[i], -most, most);
  }

  static void scale(float* values, std::int64_t count, double factor) {
    for (std::int64_t i = 0; i < count; ++i) values[i] = static_cast<float>(values[i] * factor);
  }

  void transform(const corpus::TrackFile& track, std::size_t chrom, std::int64_t start, float* values, std::int64_t count) const {
    const bool log = options_.transform == TrackTransform::log1p;
    for (std::int64_t i = 0; i < count; ++i) {
      const float x = values[i];
      if (log ? x <= -1 : x < -1)
        throw DataError(format("{}: {} at base {} of {} has no {}: values must be {} -1; set tracks.transform = \"none\"",
                               track.path().string(), x, start + i * options_.bin, names_[chrom], options_.transform,
                               log ? "above" : "at least"));
      values[i] = log ? std::log1p(x) : std::sqrt(1 + x) - 1;
    }
  }

  TrackOptions options_;
  std::vector<std::string> names_;  // of chromosomes
  std::vector<corpus::TrackFile> tracks_;
  std::vector<std::string> notes_;
};

}  // namespace

void describe(Visitor& v, TrackOptions& o) {
  v("files", o.files, "bigWig or bedGraph files, one channel each");
  v("gaps", o.gaps, "what a base is that a file gives no value, on chromosomes that a bigWig has and on all of a bedGraph");
  v("bin", o.bin, "bases per value", counted(1));
  v("statistic", o.statistic, "what a bin says of its measured bases: their mean, sum or max");
  v("scale", o.scale, "factor of the values of bins: one number for all files, or one for each; empty: 1", positive());
  v("clip", o.clip, "values of bins beyond -clip to clip become -clip or clip; 0: they stay", non_negative());
  v("transform", o.transform, "what becomes of the value of a bin, after scale and clip");
  v("paired", o.paired, "files come in pairs of forward and reverse strand");
  v("name", o.name, "name of the target tensor");
  v("cache", o.cache,
    "folder for files of 16 MiB or more in a form that is read quickly, made once; empty: tracks/ in the cache of basewise");
}

namespace {

std::shared_ptr<const TrackSignal> make_signal(const TrackOptions& options, const seq::ChromSizes& sizes) {
  if (options.paired && options.files.size() % 2 != 0)
    throw ArgumentError(format("tracks: {} files cannot be pairs of forward and reverse strand; give an even number, or paired = false",
                               options.files.size()));
  if (options.scale.size() > 1 && options.scale.size() != options.files.size())
    throw ArgumentError(format("tracks.scale: {} numbers for {} files; give one number, or one for each file", options.scale.size(),
                               options.files.size()));
  return std::make_shared<const TrackSignal>(options, sizes);
}

}  // namespace

SourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes) { return make_signal(options, sizes); }

SourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes, const corpus::RegionSplit& regions,
                       std::vector<std::string>& notes) {
  const auto signal = make_signal(options, sizes);
  for (std::string& note : signal->notes(regions, sizes)) notes.push_back(std::move(note));
  return signal;
}

}  // namespace basewise::data
