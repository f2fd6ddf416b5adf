#include "basewise/prepare/alignment.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/io/line_reader.h"

namespace basewise::prepare {
namespace {

constexpr std::string_view kNet = "net", kFill = "fill";

std::vector<std::string_view> words_in(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::int64_t number(std::string_view word, const io::LineReader& lines) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (status != std::errc() || end != word.data() + word.size() || value < 0)
    lines.fail(format("'{}' is no whole number of 0 or more", word));
  return value;
}

/// Lines of a net or of a table to regions.
class AlignmentReader {
 public:
  AlignmentReader(const std::filesystem::path& path, const std::vector<seq::ChromSizes>& genomes, std::int64_t least)
      : lines_(path), genomes_(genomes), least_(least) {}

  AlignmentResult read() {
    for (std::string_view line; lines_.next(line);)
      if (!line.empty() && line[0] != '#') take(line);
    if (result_.regions.empty())
      throw DataError(format("{}: no region of {} bases or more lies in both genomes ({} are shorter, {} on other sequences)",
                             lines_.name(), least_, result_.small, result_.unknown));
    return std::move(result_);
  }

 private:
  void take(std::string_view line) {
    const auto words = words_in(line);
    if (words.empty()) return;
    if (words[0] == kNet) {
      if (words.size() < 3) lines_.fail("a net names chromosome and size");
      chrom_ = words[1];
    } else if (chrom_) {
      // Fills inside of gaps of others stand deeper.
      if (words[0] != kFill || !line.starts_with(" fill")) return;
      if (words.size() < 7) lines_.fail("a fill has start, size, chromosome, strand, start and size");
      const std::int64_t first = number(words[1], lines_), second = number(words[5], lines_);
      add(*chrom_, first, first + number(words[2], lines_), words[3], second, second + number(words[6], lines_));
    } else {
      if (words.size() < 6) lines_.fail(format("there are {} columns; chromosome, start and end of both genomes are six", words.size()));
      add(words[0], number(words[1], lines_), number(words[2], lines_), words[3], number(words[4], lines_), number(words[5], lines_));
    }
  }

  void add(std::string_view chrom, std::int64_t start, std::int64_t end, std::string_view other, std::int64_t other_start,
           std::int64_t other_end) {
    const auto first = place(0, chrom, start, end), second = place(1, other, other_start, other_end);
    if (!first || !second)
      ++result_.unknown;
    else if (std::min(first->length(), second->length()) < least_)
      ++result_.small;
    else
      result_.regions.push_back({*first, *second});
  }

  std::optional<Contig> place(std::size_t genome, std::string_view chrom, std::int64_t start, std::int64_t end) {
    const auto found = genomes_[genome].find(chrom);
    if (!found) return std::nullopt;
    const std::int64_t length = genomes_[genome][*found].length;
    if (end < start || end > length)
      lines_.fail(
          format("{}:{}-{} does not lie in {}, where {} has {} bases", chrom, start, end, genomes_[genome].source(), chrom, length));
    return Contig{genome, *found, start, end};
  }

  io::LineReader lines_;
  const std::vector<seq::ChromSizes>& genomes_;
  std::int64_t least_;
  std::optional<std::string> chrom_ = {};
  AlignmentResult result_ = {};
};

/// Union of numbered things.
class Groups {
 public:
  explicit Groups(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parent_;
};

/// Calls `each(place)` for the contigs of `sorted` (disjoint) that overlap a region.
template <class Each>
void for_overlapping(const std::vector<Contig>& sorted, const Contig& region, const Each& each) {
  auto contig = std::partition_point(sorted.begin(), sorted.end(), [&](const Contig& c) {
    return std::tuple(c.genome, c.chrom, c.end) <= std::tuple(region.genome, region.chrom, region.start);
  });
  for (; contig != sorted.end() && overlap(*contig, region) > 0; ++contig) each(static_cast<std::size_t>(contig - sorted.begin()));
}

}  // namespace

AlignmentResult read_alignment(const std::filesystem::path& path, const std::vector<seq::ChromSizes>& genomes, std::int64_t least) {
  return AlignmentReader(path, genomes, least).read();
}

std::vector<std::vector<Contig>> connected(const std::vector<Contig>& contigs, const std::vector<AlignedRegion>& regions,
                                           const std::vector<seq::ChromSizes>& genomes, std::int64_t least) {
  std::vector<Contig> sorted = contigs;
  std::sort(sorted.begin(), sorted.end());
  Groups groups(sorted.size() + regions.size());
  for (std::size_t r = 0; r < regions.size(); ++r)
    for (const Contig& side : regions[r])
      for_overlapping(sorted, side, [&](std::size_t contig) {
        if (overlap(sorted[contig], side) > least) groups.join(contig, sorted.size() + r);
      });
  std::map<std::size_t, std::vector<Contig>> of_group;
  for (std::size_t i = 0; i < sorted.size(); ++i) of_group[groups.find(i)].push_back(sorted[i]);
  const auto earlier = [&](const Contig& a, const Contig& b) { return before(a, b, genomes); };
  std::vector<std::vector<Contig>> components;
  for (auto& [group, members] : of_group) {
    std::sort(members.begin(), members.end(), earlier);
    components.push_back(std::move(members));
  }
  std::sort(components.begin(), components.end(), [&](const auto& a, const auto& b) { return earlier(a.front(), b.front()); });
  return components;
}

}  // namespace basewise::prepare
