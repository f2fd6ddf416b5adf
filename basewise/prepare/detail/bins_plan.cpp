#include "basewise/prepare/detail/bins_plan.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "basewise/core/error.h"
#include "basewise/io/bed.h"

namespace basewise::prepare::detail {
namespace {

std::vector<seq::Interval> peaks_of(const TargetsTable& targets, const seq::ChromSizes& sizes, std::vector<std::string>& notes) {
  std::vector<seq::Interval> peaks;
  for (std::size_t i = 0; i < targets.targets.size(); ++i) {
    const BinTarget& target = targets.targets[i];
    if (coverage_format(target.file) != SourceFormat::bed)
      throw ArgumentError(
          format("{}: {} is no BED file, but peaks = true takes windows from peaks", targets.place(i), target.file.string()));
    const auto more = read_regions(target.file, sizes, target.identifier, notes);
    peaks.insert(peaks.end(), more.begin(), more.end());
  }
  return peaks;
}

/// By chromosome: a target whose track lacks it.
std::map<std::size_t, std::size_t> lacking_chromosomes(const TargetsTable& targets, const seq::ChromSizes& sizes) {
  std::map<std::size_t, std::size_t> lacking;
  for (std::size_t i = 0; i < targets.targets.size(); ++i) {
    const auto& file = targets.targets[i].file;
    const bool values_only = with_context(targets.place(i), [&] { return names_values_only(file); });
    if (values_only) continue;
    const auto source = with_context(targets.place(i), [&] { return open_coverage(file, sizes); });
    for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom)
      if (!source->has(chrom)) lacking.emplace(chrom, i);
  }
  return lacking;
}

/// Chromosomes where no window may lie because a track lacks them.
class Absent {
 public:
  Absent(const BinsOptions& o, const TargetsTable& targets, const seq::ChromSizes& sizes) : o_(o), targets_(targets), sizes_(sizes) {
    if (o.absent != AbsentChromosomes::zero) lacking_ = lacking_chromosomes(targets, sizes);
  }

  /// Errors: DataError where `absent` makes it one.
  void apply(std::vector<Contig>& contigs) {
    std::erase_if(contigs, [&](const Contig& contig) {
      const auto found = lacking_.find(contig.chrom);
      if (found == lacking_.end()) return false;
      if (o_.absent == AbsentChromosomes::error) refuse(contig.chrom, found->second);
      left_out_.insert(contig.chrom);
      return true;
    });
  }

  void note(std::vector<std::string>& notes) const {
    if (!left_out_.empty()) notes.push_back(format("{} chromosomes are left out because a track does not have them", left_out_.size()));
  }

 private:
  [[noreturn]] void refuse(std::size_t chrom, std::size_t target) const {
    throw DataError(
        format("{}: {} has no chromosome {}, where windows lie; limit says where they may lie, absent = leave_out passes over "
               "such chromosomes and absent = zero makes their bins 0",
               targets_.place(target), targets_.targets[target].file.string(), sizes_[chrom].name));
  }

