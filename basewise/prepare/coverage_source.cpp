#include "basewise/prepare/coverage_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/lower_case.h"
#include "basewise/corpus/track_chromosomes.h"
#include "basewise/corpus/track_file.h"
#include "basewise/io/bed.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/track_format.h"

namespace basewise::prepare {
namespace {

constexpr std::array<std::string_view, 4> kBedEndings = {".bed", ".narrowpeak", ".broadpeak", ".gappedpeak"};
constexpr std::array<std::string_view, 4> kHdf5Endings = {".w5", ".wdf5", ".h5", ".hdf5"};

/// The chromosomes of a file, of which one at least must be the genome's.
corpus::MatchedChromosomes match(const io::TrackChromosomes& chromosomes, const std::filesystem::path& file, corpus::TrackLengths lengths,
                                 const seq::ChromSizes& sizes) {
  corpus::MatchedChromosomes matched = corpus::match_chromosomes(chromosomes, file.string(), lengths, sizes);
  corpus::require_common(matched, chromosomes, file.string(), sizes);
  return matched;
}

[[noreturn]] void throw_no_chromosome(const std::filesystem::path& file, const std::string& name) {
  throw DataError(format("{}: has no chromosome {}, where windows lie", file.string(), name));
}

std::span<float> row(std::span<float> out, std::size_t i, std::int64_t length) {
  return out.subspan(i * static_cast<std::size_t>(length), static_cast<std::size_t>(length));
}

class BigWigSource final : public CoverageSource {
 public:
  BigWigSource(const std::filesystem::path& file, const seq::ChromSizes& sizes) : track_(file), sizes_(sizes) {
    corpus::MatchedChromosomes matched = match(track_.chromosomes(), file, corpus::TrackLengths::stated, sizes);
    numbers_ = std::move(matched.numbers);
    remark_ = std::move(matched.translated);
  }

  bool has(std::size_t chrom) const override { return numbers_[chrom].has_value(); }

  void read(std::span<const CoverageWindow> windows, std::int64_t length, std::span<float> out) const override {
    std::vector<io::TrackWindow> asked;
    asked.reserve(windows.size());
    for (const CoverageWindow& window : windows) {
      if (!numbers_[window.chrom]) throw_no_chromosome(track_.path(), sizes_[window.chrom].name);
      asked.push_back({*numbers_[window.chrom], window.start});
    }
    track_.windows(asked, length, out, length);
    for (std::size_t i = 0; i < windows.size(); ++i)
      corpus::refuse_infinite(row(out, i, length), windows[i].start, sizes_[windows[i].chrom].name, track_.path());
  }

 private:
  io::BigWigReader track_;
  const seq::ChromSizes& sizes_;
  std::vector<std::optional<std::size_t>> numbers_ = {};
};

class BedGraphSource final : public CoverageSource {
 public:
  BedGraphSource(const std::filesystem::path& file, const seq::ChromSizes& sizes) : track_(file, sizes, {}), sizes_(sizes) {
    remark_ = track_.translated();
  }

  bool has(std::size_t chrom) const override { return track_.has(chrom); }

  void read(std::span<const CoverageWindow> windows, std::int64_t length, std::span<float> out) const override {
    for (std::size_t i = 0; i < windows.size(); ++i) {
      track_.values(windows[i].chrom, windows[i].start, row(out, i, length));
      corpus::refuse_infinite(row(out, i, length), windows[i].start, sizes_[windows[i].chrom].name, track_.path());
    }
  }

 private:
  corpus::TrackFile track_;
  const seq::ChromSizes& sizes_;
};

class BedSource final : public CoverageSource {
 public:
  BedSource(const std::filesystem::path& file, const seq::ChromSizes& sizes) : pieces_(sizes.size()) {
    const io::BedResult bed = io::read_bed(file, sizes);
    if (!bed.report.remarks.empty()) remark_ = format("{}", fmt::join(bed.report.remarks, "; "));
    for (const seq::Interval& interval : seq::merge(io::intervals(bed.records)))
      pieces_[*sizes.find(interval.chrom)].emplace_back(interval.start, interval.end);
  }

