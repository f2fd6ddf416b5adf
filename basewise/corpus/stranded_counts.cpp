#include "basewise/corpus/stranded_counts.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/corpus/track_file.h"

namespace basewise::corpus {

struct StrandedCounts::State {
  std::vector<TrackFile> plus;
  std::vector<TrackFile> minus;
  bool absolute;
  std::vector<std::string> names;  // of chromosomes
};

namespace {

void clean(const TrackFile& file, const std::string& chrom, std::int64_t start, bool absolute, std::span<float> values) {
  for (float& value : values) {
    if (std::isnan(value)) value = 0;
    if (value >= 0) continue;
    if (!absolute)
      throw DataError(
          format("{}: {} at base {} of {} is no count; where the values of a strand are written as negative numbers set absolute = true",
                 file.path().string(), value, start + (&value - values.data()), chrom));
    value = -value;
  }
}

std::vector<TrackFile> open_files(const FileList& files, const seq::ChromSizes& sizes, const std::filesystem::path& cache) {
  std::vector<TrackFile> tracks;
  for (const std::filesystem::path& file : files) tracks.emplace_back(file, sizes, cache);
  return tracks;
}

bool all_have(const std::vector<TrackFile>& files, std::size_t chrom) {
  return std::all_of(files.begin(), files.end(), [&](const TrackFile& file) { return file.has(chrom); });
}

// The sum of the files of a strand.
void read_counts(const std::vector<TrackFile>& files, std::size_t chrom, const std::string& name, std::int64_t start, bool absolute,
                 std::span<float> values) {
  files.front().values(chrom, start, values);
  clean(files.front(), name, start, absolute, values);
  std::vector<float> more(files.size() > 1 ? values.size() : 0);
  for (std::size_t k = 1; k < files.size(); ++k) {
    files[k].values(chrom, start, more);
    clean(files[k], name, start, absolute, more);
    for (std::size_t i = 0; i < more.size(); ++i) values[i] += more[i];
  }
}

std::string names_of_files(const std::vector<TrackFile>& files) {
  std::vector<std::string> names;
  for (const TrackFile& file : files) names.push_back(file.path().filename().string());
  return fmt::to_string(fmt::join(names, " + "));
}

}  // namespace

void describe(Visitor& v, StrandedTrackOptions& o) {
  v("plus", o.plus,
    "bigWig or bedGraph files with counts of the forward strand; bases that they do not mention have 0, several files are added");
  v("minus", o.minus, "the same of the reverse strand, at forward coordinates");
  v("absolute", o.absolute, "negative values, as some files hold for the minus strand, count as positive ones");
  v("cache", o.cache,
    "folder for files of 16 MiB or more in a form that is read quickly, made once; empty: tracks/ in the cache of basewise");
}

StrandedCounts::StrandedCounts(const StrandedTrackOptions& o, const seq::ChromSizes& sizes) {
  if (o.plus.empty() || o.minus.empty())
    throw ArgumentError(format("the option '{}' is missing: counts of both strands need two files", o.plus.empty() ? "plus" : "minus"));
  state_ = std::make_unique<const State>(
      State{open_files(o.plus, sizes, o.cache), open_files(o.minus, sizes, o.cache), o.absolute, sizes.names()});
}

StrandedCounts::~StrandedCounts() = default;
StrandedCounts::StrandedCounts(StrandedCounts&&) noexcept = default;
StrandedCounts& StrandedCounts::operator=(StrandedCounts&&) noexcept = default;

bool StrandedCounts::has(std::size_t chrom) const { return all_have(state_->plus, chrom) && all_have(state_->minus, chrom); }

void StrandedCounts::read(std::size_t chrom, std::int64_t start, std::span<float> plus, std::span<float> minus) const {
  read_counts(state_->plus, chrom, state_->names[chrom], start, state_->absolute, plus);
  read_counts(state_->minus, chrom, state_->names[chrom], start, state_->absolute, minus);
}

std::string StrandedCounts::summary() const { return format("{} and {}", names_of_files(state_->plus), names_of_files(state_->minus)); }

std::vector<std::string> StrandedCounts::notes() const {
  std::vector<std::string> notes;
  for (const std::vector<TrackFile>* files : {&state_->plus, &state_->minus})
    for (const TrackFile& file : *files) {
      const std::string name = file.path().filename().string();
      if (!file.translated().empty()) notes.push_back(format("{}: {}", name, file.translated()));
      if (file.measured() == 0)
        notes.push_back(format("{} has no values: all {} are 0", name, files->size() > 1 ? "its counts" : "counts of the strand"));
      else if (const std::int64_t lacking = file.lacking(); lacking > 0 && file.speaks_for_all())
        notes.push_back(format("{} names no value on {} of {} chromosomes: counts there are 0", name, lacking, state_->names.size()));
    }
  return notes;
}

void smooth(std::span<const float> values, std::int64_t window, std::span<float> out) {
  const auto n = static_cast<std::int64_t>(values.size());
  if (n == 0) return;
  const std::int64_t left = (window - 1) / 2;
  const std::int64_t right = window - 1 - left;
  const auto value = [&](std::int64_t i) {
    return static_cast<double>(values[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, n - 1))]);
  };
  // Sums of counts are exact in double precision, so that adding and taking away leaves nothing
  // behind.
  double sum = 0;
  for (std::int64_t i = -left; i <= right; ++i) sum += value(i);
  for (std::int64_t i = 0; i < n; ++i) {
    out[static_cast<std::size_t>(i)] = static_cast<float>(sum / static_cast<double>(window));
    sum += value(i + right + 1) - value(i - left);
  }
}

}  // namespace basewise::corpus
