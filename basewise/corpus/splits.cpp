#include "basewise/corpus/splits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/core/json.h"
#include "basewise/core/numpy_random.h"
#include "basewise/core/random.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/detail/unwrap.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::corpus {

namespace {

using Intervals = std::vector<seq::Interval>;

constexpr std::string_view kAsker = "the split";

// Chromosome names and bounds in the words of the options, checked and unwrapped.
Intervals from_ranges(const std::vector<RangeOptions>& ranges, std::string_view set, const seq::ChromSizes& sizes) {
  Intervals all;
  for (const RangeOptions& range : ranges) {
    const seq::Chrom& chrom = sizes.resolve(range.chromosome, kAsker);
    const std::int64_t end = range.end < 0 ? chrom.length : range.end;
    const std::int64_t limit = chrom.circular ? range.start + chrom.length : chrom.length;
    if (range.start < 0 || range.start >= chrom.length || end <= range.start || end > limit)
      throw ArgumentError(
          format("split: the {} range [{}, {}) of {} does not fit into a {} chromosome of {} bases (0-based, the end is not included)", set,
                 range.start, end, chrom.name, chrom.circular ? "circular" : "linear", chrom.length));
    const Intervals parts = detail::unwrap({chrom.name, range.start, end, seq::Strand::none}, sizes);
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return seq::merge(std::move(all));
}

Intervals from_names(const std::vector<std::string>& names, const seq::ChromSizes& sizes) {
  Intervals all;
  for (const std::string& name : names) {
    const seq::Chrom& chrom = sizes.resolve(name, kAsker);
    all.push_back({chrom.name, 0, chrom.length, seq::Strand::none});
  }
  return seq::merge(std::move(all));
}

void fill_rest(RegionSplit& split, const seq::ChromSizes& sizes) {
  Intervals taken = split.validation;
  taken.insert(taken.end(), split.test.begin(), split.test.end());
  split.train = seq::merge(seq::subtract(sizes.intervals(), taken));
}

std::vector<std::string> fold_names(const nlohmann::ordered_json& json, const std::filesystem::path& file, const char* key) {
  if (!json.contains(key) || !json[key].is_array())
    throw DataError(format("{}: a fold file needs the lists \"train\", \"valid\" and \"test\" of chromosome names; \"{}\" is {}",
                           file.string(), key, json.contains(key) ? "no list" : "missing"));
  std::vector<std::string> names;
  for (const nlohmann::ordered_json& item : json[key]) {
    if (!item.is_string())
      throw DataError(format("{}: the list \"{}\" holds {}, which is no chromosome name", file.string(), key, json_text(item)));
    names.push_back(item.get<std::string>());
  }
  return names;
}

RegionSplit by_chromosome(const std::vector<std::string>& train, const std::vector<std::string>& validation,
                          const std::vector<std::string>& test, const seq::ChromSizes& sizes) {
  RegionSplit split{from_names(train, sizes), from_names(validation, sizes), from_names(test, sizes)};
  if (train.empty()) fill_rest(split, sizes);
  return split;
}

// The sets of a fold file, which may name chromosomes that are not used.
RegionSplit by_fold(const Fold& fold, const std::string& file, const seq::ChromSizes& sizes) {
  std::vector<std::string> names;
  for (const auto* list : {&fold.train, &fold.validation, &fold.test}) names.insert(names.end(), list->begin(), list->end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const seq::NameMatch match = seq::match_names(sizes, names, file);
  const auto used = [&](const std::vector<std::string>& list) {
    std::vector<std::string> kept;
    for (const std::string& name : list) {
      const auto at = std::lower_bound(names.begin(), names.end(), name) - names.begin();
      if (const auto& place = match.places[static_cast<std::size_t>(at)]) kept.push_back(sizes[*place].name);
    }
    return kept;
  };
  const std::vector<std::string> train = used(fold.train);
  if (train.empty() && !fold.train.empty())
    throw DataError("nothing is left to train on: " + sizes.missing_text(fold.train, file));
  RegionSplit split = by_chromosome(train, used(fold.validation), used(fold.test), sizes);
  if (!match.translated.empty()) split.notes.push_back(format("split: of {} {}", file, match.translated));
  if (!match.left_out.empty())
    split.notes.push_back(
        format("split: {} of {} chromosomes of {} are not used: {}", match.unmatched.size(), names.size(), file, match.left_out));
  return split;
}

Intervals widened(const Intervals& intervals, const seq::ChromSizes& sizes, std::int64_t context) {
  Intervals all;
  for (const seq::Interval& interval : intervals) {
    const Intervals parts = detail::unwrap({interval.chrom, interval.start - context, interval.end + context, interval.strand}, sizes);
    all.insert(all.end(), parts.begin(), parts.end());
  }
  return seq::merge(std::move(all));
}

}  // namespace

void describe(Visitor& v, RangeOptions& o) {
  v("chromosome", o.chromosome, "name of the chromosome", required());
  v("start", o.start, "first base, counted from 0", between(0, 1e12));
  v("end", o.end, "base behind the last one; -1: the end of the chromosome; past the length where it is circular", between(-1, 1e12));
}

void describe(Visitor& v, SplitOptions& o) {
  v("by", o.by, "how examples are told apart");
  v("validation_fraction", o.validation_fraction, "by fraction or group: share of the examples; a set of a file of its own takes none",
    fraction());
  v("test_fraction", o.test_fraction, "by fraction or group: share of the examples; a set of a file of its own takes none", fraction());
  v.when("by", o.by, {SplitBy::chromosome}, [&] {
    v("validation_chromosomes", o.validation_chromosomes, "by chromosome: names");
    v("test_chromosomes", o.test_chromosomes, "by chromosome: names");
    v("train_chromosomes", o.train_chromosomes, "by chromosome: names; empty: all others");
  });
  v.when("by", o.by, {SplitBy::ranges}, [&] {
    v.list("validation_ranges", o.validation_ranges, "by ranges");
    v.list("test_ranges", o.test_ranges, "by ranges");
    v.list("train_ranges", o.train_ranges, "by ranges; empty: the rest");
  });
  v.when("by", o.by, {SplitBy::folds}, [&] {
    v("folds", o.folds, "by folds: JSON file with the lists train, valid, test of chromosomes (as for ChromBPNet)");
  });
  v("separation", o.separation, "of a genome: refuse sets that lie fewer than so many bases apart (context that models read)",
    counted(0));
  v.when("by", o.by, {SplitBy::column},
         [&] { v("column", o.column, "by column: table column that holds train, validation or test"); });
  v.when("by", o.by, {SplitBy::group}, [&] {
    v("group", o.group, "by group: table column; rows of the same word stay together");
    v("group_pattern", o.group_pattern,
      "by group, in place of a column: regular expression on names; its first parentheses, or all that it matches, is the group");
    v("validation_groups", o.validation_groups, "by group, in place of a fraction: groups");
    v("test_groups", o.test_groups, "by group, in place of a fraction: groups");
  });
  v.when("by", o.by, {SplitBy::contiguous}, [&] {
    v("start", o.start, "contiguous: first base of the test set, counted from 0; validation comes behind it; -1: drawn", counted(-1));
    v("start_seed", o.start_seed, "contiguous: seed of that draw, as numpy.random.RandomState draws", between(0, 4294967295.0));
  });
}

const std::vector<seq::Interval>& RegionSplit::operator[](std::size_t set) const { return set == 0 ? train : set == 1 ? validation : test; }

const std::vector<std::int64_t>& IndexSplit::operator[](std::size_t set) const { return set == 0 ? train : set == 1 ? validation : test; }

std::string RegionSplit::summary() const {
  return format("train {} bases, validation {}, test {}", seq::total_length(train), seq::total_length(validation), seq::total_length(test));
}

std::string IndexSplit::summary() const {
  return format("train {}, validation {}, test {}{}", train.size(), validation.size(), test.size(),
                left_out > 0 ? format(", left out {}", left_out) : "");
}

namespace {

RegionSplit split_contiguous(const SplitOptions& o, const seq::ChromSizes& sizes) {
  if (sizes.size() != 1)
    throw ArgumentError(format("split: by = \"contiguous\" needs a genome of one sequence; {} has {}", sizes.source(), sizes.size()));
  const seq::Chrom& chrom = sizes[0];
  const std::int64_t n = chrom.length;
  if (n < 1 || n > std::numeric_limits<std::int32_t>::max() || o.start >= n)
    throw ArgumentError(format("split: contiguous stretches from base {} of {}, which has {} bases", o.start, chrom.name, n));
  const auto share = [n](double fraction) { return static_cast<std::int64_t>(std::floor(fraction * static_cast<double>(n))); };
  const std::int64_t test = share(o.test_fraction), validation = share(o.validation_fraction);
  if (test < 1 || validation < 1 || test + validation >= n)
    throw ArgumentError(format("split: fractions of {} and {} of {} bases leave a set without any", o.test_fraction,
                               o.validation_fraction, n));
  NumpyRandom draw(static_cast<std::uint32_t>(o.start_seed));
  const std::int64_t a = o.start >= 0 ? o.start : draw.below(static_cast<std::uint32_t>(n));
  const auto stretch = [&](std::int64_t from, std::int64_t length) {
    const std::int64_t start = from % n, end = std::min(start + length, n);
    Intervals parts{seq::Interval{chrom.name, start, end, seq::Strand::none}};
    if (start + length > n) parts.insert(parts.begin(), seq::Interval{chrom.name, 0, start + length - n, seq::Strand::none});
    return parts;
  };
  RegionSplit split{.train = {}, .validation = stretch(a + test, validation), .test = stretch(a, test)};
  fill_rest(split, sizes);
  return split;
}

RegionSplit regions_of(const SplitOptions& o, const seq::ChromSizes& sizes) {
  switch (o.by) {
    case SplitBy::chromosome:
      return by_chromosome(o.train_chromosomes, o.validation_chromosomes, o.test_chromosomes, sizes);
    case SplitBy::contiguous:
      return split_contiguous(o, sizes);
    case SplitBy::folds:
      return by_fold(read_fold(o.folds), o.folds.string(), sizes);
    case SplitBy::ranges: {
      RegionSplit split{from_ranges(o.train_ranges, "train", sizes),
                        from_ranges(o.validation_ranges, "validation", sizes), from_ranges(o.test_ranges, "test", sizes)};
      if (o.train_ranges.empty()) fill_rest(split, sizes);
      return split;
    }
    case SplitBy::fraction:
    case SplitBy::column:
    case SplitBy::group:
      break;
  }
  throw ArgumentError(format("split: a genome is split by chromosome, ranges or folds, not by {}", o.by));
}

}  // namespace

RegionSplit split_genome(const SplitOptions& o, const seq::ChromSizes& sizes) {
  SplitOptions checked = o;
  check(described(checked), "split");
  const RegionSplit split = regions_of(o, sizes);
  check_disjoint(split, sizes, o.separation);
  return split;
}

IndexSplit split_fraction(const SplitOptions& o, std::int64_t n, std::uint64_t seed) {
  if (o.validation_fraction < 0 || o.test_fraction < 0 || o.validation_fraction + o.test_fraction > 1)
    throw ArgumentError(format("split: validation_fraction {} and test_fraction {} must be 0 or more and not exceed 1 together",
                               o.validation_fraction, o.test_fraction));
  const std::vector<std::int64_t> order = Stream(seed, 0x53706c6974).permutation(n);
  const auto share = [n](double part) { return static_cast<std::ptrdiff_t>(std::floor(static_cast<double>(n) * part + 1e-9)); };
  const auto test_end = order.begin() + share(o.test_fraction);
  const auto validation_end = std::min(test_end + share(o.validation_fraction), order.end());
  IndexSplit split{{validation_end, order.end()}, {test_end, validation_end}, {order.begin(), test_end}, 0};
  for (auto* set : {&split.train, &split.validation, &split.test}) std::sort(set->begin(), set->end());
  return split;
}

IndexSplit split_by_words(const std::vector<std::string>& words, std::string_view column) {
  static const std::map<std::string, int, std::less<>> kWords = {{"train", 0}, {"training", 0}, {"validation", 1}, {"valid", 1},
                                                                 {"val", 1},   {"dev", 1},      {"test", 2}};
  IndexSplit split;
  std::vector<std::int64_t>* sets[] = {&split.train, &split.validation, &split.test};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty()) {
      ++split.left_out;
      continue;
    }
    const auto at = kWords.find(words[i]);
    if (at == kWords.end())
      throw DataError(format("split: row {} has '{}' in column '{}'; expected train, validation (valid, val, dev), test or nothing", i + 1,
                             words[i], column));
    sets[at->second]->push_back(static_cast<std::int64_t>(i));
  }
  return split;
}

