#include "basewise/corpus/detail/site_intervals.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/lower_case.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/detail/site_rows.h"
#include "basewise/io/bed.h"
#include "basewise/io/gff.h"
#include "basewise/io/line_reader.h"

namespace basewise::corpus::detail {
namespace {

constexpr std::string_view kBedName = "name";      // column 4
constexpr std::string_view kFeatureType = "type";  // column 3
constexpr std::array kGenes = {"gene"};
constexpr std::array kTranscripts = {"transcript", "mRNA"};

std::string lower_name(const std::filesystem::path& path) {
  return without_compression(lower_case(path.filename().string()));
}

bool is_number(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

std::vector<std::string_view> cells_of(std::string_view line) {
  const char separator = line.find('\t') == std::string_view::npos ? ' ' : '\t';
  std::vector<std::string_view> cells;
  while (!line.empty()) {
    const auto end = std::min(line.find(separator), line.size());
    if (end > 0 || separator == '\t') cells.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return cells;
}

// Places are numbers where BED and GFF have them; a table has a heading there.
SiteFormat format_of_lines(const std::filesystem::path& path) {
  io::LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.starts_with("##gff-version")) return SiteFormat::gff;
    if (line.empty() || line.front() == '#' || line.starts_with("track") || line.starts_with("browser")) continue;
    const auto cells = cells_of(line);
    if (cells.size() == 9 && is_number(cells[3]) && is_number(cells[4])) return SiteFormat::gff;
    return cells.size() >= 3 && is_number(cells[1]) && is_number(cells[2]) ? SiteFormat::bed : SiteFormat::table;
  }
  return SiteFormat::table;
}

void add_site(const seq::Interval& interval, std::int64_t position, std::string_view task, bool with_task,
              const seq::ChromSizes& sizes, SiteTable& result) {
  const std::size_t chrom = *sizes.find(interval.chrom);
  if (sizes[chrom].circular) position %= sizes[chrom].length;
  Site site{chrom, position, interval.strand};
  if (with_task) site.task = task_index(result.tasks, task);
  result.sites.push_back(site);
}

void refuse_conditions(const SiteOptions& o, std::string_view what) {
  if (!o.where.empty()) throw ArgumentError(format("option 'where' needs a table with named columns; {} files have none", what));
}

std::set<std::string> types_in(const std::filesystem::path& path) {
  std::set<std::string> types;
  io::GffReader reader(path);
  for (io::GffRecord record; reader.next(record);) types.insert(record.type);
  return types;
}

std::string shown_types(const std::set<std::string>& types) {
  return some_of(std::vector<std::string>(types.begin(), types.end()), "'", 10, "none");
}

// What is a site where the options do not say it.
std::vector<std::string> usual_features(const std::filesystem::path& path) {
  const std::set<std::string> types = types_in(path);
  const auto among = [&](const auto& wanted) {
    std::vector<std::string> found;
    for (const char* type : wanted)
      if (types.contains(type)) found.emplace_back(type);
    return found;
  };
  if (auto genes = among(kGenes); !genes.empty()) return genes;
  if (auto transcripts = among(kTranscripts); !transcripts.empty()) return transcripts;
  if (types.size() <= 1) return {types.begin(), types.end()};
  throw ArgumentError(format("{} holds no features 'gene', 'transcript' or 'mRNA'; say with 'features' which of its types are sites: {}",
                             path.string(), shown_types(types)));
}

std::string task_of(const SiteOptions& o, const io::GffRecord& record, const std::filesystem::path& path) {
  if (o.task.empty() || o.task == kFeatureType) return record.type;
  const std::string_view word = record.attribute(o.task);
  if (word.empty()) throw_data_error({path.string(), record.line}, format("the feature has no attribute '{}', which 'task' names", o.task));
  return std::string(word);
}

}  // namespace

std::string without_compression(std::string name) {
  for (const std::string_view compressed : {".gz", ".bgz"})
    if (name.size() > compressed.size() && name.ends_with(compressed)) name.resize(name.size() - compressed.size());
  return name;
}

SiteFormat site_format(SiteFormat asked, const std::filesystem::path& path) {
  if (asked != SiteFormat::automatic) return asked;
  const std::string name = lower_name(path);
  const auto ends = [&](const auto&... endings) { return (name.ends_with(endings) || ...); };
  if (ends(".narrowpeak")) return SiteFormat::narrow_peak;
  if (ends(".bed", ".bed3", ".bed4", ".bed5", ".bed6", ".bed9", ".bed10", ".bed12", ".broadpeak", ".gappedpeak")) return SiteFormat::bed;
  if (ends(".gff", ".gff2", ".gff3", ".gtf")) return SiteFormat::gff;
  if (ends(".tsv", ".csv", ".tab")) return SiteFormat::table;
  return format_of_lines(path);
}

void read_site_intervals(const SiteOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result) {
  if (!o.task.empty() && o.task != kBedName)
    throw ArgumentError(format("option 'task' is '{}'; for BED files only \"name\" (column 4) is possible", o.task));
  refuse_conditions(o, "BED");
  // What the user said counts; a name that says nothing leaves it to the columns.
  const bool peaks = site_format(o.format, path) == SiteFormat::narrow_peak;
  const bool plain = o.format == SiteFormat::bed;
  const io::BedFormat columns = peaks ? io::BedFormat::narrow_peak : plain ? io::BedFormat::bed : io::BedFormat::automatic;
  const io::BedResult bed = io::read_bed(path, sizes, {.format = columns});
  std::int64_t without = 0;
  for (const io::BedRecord& record : bed.records) {
    if (record.interval.length() == 0) throw_data_error({path.string(), record.line}, "an empty interval has no centre");
    without += o.point == SitePoint::summit && !record.summit;
    add_site(record.interval, site_position(o.point, record.interval, record.summit), record.name, !o.task.empty(), sizes, result);
  }
  result.left_out = bed.left_out;
  result.rows = std::ssize(bed.records) + bed.left_out;
  result.remarks = bed.report.remarks;
  if (without > 0)
    result.remarks.push_back(format("{} of {} have no summit: their centre was taken", without, bed.records.size()));
}

void read_site_features(const SiteOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result) {
  refuse_conditions(o, "GFF and GTF");
  if (o.point == SitePoint::summit) throw ArgumentError("option 'point' asks for summits; features of GFF and GTF have none");
  const std::vector<std::string> types = o.features.empty() ? usual_features(path) : o.features;
  const io::GffResult gff = io::read_gff(path, sizes, {.types = types});
  if (gff.records.empty() && !o.features.empty())
    throw DataError(format("{}: no feature of type {}; its types are {}", path.string(), some_of(types, "'"), shown_types(types_in(path))));
  for (const io::GffRecord& record : gff.records)
    add_site(record.interval, site_position(o.feature_point, record.interval), task_of(o, record, path), !o.task.empty(), sizes, result);
  result.left_out = gff.left_out;
  result.rows = std::ssize(gff.records) + gff.left_out;
  result.remarks = gff.report.remarks;
  if (!gff.records.empty())
    result.remarks.push_back(format("sites are the {} of the features {}", o.feature_point == SitePoint::start ? "5' ends" : "centres",
                                    some_of(types, "'")));
}

}  // namespace basewise::corpus::detail
