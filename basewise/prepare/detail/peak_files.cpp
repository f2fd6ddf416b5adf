#include "basewise/prepare/detail/peak_files.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/bed.h"
#include "basewise/io/line_reader.h"
#include "basewise/io/tsv.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::string_view kNone = ".";  // in column 7: no sample is active

std::vector<std::string> words_of_line(std::string_view line) {
  const char* separators = line.find('\t') != std::string_view::npos ? "\t\r" : " \r";
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find_first_of(separators), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

/// "0,3,7", "." or nothing.
std::vector<std::int32_t> active_of(std::string_view text, std::int32_t samples, const FilePosition& where) {
  std::vector<std::int32_t> active;
  if (text == kNone) return active;
  for (const char* at = text.data(); at < text.data() + text.size();) {
    std::int32_t number = -1;
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || number >= samples || (end < text.data() + text.size() && *end != ','))
      throw_data_error(where, format("column 7 is '{}'; expected numbers of samples, 0 to {}, with commas between them, or a point", text,
                                     samples - 1));
    active.push_back(number);
    at = end + 1;
  }
  std::sort(active.begin(), active.end());
  active.erase(std::unique(active.begin(), active.end()), active.end());
  return active;
}

std::string joined(const std::vector<std::int32_t>& active) {
  return active.empty() ? std::string(kNone) : format("{}", fmt::join(active, ","));
}

bool is_roman(std::string_view name) { return seq::roman_to_number(name).has_value(); }

bool is_y(std::string_view name) {
  if (name.starts_with("chr")) name.remove_prefix(3);
  return name.size() == 1 && (name[0] == 'Y' || name[0] == 'y');
}

}  // namespace

std::vector<Sample> read_samples(const std::filesystem::path& path) {
  std::vector<Sample> samples;
  std::set<std::string> names;
  io::LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    const std::vector<std::string> words = words_of_line(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (words.size() != 2) lines.fail(format("{} columns; expected two, the name of a sample and its file of peaks", words.size()));
    if (!names.insert(words[0]).second) lines.fail(format("the sample '{}' is there twice", words[0]));
    const std::filesystem::path file(words[1]);
    samples.push_back({words[0], file.is_absolute() ? file : path.parent_path() / file});
  }
  if (samples.empty()) throw DataError(format("{}: names no sample; expected a line 'name<tab>file of peaks' for each", path.string()));
  return samples;
}

std::vector<std::string> read_activity_heading(const std::filesystem::path& path) {
  io::LineReader lines(path);
  std::string_view line;
  std::vector<std::string> names;
  if (lines.next(line)) names = words_of_line(line);
  if (names.empty()) throw DataError(format("{}: its first line names no sample; expected an activity table", path.string()));
  return names;
}

bool is_main_chromosome(std::string_view name) {
  if (name.starts_with("chr")) name.remove_prefix(3);
  if (name.empty()) return false;
  if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) return true;
  return is_roman(name) || (name.size() == 1 && std::string_view("XYZW").find(name[0]) != std::string_view::npos);
}

PeakGroup* PeakGroups::group(const seq::Interval& interval) {
  if (options_.leave_out_y && is_y(interval.chrom)) return ++result_.left_out["on chromosome Y"], nullptr;
  if (options_.leave_out_auxiliary && !is_main_chromosome(interval.chrom)) return ++result_.left_out["on an auxiliary sequence"], nullptr;
  std::optional<std::int64_t> length;
  if (sizes_) length = sizes_->resolve(interval.chrom, "the peaks").length;
  if (length && *length < options_.size) return ++result_.left_out["on a sequence shorter than a site"], nullptr;
  const auto [at, fresh] = by_name_.emplace(std::pair(interval.chrom, interval.strand), groups_.size());
  if (fresh) groups_.push_back({.chrom = interval.chrom, .strand = interval.strand, .length = length});
  return &groups_[at->second];
}