IndexSplit split_by_chromosome(const SplitOptions& o, const std::vector<std::string>& chromosomes) {
  seq::ChromSizes known({}, "the sequences");
  for (const std::string& name : chromosomes)
    if (!known.contains(name)) known.add({name, 0, false});
  constexpr std::size_t kNowhere = 3;
  std::vector<std::size_t> set_of(known.size(), kNowhere);
  const std::vector<std::string>* wanted[] = {&o.train_chromosomes, &o.validation_chromosomes, &o.test_chromosomes};
  for (std::size_t set = 0; set < 3; ++set)
    for (const std::string& name : *wanted[set]) {
      const auto found = known.find(name);
      if (!found)
        throw ArgumentError(format("split: no sequence lies on '{}', which is to be in {}; there are {}", name, kSetNames[set],
                                   some_of(known.names())));
      if (set_of[*found] != kNowhere && set_of[*found] != set)
        throw ArgumentError(format("split: the sets {} and {} both name chromosome {}", kSetNames[set_of[*found]], kSetNames[set], name));
      set_of[*found] = set;
    }
  IndexSplit split;
  std::vector<std::int64_t>* indices[] = {&split.train, &split.validation, &split.test};
  for (std::size_t i = 0; i < chromosomes.size(); ++i) {
    std::size_t set = set_of[*known.find(chromosomes[i])];
    if (set == kNowhere && o.train_chromosomes.empty()) set = 0;
    if (set == kNowhere)
      ++split.left_out;
    else
      indices[set]->push_back(static_cast<std::int64_t>(i));
  }
  return split;
}

