#include "basewise/corpus/track_file.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"

namespace basewise::corpus {

namespace {

// Smaller files are packed anew each time, in a tenth of a second, and leave nothing behind.
constexpr std::uintmax_t kKeptInMemory = std::uintmax_t{16} << 20;

io::PackedTrack open(const std::filesystem::path& path, const std::filesystem::path& cache) {
  std::error_code unknown;
  if (cache.empty() && std::filesystem::file_size(path, unknown) < kKeptInMemory && !unknown) return io::PackedTrack::pack(path);
  return io::PackedTrack::keep(path, (cache.empty() ? corpus::Registry().cache() : cache) / "tracks");
}

}  // namespace

TrackFile::TrackFile(const std::filesystem::path& file, const seq::ChromSizes& sizes, const std::filesystem::path& cache)
    : track_(open(corpus::resolve_path(file.string()), cache)) {
  seq::ChromSizes own({}, path().string());
  for (const auto& [chrom, length] : track_.chromosomes()) own.add({chrom, length, false});
  for (const seq::Chrom& chrom : sizes) {
    const auto found = own.find(chrom.name);
    if (found && own[*found].length != chrom.length)
      throw DataError(format("{}: {} has {} bases there, but {} in {}; track and genome must be of the same assembly", path().string(),
                             own[*found].name, own[*found].length, chrom.length, sizes.source()));
    numbers_.push_back(found);
  }
  if (lacking() == static_cast<std::int64_t>(sizes.size()))
    throw DataError(format("{}: none of its chromosomes ({}) is in {} ({})", path().string(), fmt::join(own.names(), ", "), sizes.source(),
                           fmt::join(sizes.names(), ", ")));
}

std::int64_t TrackFile::lacking() const { return std::count(numbers_.begin(), numbers_.end(), std::nullopt); }

void TrackFile::values(std::size_t chrom, std::int64_t start, std::span<float> out) const {
  if (has(chrom))
    track_.values(*numbers_[chrom], start, out);
  else
    std::fill(out.begin(), out.end(), io::kMissing);
}

}  // namespace basewise::corpus
