#include "basewise/interpret/detail/attribution_track.h"

#include <algorithm>
#include <tuple>

#include "basewise/io/bigwig_writer.h"

namespace basewise::interpret::detail {
namespace {

/// A part of a window inside of its chromosome; its centre may lie elsewhere.
struct Part {
  TrackStretch stretch;
  std::int64_t centre = 0;
};

void add_part(std::vector<Part>& parts, const TrackWindow& window, std::int64_t shift, std::int64_t chrom_length) {
  const std::int64_t start = std::max<std::int64_t>(window.start - shift, 0), end = std::min(window.end - shift, chrom_length);
  if (start >= end) return;
  parts.push_back({.stretch = {.chrom = window.chrom,
                               .start = start,
                               .end = end,
                               .example = window.example,
                               .offset = start - (window.start - shift)},
                   .centre = window.start - shift + (window.end - window.start) / 2});
}

std::vector<Part> parts_of(const std::vector<TrackWindow>& windows, const seq::ChromSizes& sizes) {
  std::vector<Part> parts;
  for (const TrackWindow& window : windows) {
    const seq::Chrom& chrom = sizes[window.chrom];
    add_part(parts, window, 0, chrom.length);
    if (!chrom.circular) continue;
    add_part(parts, window, chrom.length, chrom.length);
    add_part(parts, window, -chrom.length, chrom.length);
  }
  std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::tie(a.stretch.chrom, a.centre, a.stretch.example) < std::tie(b.stretch.chrom, b.centre, b.stretch.example);
  });
  return parts;
}

}  // namespace

TrackPlan cut_halfway(const std::vector<TrackWindow>& windows, const seq::ChromSizes& sizes) {
  const std::vector<Part> all = parts_of(windows, sizes);
  std::vector<Part> parts;
  TrackPlan plan;
  for (const Part& part : all) {
    const bool same = !parts.empty() && parts.back().stretch.chrom == part.stretch.chrom && parts.back().centre == part.centre;
    same ? static_cast<void>(++plan.hidden) : parts.push_back(part);
  }
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    TrackStretch now = parts[i].stretch;
    if (i == 0 || parts[i - 1].stretch.chrom != now.chrom) begin = 0;
    const bool has_next = i + 1 < parts.size() && parts[i + 1].stretch.chrom == now.chrom;
    // Centres left of the origin or behind the end belong to windows around a circle.
    if (has_next && parts[i + 1].stretch.start < now.end)
      now.end = std::clamp((parts[i].centre + parts[i + 1].centre) / 2, now.start, now.end);
    const std::int64_t start = std::max(now.start, begin);
    begin = std::max(begin, now.end);
    if (start >= now.end) continue;
    now.offset += start - now.start;
    now.start = start;
    plan.stretches.push_back(now);
  }
  return plan;
}

void write_track(const std::filesystem::path& file, const TrackPlan& plan, const seq::ChromSizes& sizes, const TrackValues& values) {
  io::TrackChromosomes chromosomes;
  for (const seq::Chrom& chrom : sizes) chromosomes.push_back({chrom.name, chrom.length});
  io::BigWigWriter out(file, std::move(chromosomes));
  for (const TrackStretch& s : plan.stretches) {
    const auto run = values(s.example).subspan(static_cast<std::size_t>(s.offset), static_cast<std::size_t>(s.end - s.start));
    out.add_run(sizes[s.chrom].name, s.start, run);
  }
  out.close();
}

}  // namespace basewise::interpret::detail