  const BinsOptions& o_;
  const TargetsTable& targets_;
  const seq::ChromSizes& sizes_;
  std::map<std::size_t, std::size_t> lacking_ = {};
  std::set<std::size_t> left_out_ = {};
};

std::vector<Contig> contigs_for(const BinsOptions& o, const TargetsTable& targets, const seq::ChromSizes& sizes, Absent& absent,
                                std::vector<std::string>& notes) {
  std::vector<Contig> contigs = contigs_without_gaps(sizes, read_regions(o.gaps, sizes, "gaps", notes));
  if (!o.limit.empty()) contigs = limited_to(contigs, read_regions(o.limit, sizes, "limit", notes), sizes);
  if (o.peaks) contigs = limited_to(contigs, peak_regions(peaks_of(targets, sizes, notes), o.width, o.crop), sizes);
  const std::int64_t least = o.length - 2 * o.crop;
  const auto short_ones = static_cast<std::int64_t>(std::erase_if(contigs, [&](const Contig& c) { return c.length() < least; }));
  if (short_ones > 0) notes.push_back(format("{} contigs are shorter than the {} bases of a window", short_ones, least));
  absent.apply(contigs);
  if (contigs.empty())
    throw DataError(format("no contig of {} holds {} bases; look at gaps, limit, peaks and absent, or take a shorter length",
                           o.genome.string(), least));
  if (o.longest_contig > 0 && o.split == BinsSplit::contigs) contigs = broken(contigs, o.longest_contig, {sizes}, o.faults);
  return contigs;
}

ContigSets split(const BinsOptions& o, const std::vector<Contig>& contigs, const seq::ChromSizes& sizes) {
  ContigSets sets;
  NumpyRandom random(static_cast<std::uint32_t>(o.seed));
  if (!o.validation_chromosomes.empty() || !o.test_chromosomes.empty())
    sets = split_by_chromosomes(contigs, sizes, o.validation_chromosomes, o.test_chromosomes);
  else if (o.folds > 0)
    sets = split_to_folds(alone(contigs), {sizes}, o.folds, random);
  else
    sets = split_by_fraction(alone(contigs), {sizes}, fraction_options(o), random);
  for (auto& set : sets.contigs) set = rejoined(set);
  return sets;
}

/// Contigs and their sets from a file.
/// Errors: DataError for one without set, or that shares bases with one of another set.
ContigSets sets_of_file(const BinsOptions& o, const seq::ChromSizes& sizes, std::vector<std::string>& notes) {
  const io::BedResult bed = with_context("contigs", [&] { return io::read_bed(o.contigs, sizes); });
  for (const std::string& remark : bed.report.remarks) notes.push_back(format("contigs: {}", remark));
  ContigSets sets{.names = three_sets().names, .contigs = {}};
  const auto is_known = [&](const io::BedRecord& r) { return std::find(sets.names.begin(), sets.names.end(), r.name) != sets.names.end(); };
  if (!std::all_of(bed.records.begin(), bed.records.end(), is_known)) sets.names.clear();
  std::vector<std::pair<Contig, std::size_t>> all;
  for (const io::BedRecord& r : bed.records) {
    if (r.name.empty()) throw_data_error({o.contigs.string(), r.line, 4}, "a contig needs the name of its set in column 4");
    if (!is_known(r)) sets.names.push_back(r.name);
    const auto set = static_cast<std::size_t>(std::find(sets.names.begin(), sets.names.end(), r.name) - sets.names.begin());
    sets.contigs.resize(sets.names.size());
    const Contig contig{0, *sizes.find(r.interval.chrom), r.interval.start, r.interval.end};
    sets.contigs[set].push_back(contig);
    all.emplace_back(contig, set);
  }
  std::sort(all.begin(), all.end());
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].second != all[i - 1].second && overlap(all[i].first, all[i - 1].first) > 0)
      throw DataError(format("{}: contigs of {} and {} share bases of {} from {} on; sets must be apart", o.contigs.string(),
                             sets.names[all[i - 1].second], sets.names[all[i].second], sizes[all[i].first.chrom].name, all[i].first.start));
  return sets;
}

/// Marks bins and drops windows.
void mark_unmappable(BinsPlan& plan, const BinsOptions& o, const seq::ChromSizes& sizes) {
  std::map<std::string, std::vector<seq::Interval>> of_chromosome;
  for (seq::Interval& stretch : seq::merge(read_regions(o.unmappable, sizes, "unmappable", plan.notes)))
    of_chromosome[stretch.chrom].push_back(std::move(stretch));
  std::vector<ModelWindow> kept;
  for (const ModelWindow& window : plan.windows) {
    const auto& stretches = of_chromosome[sizes[window.place.chrom].name];
    const auto first = std::partition_point(stretches.begin(), stretches.end(), [&](const auto& s) { return s.end <= window.place.start; });
    const auto behind = std::partition_point(first, stretches.end(), [&](const auto& s) { return s.start < window.place.end; });
    const auto bins = unmappable_bins(window.place.start, window.place.end, o.width, {first, behind});
    const auto count = std::accumulate(bins.begin(), bins.end(), std::int64_t{0});
    if (static_cast<double>(count) >= o.unmappable_most * static_cast<double>(bins.size())) {
      ++plan.dropped[window.set];
      continue;
    }
    kept.push_back(window);
    plan.unmapped.insert(plan.unmapped.end(), bins.begin(), bins.end());
  }
  plan.windows = std::move(kept);
}