IndexSplit split_intervals(const std::vector<seq::Interval>& intervals, const RegionSplit& regions) {
  const seq::IntervalSet sets[] = {seq::IntervalSet(regions.train), seq::IntervalSet(regions.validation), seq::IntervalSet(regions.test)};
  IndexSplit split;
  std::vector<std::int64_t>* indices[] = {&split.train, &split.validation, &split.test};
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    bool placed = false;
    for (std::size_t s = 0; s < 3 && !placed; ++s)
      if (intervals[i].length() > 0 && sets[s].covered(intervals[i]) == intervals[i].length()) {
        indices[s]->push_back(static_cast<std::int64_t>(i));
        placed = true;
      }
    split.left_out += !placed;
  }
  return split;
}

Fold read_fold(const std::filesystem::path& file) {
  const nlohmann::ordered_json json = read_json(file);
  if (!json.is_object())
    throw DataError(format("{}: a fold file holds an object with the lists \"train\", \"valid\" and \"test\"", file.string()));
  return {fold_names(json, file, "train"), fold_names(json, file, "valid"), fold_names(json, file, "test")};
}

void check_disjoint(const Intervals& a, std::string_view a_name, const Intervals& b, std::string_view b_name, const seq::ChromSizes& sizes,
                    std::int64_t context) {
  const Intervals wide_b = widened(b, sizes, context);
  const seq::IntervalSet set_b(wide_b);
  for (const seq::Interval& interval : widened(a, sizes, 0)) {
    const std::int64_t shared = set_b.covered(interval);
    if (shared == 0) continue;
    const auto other = std::find_if(wide_b.begin(), wide_b.end(), [&](const seq::Interval& x) { return x.overlaps(interval); });
    throw ArgumentError(format(
        "split: the sets {} and {} overlap: {} [{}, {}) of {} and [{}, {}) of {}{} share {} bases; what a model is tested on must not "
        "be in what it is trained on",
        a_name, b_name, interval.chrom, interval.start, interval.end, a_name, other->start, other->end, b_name,
        context > 0 ? format(" (widened by a context of {})", context) : "", shared));
  }
}

void check_disjoint(const RegionSplit& split, const seq::ChromSizes& sizes, std::int64_t context) {
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = a + 1; b < 3; ++b) check_disjoint(split[a], kSetNames[a], split[b], kSetNames[b], sizes, context);
}

}  // namespace basewise::corpus