namespace {

io::BedResult read_peaks(const std::filesystem::path& file, const std::optional<seq::ChromSizes>& sizes, SiteMergeResult& result) {
  io::BedResult bed = sizes ? io::read_bed(file, *sizes) : io::read_bed(file);
  for (const std::string& remark : bed.report.remarks) {
    ++result.remarks;
    if (result.remarks <= kRemarks) result.notes.push_back(format("{}: {}", file.string(), remark));
  }
  if (bed.left_out > 0) result.left_out["on a sequence that the table of sizes lacks"] += bed.left_out;
  return bed;
}

}  // namespace

void PeakGroups::add_sample(const Sample& sample, std::int32_t number) {
  const io::BedResult bed = read_peaks(sample.file, sizes_, result_);
  if (bed.records.empty()) result_.notes.push_back(format("{}: holds no peak", sample.file.string()));
  result_.samples[static_cast<std::size_t>(number)].peaks = static_cast<std::int64_t>(bed.records.size());
  for (const io::BedRecord& record : bed.records) {
    PeakGroup* to = group(record.interval);
    if (!to) continue;
    to->middles.push_back({options_.point == PeakPoint::summit ? record.focus() : record.interval.centre(), number});
    ++result_.peaks;
  }
}

void PeakGroups::add_known(const std::filesystem::path& file, std::int32_t samples) {
  io::BedResult bed = read_peaks(file, sizes_, result_);
  for (const io::BedRecord& record : bed.records) {
    PeakGroup* to = group(record.interval);
    if (!to) continue;
    std::vector<std::int32_t> active;
    if (!options_.forget_known) {
      const FilePosition where = {file.string(), record.line, 0};
      if (record.rest.empty()) throw_data_error(where, "has no column 7; expected the numbers of the active samples, or forget them");
      active = active_of(record.rest.front(), samples, where);
    }
    to->known.push_back(around(record.interval.centre(), options_.size, to->length, std::move(active)));
    ++result_.peaks;
  }
}

std::vector<PeakGroup>& PeakGroups::groups() {
  std::map<std::string, std::size_t> ranks;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    ranks.emplace(groups_[i].chrom, sizes_ ? sizes_->index(groups_[i].chrom, "the peaks") : i);
  const auto strand = [](seq::Strand s) { return s == seq::Strand::forward ? 0 : s == seq::Strand::reverse ? 1 : 2; };
  std::stable_sort(groups_.begin(), groups_.end(), [&](const PeakGroup& a, const PeakGroup& b) {
    return std::pair(ranks.at(a.chrom), strand(a.strand)) < std::pair(ranks.at(b.chrom), strand(b.strand));
  });
  return groups_;
}

std::vector<std::filesystem::path> site_files(const std::filesystem::path& out) {
  std::string stem = out.string();
  if (stem.ends_with(".bed")) stem.resize(stem.size() - 4);
  return {stem + ".bed", stem + "_act.txt", stem + ".tsv"};
}

std::vector<std::filesystem::path> write_sites(const std::filesystem::path& out, const std::vector<ChromSites>& chroms,
                                               const std::vector<std::string>& samples) {
  const auto files = site_files(out);
  AtomicFile bed(files[0]), activity(files[1]);
  io::TsvWriter table(files[2], {"chromosome", "position", "strand", "task"});
  for (const std::string& name : samples) activity.stream() << '\t' << name;
  activity.stream() << '\n';
  for (const ChromSites& c : chroms)
    for (const auto& [site, on] : c.sites) {
      const std::string strand(1, seq::to_char(on));
      bed.stream() << format("{}\t{}\t{}\t.\t1\t{}\t{}\n", c.chrom, site.start, site.end, strand, joined(site.active));
      std::string row = format("{}:{}-{}({})", c.chrom, site.start, site.end, strand);
      std::vector<char> flags(samples.size(), '0');
      for (const std::int32_t sample : site.active) {
        flags[static_cast<std::size_t>(sample)] = '1';
        table.add({c.chrom, format("{}", site.start + (site.end - site.start) / 2), strand, samples[static_cast<std::size_t>(sample)]});
      }
      for (const char flag : flags) row += {'\t', flag};
      activity.stream() << row << '\n';
    }
  bed.commit();
  activity.commit();
  table.close();
  return files;
}

}  // namespace basewise::prepare::detail
