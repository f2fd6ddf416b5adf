#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/genome_tiles.h"
#include "basewise/io/bigwig.h"

namespace basewise::data {

namespace {

class TrackSignal : public TargetSource {
 public:
  TrackSignal(const TrackOptions& options, const seq::ChromSizes& sizes) : options_(options) {
    names_.resize(sizes.size());
    for (const std::filesystem::path& file : options.files) add(corpus::resolve_path(file.string()), sizes);
  }
  std::string name() const override { return options_.name; }
  std::int64_t channels() const override { return static_cast<std::int64_t>(readers_.size()); }
  std::int64_t bin() const override { return options_.bin; }
  StrandRule strand_rule() const override { return options_.paired ? StrandRule::paired : StrandRule::mirrored; }
  std::string summary() const override {
    std::string text = format("{} tracks, {} bases per value", readers_.size(), options_.bin);
    for (const std::string& note : notes_) text += "; " + note;
    return text;
  }

  void fill(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured, std::int64_t stride) const override {
    std::vector<float> bases(static_cast<std::size_t>(length));
    for (std::size_t track = 0; track < readers_.size(); ++track) {
      std::fill(bases.begin(), bases.end(), io::kMissing);
      if (!names_[chrom][track].empty()) readers_[track].values(names_[chrom][track], start, bases);
      average(bases, values, measured);
      values += stride;
      measured += stride;
    }
  }

 private:
  // A chromosome that the track lacks was not measured; one of another length belongs to another genome.
  void add(const std::filesystem::path& path, const seq::ChromSizes& sizes) {
    io::BigWigReader reader(path);
    seq::ChromSizes own({}, path.string());
    for (const auto& [chrom, length] : reader.chromosomes()) own.add({chrom, length, false});
    std::int64_t missing = 0;
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      const auto found = own.find(sizes[c].name);
      if (found && own[*found].length != sizes[c].length)
        throw DataError(format("{}: {} has {} bases there, but {} in {}; track and genome must be of the same assembly", path.string(),
                               own[*found].name, own[*found].length, sizes[c].length, sizes.source()));
      names_[c].resize(readers_.size() + 1);
      if (found) names_[c].back() = own[*found].name;
      missing += !found;
    }
    if (missing == static_cast<std::int64_t>(sizes.size()))
      throw DataError(format("{}: none of its chromosomes ({}) is in {} ({})", path.string(), fmt::join(own.names(), ", "), sizes.source(),
                             fmt::join(sizes.names(), ", ")));
    if (missing > 0) notes_.push_back(format("{} chromosomes without values in {}", missing, path.filename().string()));
    readers_.push_back(std::move(reader));
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
  std::vector<io::BigWigReader> readers_;
  std::vector<std::vector<std::string>> names_;  // by chromosome and track; empty: not in the track
  std::vector<std::string> notes_;
};

}  // namespace

void describe(Visitor& v, TrackOptions& o) {
  v("files", o.files, "bigWig files, one channel each");
  v("bin", o.bin, "bases per value: the mean over the measured ones", at_least(1));
  v("paired", o.paired, "files come in pairs of forward and reverse strand");
  v("name", o.name, "name of the target tensor");
}

TargetSourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes) {
  if (options.paired && options.files.size() % 2 != 0)
    throw ArgumentError(format("tracks: {} files cannot be pairs of forward and reverse strand; give an even number, or paired = false",
                               options.files.size()));
  return std::make_shared<TrackSignal>(options, sizes);
}

}  // namespace basewise::data
