#include "basewise/corpus/track_file.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/bigwig.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::corpus {

namespace {

// Smaller files are packed anew each time, in a tenth of a second, and leave nothing behind.
constexpr std::uintmax_t kKeptInMemory = std::uintmax_t{16} << 20;

io::LengthOf lengths_of(const seq::ChromSizes& sizes) {
  return [&sizes](std::string_view name) -> std::optional<std::int64_t> {
    const auto found = sizes.find(name);
    // By its own name alone: an alias may be another sequence of the file.
    return found && sizes[*found].name == name ? std::optional(sizes[*found].length) : std::nullopt;
  };
}

io::PackedTrack open(const std::filesystem::path& path, const seq::ChromSizes& sizes, const std::filesystem::path& cache) {
  std::error_code unknown;
  if (cache.empty() && std::filesystem::file_size(path, unknown) < kKeptInMemory && !unknown)
    return io::PackedTrack::pack(path, lengths_of(sizes));
  return io::PackedTrack::keep(path, (cache.empty() ? corpus::Registry().cache() : cache) / "tracks", lengths_of(sizes));
}

// The chromosomes of a track under the numbers of the genome;
// `states_lengths`: as the genome has them; `translated` becomes what there is to say of their
// names.
std::vector<std::optional<std::size_t>> match_chromosomes(const io::TrackChromosomes& chromosomes, const std::string& file,
                                                          bool states_lengths, const seq::ChromSizes& sizes, std::string& translated) {
  std::vector<std::string> names;
  for (const auto& [name, length] : chromosomes) names.push_back(name);
  const seq::NameMatch match = seq::match_names(sizes, names, file);
  translated = match.translated;
  const auto numbers = seq::names_by_sequence(sizes, names, match);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (!numbers[i]) continue;
    const auto& [name, length] = chromosomes[*numbers[i]];
    if (length == sizes[i].length) continue;
    if (states_lengths)
      throw DataError(format("{}: {} has {} bases there, but {} in {}; track and genome must be of the same assembly", file, name, length,
                             sizes[i].length, sizes.source()));
    if (length > sizes[i].length)
      throw DataError(format("{}: {} has values up to base {}, but {} bases in {}; track and genome must be of the same assembly", file,
                             name, length, sizes[i].length, sizes.source()));
  }
  return numbers;
}

std::vector<std::string> names_of(const io::TrackChromosomes& chromosomes) {
  std::vector<std::string> names;
  for (const auto& [name, length] : chromosomes) names.push_back(name);
  return names;
}

// A row of windows that lie in a track from beginning to end.
void refuse_infinite(std::span<const float> values, std::int64_t start, const std::string& chrom, const std::filesystem::path& file) {
  const auto found = std::find_if(values.begin(), values.end(), [](float x) { return std::isinf(x); });
  if (found != values.end())
    throw DataError(format("{}: {} at base {} of {} (the first base is 0) is no number to learn or to measure; mend the program that "
                           "wrote the track",
                           file.string(), *found, start + (found - values.begin()), chrom));
}

}  // namespace

TrackFile::TrackFile(const std::filesystem::path& file, const seq::ChromSizes& sizes, const std::filesystem::path& cache)
    : track_(open(corpus::resolve_path(file.string()), sizes, cache)),
      speaks_for_all_(track_.file_format() == io::TrackFormat::bedgraph),
      numbers_(match_chromosomes(track_.chromosomes(), path().string(), !speaks_for_all_, sizes, translated_)) {
  if (lacking() == static_cast<std::int64_t>(sizes.size()) && !track_.chromosomes().empty())
    throw DataError(format("{}: none of its chromosomes is in the genome: {}", path().string(),
                           sizes.missing_text(names_of(track_.chromosomes()), "the track")));
  for (const seq::Chrom& chrom : sizes) lengths_.push_back(chrom.length);
  for (const auto& number : numbers_)
    if (number) measured_ += track_.measured(*number, 0, track_.chromosomes()[*number].second);
}

std::int64_t TrackFile::measured(std::size_t chrom, std::int64_t start, std::int64_t end) const {
  if (!numbers_[chrom]) return 0;
  // A bedGraph says nothing of what lies behind its last value.
  const std::int64_t known = track_.chromosomes()[*numbers_[chrom]].second;
  return speaks_for_all_ && known <= start ? 0 : track_.measured(*numbers_[chrom], start, speaks_for_all_ ? std::min(end, known) : end);
}

std::int64_t TrackFile::lacking() const { return std::count(numbers_.begin(), numbers_.end(), std::nullopt); }

void TrackFile::values(std::size_t chrom, std::int64_t start, std::span<float> out) const {
  if (start < 0 || std::ssize(out) > lengths_[chrom] - start)
    throw DataError(format("{}: bases {} to {} of chromosome number {} are asked for, which has {}", path().string(), start,
                           start + std::ssize(out), chrom, lengths_[chrom]));
  if (!numbers_[chrom]) {
    std::fill(out.begin(), out.end(), io::kMissing);
    return;
  }
  const std::int64_t length = track_.chromosomes()[*numbers_[chrom]].second, size = std::ssize(out);
  const std::int64_t known = speaks_for_all_ ? std::clamp<std::int64_t>(length - start, 0, size) : size;
  const auto part = static_cast<std::size_t>(known);
  if (known > 0 || !speaks_for_all_) track_.values(*numbers_[chrom], start, out.first(part));
  std::fill(out.begin() + known, out.end(), io::kMissing);
}

void read_track_windows(const std::filesystem::path& file, const seq::ChromSizes& sizes, std::span<const Window> windows,
                        std::int64_t length, std::span<float> out, std::int64_t stride, float missing) {
  const auto row = [&](std::size_t i) { return out.subspan(i * static_cast<std::size_t>(stride), static_cast<std::size_t>(length)); };
  const auto refuse = [&](const Window& window) {
    throw DataError(format("{}: has no chromosome '{}', where loci lie; leave them out, or take another track", file.string(),
                           sizes[window.chrom].name));
  };
  if (io::track_format(file) != io::TrackFormat::bigwig) {
    const TrackFile track(file, sizes, {});
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const std::span<float> values = row(i);
      if (!track.has(windows[i].chrom)) refuse(windows[i]);
      track.values(windows[i].chrom, windows[i].start, values);
      if (!std::isnan(missing)) std::replace_if(values.begin(), values.end(), [](float x) { return std::isnan(x); }, missing);
    }
    return;
  }
  const io::BigWigReader track(file);
  std::string translated;
  const auto numbers = match_chromosomes(track.chromosomes(), file.string(), true, sizes, translated);
  std::vector<io::TrackWindow> asked;
  asked.reserve(windows.size());
  for (const Window& window : windows) {
    if (!numbers[window.chrom]) refuse(window);
    asked.push_back({*numbers[window.chrom], window.start});
  }
  track.windows(asked, length, out, stride, missing);
  for (std::size_t i = 0; i < windows.size(); ++i) refuse_infinite(row(i), windows[i].start, sizes[windows[i].chrom].name, file);
}

}  // namespace basewise::corpus