void check_sets(const BinsPlan& plan) {
  if (plan.windows.empty()) throw DataError("no window is left; take a shorter length, other strides or a higher unmappable_most");
  const auto [first, behind] = plan.range(0);
  if (first == behind && plan.sets.names[0] == kTrainSet)
    throw DataError("no window is left to train; take smaller fractions, or name fewer chromosomes for validation and test");
}

}  // namespace

std::pair<std::int64_t, std::int64_t> BinsPlan::range(std::size_t set) const {
  const auto first = std::partition_point(windows.begin(), windows.end(), [&](const ModelWindow& w) { return w.set < set; });
  const auto behind = std::partition_point(first, windows.end(), [&](const ModelWindow& w) { return w.set == set; });
  return {first - windows.begin(), behind - windows.begin()};
}

std::vector<seq::Interval> read_regions(const std::filesystem::path& file, const seq::ChromSizes& sizes, std::string_view option,
                                        std::vector<std::string>& notes) {
  if (file.empty()) return {};
  const io::BedResult bed = with_context(std::string(option), [&] { return io::read_bed(file, sizes); });
  for (const std::string& remark : bed.report.remarks) notes.push_back(format("{}: {}", option, remark));
  return io::intervals(bed.records);
}

BinsPlan plan_bins(const BinsOptions& o, const TargetsTable& targets, const seq::ChromSizes& sizes) {
  BinsPlan plan;
  Absent absent(o, targets, sizes);
  std::vector<Contig> contigs;
  if (o.contigs.empty()) contigs = contigs_for(o, targets, sizes, absent, plan.notes);
  if (!o.contigs.empty()) {
    plan.sets = sets_of_file(o, sizes, plan.notes);
    for (auto& set : plan.sets.contigs) absent.apply(set);
    plan.windows = model_windows(plan.sets, window_options(o));
  } else if (o.split == BinsSplit::windows) {
    plan.sets = three_sets();
    plan.windows = windows_split_by_chance(contigs, window_options(o), fraction_options(o));
  } else {
    plan.sets = split(o, contigs, sizes);
    plan.windows = model_windows(plan.sets, window_options(o));
  }
  absent.note(plan.notes);
  plan.dropped.assign(plan.sets.names.size(), 0);
  if (!o.unmappable.empty()) mark_unmappable(plan, o, sizes);
  check_sets(plan);
  for (std::size_t set = 0; set < plan.sets.names.size(); ++set)
    if (const auto [first, behind] = plan.range(set); first == behind)
      plan.notes.push_back(format("set {} has no window", plan.sets.names[set]));
  return plan;
}

std::string contigs_text(const BinsPlan& plan, const seq::ChromSizes& sizes) {
  std::string text;
  for (std::size_t set = 0; set < plan.sets.names.size(); ++set)
    for (const Contig& c : plan.sets.contigs[set])
      text += format("{}\t{}\t{}\t{}\n", sizes[c.chrom].name, c.start, c.end, plan.sets.names[set]);
  return text;
}

std::string sequences_text(const BinsPlan& plan, const seq::ChromSizes& sizes) {
  std::string text;
  for (const ModelWindow& w : plan.windows)
    text += format("{}\t{}\t{}\t{}\n", sizes[w.place.chrom].name, w.place.start, w.place.end, plan.sets.names[w.set]);
  return text;
}

}  // namespace basewise::prepare::detail
