#include "basewise/data/detail/site_sets.h"

#include <utility>

#include "basewise/core/error.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/left_out.h"

namespace basewise::data::detail {

namespace {

using Stretches = std::vector<seq::Interval>;

Stretches& stretches_of(corpus::RegionSplit& regions, std::size_t set) {
  return set == 0 ? regions.train : set == 1 ? regions.validation : regions.test;
}

std::vector<std::int64_t>& numbers_of(corpus::IndexSplit& split, std::size_t set) {
  return set == 0 ? split.train : set == 1 ? split.validation : split.test;
}

Stretches widened_by(const Stretches& windows, std::int64_t by) {
  Stretches wide;
  for (const seq::Interval& window : windows)
    wide.push_back({window.chrom, window.start - by, window.end + by, seq::Strand::none});
  return wide;
}

std::optional<corpus::SiteTable> read_own(const corpus::SiteOptions& options, const FileList& files, const std::string& name,
                                          const std::vector<std::string>& tasks, DataSplits& splits) {
  if (files.empty()) return std::nullopt;
  add_inputs(splits, files);
  corpus::SiteOptions of_set = options;
  of_set.file = files;
  corpus::SiteTable table = corpus::read_sites(of_set, splits.genome->sizes(), tasks);
  splits.notes.push_back(format("{}: {}", name, table.summary()));
  if (table.tasks.size() > tasks.size())
    throw DataError(format("{}: '{}' is no label of the training sites, whose labels are {}", name, table.tasks[tasks.size()],
                           fmt::join(tasks, ", ")));
  return table;
}

}  // namespace

bool has_own_files(const corpus::SiteOptions& o) { return !o.validation_file.empty() || !o.test_file.empty(); }

SiteSets read_site_sets(const corpus::SiteOptions& options, const std::string& name, DataSplits& splits) {
  add_inputs(splits, options.file);
  SiteSets sites{.rest = corpus::read_sites(options, splits.genome->sizes())};
  splits.notes.push_back(format("{}: {}", name, sites.rest.summary()));
  const std::vector<std::string>& tasks = sites.rest.tasks;
  sites.own[1] = read_own(options, options.validation_file, name + " of validation", tasks, splits);
  sites.own[2] = read_own(options, options.test_file, name + " of test", tasks, splits);
  return sites;
}

void check_own_sets(const SiteSets& sites, const DataSplits& splits) {
  for (std::size_t set = 1; set < 3; ++set)
    if (sites.has(set) && !splits.regions[set].empty())
      throw ArgumentError(
          format("split: genome.sites.{0}_file gives the {0} set, and [data.split] has stretches for it; leave one of them out",
                 corpus::kSetNames[set]));
}

void add_stretches(DataSplits& splits, std::size_t set, const Stretches& windows, std::int64_t separation) {
  const Stretches wide = widened_by(windows, separation);
  for (std::size_t other = 0; other < 3; ++other)
    if (Stretches& stretches = stretches_of(splits.regions, other); other != set) stretches = seq::subtract(stretches, wide);
  Stretches& own = stretches_of(splits.regions, set);
  own.insert(own.end(), windows.begin(), windows.end());
  own = seq::merge(std::move(own));
}

std::vector<std::int64_t> claim(DataSplits& splits, std::size_t set, const Stretches& windows, std::int64_t separation,
                                const std::string& what) {
  const seq::ChromSizes& sizes = splits.genome->sizes();
  const std::size_t other = set == 1 ? 2 : 1;
  const seq::IntervalSet taken(widened_by(splits.regions[other], separation));
  Stretches kept;
  corpus::IndexSplit split;
  std::vector<std::int64_t>& numbers = numbers_of(split, set);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const seq::Interval& window = windows[i];
    const bool inside = window.start >= 0 && window.end <= sizes[sizes.index(window.chrom, what)].length;
    if (!inside || taken.overlaps(window)) {
      ++split.left_out;
      continue;
    }
    numbers.push_back(static_cast<std::int64_t>(i));
    kept.push_back(window);
  }
  add_stretches(splits, set, kept, separation);
  note_unplaced(splits, windows, split, what);
  return numbers;
}

corpus::IndexSplit split_rest(DataSplits& splits, const SiteSets& sites, const Stretches& windows, const std::string& what) {
  corpus::IndexSplit split = corpus::split_intervals(windows, splits.regions);
  note_unplaced(splits, windows, split, what);
  std::int64_t taken = 0;
  for (std::size_t set = 1; set < 3; ++set) {
    if (!sites.has(set)) continue;
    std::vector<std::int64_t>& numbers = numbers_of(split, set);
    taken += std::ssize(numbers);
    numbers.clear();
  }
  note_left_out(splits, taken, "they lie in windows of a set that has files of its own", what);
  split.left_out += taken;
  return split;
}

}  // namespace basewise::data::detail
