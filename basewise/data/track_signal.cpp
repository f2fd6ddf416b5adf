#include <algorithm>
#include <cmath>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/genome_tiles.h"
#include "basewise/io/packed_track.h"

namespace basewise::data {

namespace {

// Smaller files are packed anew each time, in a tenth of a second, and leave nothing behind.
constexpr std::uintmax_t kKeptInMemory = std::uintmax_t{16} << 20;

class TrackSignal : public TargetSource {
 public:
  TrackSignal(const TrackOptions& options, const seq::ChromSizes& sizes) : options_(options) {
    numbers_.resize(sizes.size());
    for (const std::filesystem::path& file : options.files) add(corpus::resolve_path(file.string()), sizes);
  }
  std::string name() const override { return options_.name; }
  std::int64_t channels() const override { return static_cast<std::int64_t>(tracks_.size()); }
  std::int64_t bin() const override { return options_.bin; }
  StrandRule strand_rule() const override { return options_.paired ? StrandRule::paired : StrandRule::mirrored; }
  std::string summary() const override {
    std::int64_t bytes = 0;
    for (const io::PackedTrack& track : tracks_) bytes += track.bytes();
    std::string text = format("{} tracks, {} bases per value, {:.1f} MB", tracks_.size(), options_.bin, static_cast<double>(bytes) / 1e6);
    for (const std::string& note : notes_) text += "; " + note;
    return text;
  }

  void fill(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured, std::int64_t stride) const override {
    const std::int64_t bins = length / options_.bin;
    std::vector<float> bases(static_cast<std::size_t>(options_.bin > 1 ? length : 0));
    for (std::size_t track = 0; track < tracks_.size(); ++track, values += stride, measured += stride) {
      const std::optional<std::size_t> number = numbers_[chrom][track];
      const auto read = [&](std::span<float> out) {
        if (number)
          tracks_[track].values(*number, start, out);
        else
          std::fill(out.begin(), out.end(), io::kMissing);
      };
      if (options_.bin == 1) {
        read(std::span(values, static_cast<std::size_t>(bins)));
        mark(values, measured, bins);
      } else {
        read(bases);
        average(bases, values, measured);
      }
    }
  }

 private:
  // A chromosome that the track lacks was not measured; one of another length belongs to another genome.
  void add(const std::filesystem::path& path, const seq::ChromSizes& sizes) {
    io::PackedTrack track = open(path);
    seq::ChromSizes own({}, path.string());
    for (const auto& [chrom, length] : track.chromosomes()) own.add({chrom, length, false});
    std::int64_t missing = 0;
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      const auto found = own.find(sizes[c].name);
      if (found && own[*found].length != sizes[c].length)
        throw DataError(format("{}: {} has {} bases there, but {} in {}; track and genome must be of the same assembly", path.string(),
                               own[*found].name, own[*found].length, sizes[c].length, sizes.source()));
      numbers_[c].push_back(found);
      missing += !found;
    }
    if (missing == static_cast<std::int64_t>(sizes.size()))
      throw DataError(format("{}: none of its chromosomes ({}) is in {} ({})", path.string(), fmt::join(own.names(), ", "), sizes.source(),
                             fmt::join(sizes.names(), ", ")));
    if (missing > 0) notes_.push_back(format("{} chromosomes without values in {}", missing, path.filename().string()));
    tracks_.push_back(std::move(track));
  }

  io::PackedTrack open(const std::filesystem::path& path) const {
    std::error_code unknown;
    if (options_.cache.empty() && std::filesystem::file_size(path, unknown) < kKeptInMemory && !unknown) return io::PackedTrack::pack(path);
    const std::filesystem::path cache = options_.cache.empty() ? corpus::Registry().cache() : options_.cache;
    return io::PackedTrack::keep(path, cache / "tracks");
  }

  // NaN to 0, and 0 in the mask.
  static void mark(float* values, bool* measured, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const bool known = !std::isnan(values[i]);
      measured[i] = known;
      values[i] = known ? values[i] : 0.0F;
    }
  }

  void average(const std::vector<float>& bases, float* values, bool* measured) const {
    for (std::size_t begin = 0; begin < bases.size(); begin += static_cast<std::size_t>(options_.bin)) {
      double sum = 0;
      std::int64_t count = 0;
      for (std::size_t i = begin; i < begin + static_cast<std::size_t>(options_.bin); ++i)
        if (!std::isnan(bases[i])) {
          sum += bases[i];
          ++count;
        }
      *values++ = count > 0 ? static_cast<float>(sum / static_cast<double>(count)) : 0;
      *measured++ = count > 0;
    }
  }

  TrackOptions options_;
  std::vector<io::PackedTrack> tracks_;
  std::vector<std::vector<std::optional<std::size_t>>> numbers_;  // by chromosome and track: its number in the track, if it is there
  std::vector<std::string> notes_;
};

}  // namespace

void describe(Visitor& v, TrackOptions& o) {
  v("files", o.files, "bigWig files, one channel each");
  v("bin", o.bin, "bases per value: the mean over the measured ones", at_least(1));
  v("paired", o.paired, "files come in pairs of forward and reverse strand");
  v("name", o.name, "name of the target tensor");
  v("cache", o.cache, "folder for files of 16 MiB or more in a form that is read quickly, made once; empty: tracks/ in the cache of basewise");
}

TargetSourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes) {
  if (options.paired && options.files.size() % 2 != 0)
    throw ArgumentError(format("tracks: {} files cannot be pairs of forward and reverse strand; give an even number, or paired = false",
                               options.files.size()));
  return std::make_shared<TrackSignal>(options, sizes);
}

}  // namespace basewise::data
