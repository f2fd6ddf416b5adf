#include "basewise/corpus/track_file.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/bigwig.h"

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

}  // namespace

TrackFile::TrackFile(const std::filesystem::path& file, const seq::ChromSizes& sizes, const std::filesystem::path& cache)
    : track_(open(corpus::resolve_path(file.string()), sizes, cache)),
      speaks_for_all_(track_.file_format() == io::TrackFormat::bedgraph),
      chromosomes_(match_chromosomes(track_.chromosomes(), path().string(), speaks_for_all_ ? TrackLengths::reached : TrackLengths::stated,
                                     sizes)) {
  require_common(chromosomes_, track_.chromosomes(), path().string(), sizes);
  for (const seq::Chrom& chrom : sizes) lengths_.push_back(chrom.length);
  for (const auto& number : chromosomes_.numbers)
    if (number) measured_ += track_.measured(*number, 0, track_.chromosomes()[*number].second);
}

std::int64_t TrackFile::measured(std::size_t chrom, std::int64_t start, std::int64_t end) const {
  if (!chromosomes_.numbers[chrom]) return 0;
  // A bedGraph says nothing of what lies behind its last value.
  const std::size_t number = *chromosomes_.numbers[chrom];
  const std::int64_t known = track_.chromosomes()[number].second;
  return speaks_for_all_ && known <= start ? 0 : track_.measured(number, start, speaks_for_all_ ? std::min(end, known) : end);
}

void TrackFile::values(std::size_t chrom, std::int64_t start, std::span<float> out) const {
  if (start < 0 || std::ssize(out) > lengths_[chrom] - start)
    throw DataError(format("{}: bases {} to {} of chromosome number {} are asked for, which has {}", path().string(), start,
                           start + std::ssize(out), chrom, lengths_[chrom]));
  if (!chromosomes_.numbers[chrom]) {
    std::fill(out.begin(), out.end(), io::kMissing);
    return;
  }
  const std::int64_t length = track_.chromosomes()[*chromosomes_.numbers[chrom]].second, size = std::ssize(out);
  const std::int64_t known = speaks_for_all_ ? std::clamp<std::int64_t>(length - start, 0, size) : size;
  const auto part = static_cast<std::size_t>(known);
  if (known > 0 || !speaks_for_all_) track_.values(*chromosomes_.numbers[chrom], start, out.first(part));
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
  const auto numbers = match_chromosomes(track.chromosomes(), file.string(), TrackLengths::stated, sizes).numbers;
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
