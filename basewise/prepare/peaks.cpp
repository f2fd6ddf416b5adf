#include "basewise/prepare/peaks.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"
#include "basewise/io/chrom_files.h"
#include "basewise/prepare/detail/peak_files.h"

namespace basewise::prepare {

using namespace detail;

void describe(Visitor& v, SiteMergeOptions& o) {
  v("samples", o.samples, "table with a line for each sample: its name, and its file of peaks (BED, narrowPeak)", required());
  v("out", o.out, "beginning of the names of the files to write: OUT.bed, OUT_act.txt, OUT.tsv", required());
  v("sizes", o.sizes, "table of chromosomes and their lengths, or x.fa.fai; without it sites may reach over the ends of chromosomes");
  v("size", o.size, "bases of a site", counted(1));
  v("merge_overlap", o.merge_overlap, "bases by which neighbours overlap that become one", counted(1));
  v("point", o.point, "which base of a peak is the middle of its site");
  v("leave_out_y", o.leave_out_y, "leave out peaks on chromosome Y");
  v("leave_out_auxiliary", o.leave_out_auxiliary, "leave out peaks on other sequences than numbered chromosomes, X, Y, Z and W");
  v("known", o.known, "BED of sites that are there already, with the numbers of active samples in column 7");
  v("known_activity", o.known_activity, "activity table of these sites: its first line names their samples");
  v("forget_known", o.forget_known, "take the known sites without their samples");
}

namespace {

void require_consistent(const SiteMergeOptions& o) {
  if (o.known.empty() && (!o.known_activity.empty() || o.forget_known))
    throw ArgumentError("known_activity, forget_known: mean nothing without 'known', a BED file of sites");
  if (!o.known.empty() && o.known_activity.empty() && !o.forget_known)
    throw ArgumentError("known: column 7 holds numbers of samples; give 'known_activity', the table that names them, or 'forget_known'");
  if (o.forget_known && !o.known_activity.empty()) throw ArgumentError("known_activity: means nothing with 'forget_known'");
  if (o.merge_overlap > o.size)
    throw ArgumentError(format("merge_overlap: sites of {} bases cannot overlap by {}", o.size, o.merge_overlap));
}

std::vector<ChromSites> merge_groups(std::vector<PeakGroup>& groups, const SiteMergeOptions& o, SiteMergeResult& result) {
  std::vector<ChromSites> chroms;
  Progress progress("merging", result.peaks, "peaks");
  for (PeakGroup& g : groups) {
    std::vector<Peak> peaks = std::move(g.known);
    for (const Middle& m : g.middles) peaks.push_back(around(m.position, o.size, g.length, {m.sample}));
    g.middles = {};
    progress.advance(static_cast<std::int64_t>(peaks.size()));
    if (chroms.empty() || chroms.back().chrom != g.chrom) chroms.push_back({.chrom = g.chrom, .sites = {}});
    for (Peak& site : merge_peaks(std::move(peaks), o.size, o.merge_overlap, g.length)) {
      ++result.sites;
      result.silent += site.active.empty();
      for (const std::int32_t sample : site.active) ++result.samples[static_cast<std::size_t>(sample)].sites;
      chroms.back().sites.emplace_back(std::move(site), g.strand);
    }
  }
  for (ChromSites& c : chroms)
    std::stable_sort(c.sites.begin(), c.sites.end(), [](const auto& a, const auto& b) { return a.first.start < b.first.start; });
  return chroms;
}

}  // namespace

SiteMergeResult merge_sites(const SiteMergeOptions& o) {
  const auto begin = std::chrono::steady_clock::now();
  require_consistent(o);
  const std::vector<Sample> samples = read_samples(o.samples);
  std::vector<GivenPath> inputs = {{"samples", o.samples}, {"sizes", o.sizes}, {"known", o.known}, {"known_activity", o.known_activity}};
  for (const Sample& s : samples) inputs.push_back({"samples", s.file});
  std::vector<GivenPath> outputs;
  for (const auto& file : site_files(o.out)) outputs.push_back({"out", file});
  require_apart(inputs, outputs);

  SiteMergeResult result;
  std::vector<std::string> names;
  if (!o.known_activity.empty()) names = read_activity_heading(o.known_activity);
  const auto known = static_cast<std::int32_t>(names.size());
  for (const Sample& s : samples) {
    if (std::find(names.begin(), names.end(), s.name) != names.end())
      throw DataError(format("{}: the sample '{}' is in {} already; call the new one otherwise", o.samples.string(), s.name,
                             o.known_activity.string()));
    names.push_back(s.name);
  }
  for (const std::string& name : names) result.samples.push_back({.name = name});
  std::optional<seq::ChromSizes> sizes;
  if (!o.sizes.empty()) sizes = io::read_chrom_sizes(o.sizes);

  PeakGroups groups(o, sizes, result);
  for (std::size_t i = 0; i < samples.size(); ++i) groups.add_sample(samples[i], known + static_cast<std::int32_t>(i));
  if (!o.known.empty()) groups.add_known(o.known, known);
  if (result.peaks == 0) throw DataError(format("{}: no peak of its samples is left", o.samples.string()));
  if (result.remarks > kRemarks)
    result.notes.push_back(format("{} remarks more of this kind, about names in other files", result.remarks - kRemarks));
  if (!sizes) result.notes.emplace_back("lengths of chromosomes are not known (sizes): sites at their ends may reach over them");
  result.files = write_sites(o.out, merge_groups(groups.groups(), o, result), names);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace basewise::prepare
