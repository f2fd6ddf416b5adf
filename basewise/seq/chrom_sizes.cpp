#include "basewise/seq/chrom_sizes.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "basewise/core/some_of.h"
#include "basewise/seq/detail/chrom_names.h"

namespace basewise::seq {
namespace {

std::string quoted_names(const std::vector<std::string>& names) { return some_of(names, "'", 5, "no chromosome at all"); }

}  // namespace

ChromSizes::ChromSizes(std::vector<Chrom> chroms, std::string source) : source_(std::move(source)) {
  for (Chrom& chrom : chroms) add(std::move(chrom));
}

void ChromSizes::add(Chrom chrom) {
  if (chrom.name.empty()) throw DataError(format("{}: chromosome {} has an empty name", source_, chroms_.size() + 1));
  if (chrom.length < 0) throw DataError(format("{}: chromosome '{}' has the negative length {}", source_, chrom.name, chrom.length));
  if (!index_.emplace(chrom.name, chroms_.size()).second) {
    throw DataError(format("{}: chromosome '{}' occurs twice", source_, chrom.name));
  }
  chroms_.push_back(std::move(chrom));
}

void ChromSizes::add_unused(std::string name) {
  if (!index_.contains(name)) unused_.insert(std::move(name));
}

std::int64_t ChromSizes::add_aliases(const AliasTable& table) {
  std::int64_t ignored = 0;
  for (const auto& group : table) {
    std::set<std::size_t> owners;
    for (const std::string& name : group) {
      if (const auto i = exact(name)) owners.insert(*i);
    }
    if (owners.empty()) {
      const bool unused = std::any_of(group.begin(), group.end(), [this](const std::string& name) { return unused_.contains(name); });
      if (unused) unused_.insert(group.begin(), group.end());
      ignored += unused ? 0 : 1;
      continue;
    }
    if (owners.size() > 1) {
      throw DataError(format("alias table: the group {} names the two chromosomes '{}' and '{}' of {}", quoted_names(group),
                             chroms_[*owners.begin()].name, chroms_[*owners.rbegin()].name, source_));
    }
    for (const std::string& name : group) {
      const auto [place, fresh] = aliases_.emplace(name, *owners.begin());
      if (!fresh && place->second != *owners.begin()) {
        throw DataError(
            format("alias table: '{}' stands for '{}' and for '{}'", name, chroms_[place->second].name, chroms_[*owners.begin()].name));
      }
    }
  }
  return ignored;
}

void ChromSizes::set_circular(std::string_view name, bool circular) {
  chroms_[index(name, "the list of circular sequences")].circular = circular;
}

std::vector<std::string> ChromSizes::names() const {
  std::vector<std::string> list;
  for (const Chrom& chrom : chroms_) list.push_back(chrom.name);
  return list;
}

std::int64_t ChromSizes::total_length() const {
  std::int64_t sum = 0;
  for (const Chrom& chrom : chroms_) sum += chrom.length;
  return sum;
}

std::optional<std::size_t> ChromSizes::exact(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

NameFound ChromSizes::by_spelling(std::string_view name) const {
  NameFound found;
  const auto exists = [this](std::string_view s) { return index_.contains(s) || unused_.contains(s); };
  for (const std::string& spelling : detail::spellings(name, exists)) {
    const auto place = exact(spelling);
    if (!place && !unused_.contains(spelling)) continue;
    const NameFound next{place ? NameRule::spelling : NameRule::unused, place};
    if (found.rule != NameRule::none && (found.rule != next.rule || found.place != next.place)) return {};
    found = next;
  }
  return found;
}

NameFound ChromSizes::look_up(std::string_view name) const {
  if (const auto found = exact(name)) return {NameRule::exact, found};
  if (unused_.contains(name)) return {NameRule::unused};
  if (const auto alias = aliases_.find(name); alias != aliases_.end()) return {NameRule::table, alias->second};
  return name.empty() ? NameFound{} : by_spelling(name);
}

std::string ChromSizes::missing_text(const std::vector<std::string>& missing, std::string_view asked_by) const {
  std::vector<std::string> others;
  std::copy_if(missing.begin(), missing.end(), std::back_inserter(others),
               [this](const std::string& name) { return look_up(name).rule != NameRule::unused; });
  if (others.empty())
    return format("{} uses {}, which {} holds but which was not asked for: name it among the chromosomes, or leave it out", asked_by,
                  quoted_names(missing), source_);
  std::string text = format("{} uses {}, {} has {}; known aliases were tried (chr prefix, Roman and Arabic numbers, mitochondrion{})",
                            asked_by, quoted_names(others), source_, quoted_names(names()),
                            aliases_.empty() ? "" : format(", a table of {} names", aliases_.size()));
  for (const std::string& name : others) {
    const std::string_view stem = detail::accession_without_version(name);
    if (stem.empty()) continue;
    for (const Chrom& chrom : chroms_) {
      if (detail::accession_without_version(chrom.name) == stem) {
        return text + format("; '{}' is another version of '{}': positions differ between versions, convert them first", name, chrom.name);
      }
    }
  }
  return text + "; give a table of aliases (genome.aliases of a recipe, --aliases) or files of the same assembly";
}

std::size_t ChromSizes::index(std::string_view name, std::string_view asked_by) const {
  if (const auto found = find(name)) return *found;
  throw DataError(missing_text({std::string(name)}, asked_by));
}

void ChromSizes::rename(std::vector<Interval>& intervals, std::string_view asked_by) const {
  std::map<std::string, std::optional<std::size_t>, std::less<>> known;
  std::vector<std::string> missing;
  for (Interval& interval : intervals) {
    auto place = known.find(interval.chrom);
    if (place == known.end()) {
      place = known.emplace(interval.chrom, find(interval.chrom)).first;
      if (!place->second) missing.push_back(interval.chrom);
    }
    if (place->second) interval.chrom = chroms_[*place->second].name;
  }
  if (!missing.empty()) throw DataError(missing_text(missing, asked_by));
}

bool ChromSizes::fits(const Interval& interval) const {
  const auto found = find(interval.chrom);
  if (!found || interval.start < 0 || interval.end < interval.start) return false;
  const Chrom& chrom = chroms_[*found];
  if (interval.end <= chrom.length) return true;
  return chrom.circular && interval.start < chrom.length && interval.length() <= chrom.length;
}

void ChromSizes::check(const Interval& interval, std::string_view asked_by) const {
  const Chrom& chrom = resolve(interval.chrom, asked_by);
  if (fits(interval)) return;
  throw DataError(format("{}: interval {} [{}, {}) (0-based) does not lie inside '{}', which has {} bases{} in {}", asked_by,
                         interval.chrom, interval.start, interval.end, chrom.name, chrom.length, chrom.circular ? " and is circular" : "",
                         source_));
}

std::vector<Interval> ChromSizes::intervals() const {
  std::vector<Interval> list;
  for (const Chrom& chrom : chroms_) list.push_back(Interval{chrom.name, 0, chrom.length, Strand::none});
  return list;
}

}  // namespace basewise::seq