  bool has(std::size_t) const override { return true; }

  void read(std::span<const CoverageWindow> windows, std::int64_t length, std::span<float> out) const override {
    std::fill(out.begin(), out.end(), 0.0f);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const std::int64_t start = windows[i].start, end = start + length;
      const auto& pieces = pieces_[windows[i].chrom];
      auto piece = std::partition_point(pieces.begin(), pieces.end(), [&](const auto& p) { return p.second <= start; });
      for (; piece != pieces.end() && piece->first < end; ++piece) {
        const auto to = row(out, i, length);
        std::fill(to.begin() + (std::max(piece->first, start) - start), to.begin() + (std::min(piece->second, end) - start), 1.0f);
      }
    }
  }

 private:
  std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>> pieces_;  // by chromosome, sorted and disjoint
};

class Hdf5Source final : public CoverageSource {
 public:
  Hdf5Source(const std::filesystem::path& file, const seq::ChromSizes& sizes) : track_(file), sizes_(sizes) {
    for (const io::H5Entry& entry : track_.list()) {
      if (entry.kind != io::H5Kind::data_set) continue;
      const io::H5Info info = track_.info(entry.name);
      if (info.shape.size() == 1 && info.dtype) chromosomes_.emplace_back(entry.name, info.shape[0]);
    }
    if (chromosomes_.empty())
      throw DataError(format("{}: holds no data set of one axis with numbers; a coverage file has one for each chromosome", file.string()));
    corpus::MatchedChromosomes matched = match(chromosomes_, file, corpus::TrackLengths::reached, sizes);
    numbers_ = std::move(matched.numbers);
    remark_ = std::move(matched.translated);
  }

  bool has(std::size_t chrom) const override { return numbers_[chrom].has_value(); }

  void read(std::span<const CoverageWindow> windows, std::int64_t length, std::span<float> out) const override {
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const CoverageWindow& window = windows[i];
      if (!numbers_[window.chrom]) throw_no_chromosome(track_.path(), sizes_[window.chrom].name);
      const auto& [name, known] = chromosomes_[*numbers_[window.chrom]];
      const std::span<float> values = row(out, i, length);
      const std::int64_t end = std::clamp(window.start + length, window.start, std::max(known, window.start));
      const auto there = static_cast<std::size_t>(end - window.start);
      if (there > 0) track_.read_rows(name, window.start, end, values.first(there));
      std::fill(values.begin() + static_cast<std::ptrdiff_t>(there), values.end(), io::kMissing);
      for (float& x : values)
        if (std::isinf(x)) x = std::copysign(io::kLargestHalf, x);
    }
  }

 private:
  io::H5File track_;
  const seq::ChromSizes& sizes_;
  io::TrackChromosomes chromosomes_ = {};
  std::vector<std::optional<std::size_t>> numbers_ = {};
};

}  // namespace

SourceFormat coverage_format(const std::filesystem::path& file) {
  std::string name = lower_case(file.filename().string());
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
  if (std::any_of(kBedEndings.begin(), kBedEndings.end(), ends)) return SourceFormat::bed;
  if (std::any_of(kHdf5Endings.begin(), kHdf5Endings.end(), ends)) return SourceFormat::hdf5;
  return SourceFormat::signal;
}

bool names_values_only(const std::filesystem::path& file) {
  const SourceFormat format = coverage_format(file);
  return format == SourceFormat::bed || (format == SourceFormat::signal && io::track_format(file) == io::TrackFormat::bedgraph);
}

std::unique_ptr<CoverageSource> open_coverage(const std::filesystem::path& file, const seq::ChromSizes& sizes) {
  switch (coverage_format(file)) {
    case SourceFormat::bed:
      return std::make_unique<BedSource>(file, sizes);
    case SourceFormat::hdf5:
      return std::make_unique<Hdf5Source>(file, sizes);
    case SourceFormat::signal:
      break;
  }
  if (io::track_format(file) == io::TrackFormat::bigwig) return std::make_unique<BigWigSource>(file, sizes);
  return std::make_unique<BedGraphSource>(file, sizes);
}

}  // namespace basewise::prepare
