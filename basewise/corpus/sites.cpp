#include "basewise/corpus/sites.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/corpus/row_conditions.h"
#include "basewise/io/bed.h"
#include "basewise/io/tsv.h"

namespace basewise::corpus {

namespace {

constexpr std::string_view kBedName = "name";  // column 4

SiteFormat format_of(const SiteOptions& o) {
  if (o.format != SiteFormat::automatic) return o.format;
  std::string name = o.file.filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (name.ends_with(".narrowPeak") || name.ends_with(".narrowpeak")) return SiteFormat::narrow_peak;
  return name.ends_with(".bed") ? SiteFormat::bed : SiteFormat::table;
}

// Index of a task name, added when it is new.
std::size_t task_index(std::vector<std::string>& tasks, std::string_view name) {
  const auto at = std::find(tasks.begin(), tasks.end(), name);
  if (at != tasks.end()) return static_cast<std::size_t>(at - tasks.begin());
  tasks.emplace_back(name);
  return tasks.size() - 1;
}

// What the columns of a table are for.
struct SiteColumns {
  std::optional<std::size_t> chromosome;
  std::size_t position;
  std::optional<std::size_t> strand;
  std::optional<std::size_t> task;

  SiteColumns(const SiteOptions& o, const io::TsvReader& table) : position(table.column(o.position)) {
    if (!o.chromosome.empty()) chromosome = table.column(o.chromosome);
    if (!o.strand.empty()) strand = table.column(o.strand);
    if (!o.task.empty()) task = table.column(o.task);
  }
};

std::size_t chromosome_of(const io::TsvReader& table, const SiteColumns& columns, const seq::ChromSizes& sizes) {
  if (!columns.chromosome) return 0;
  const auto found = sizes.find(table.text(*columns.chromosome));
  if (!found)
    table.fail(format("chromosome '{}' is not in {}, which has {}", table.text(*columns.chromosome), sizes.source(),
                      fmt::join(sizes.names(), ", ")));
  return *found;
}

Site read_row(const SiteOptions& o, const io::TsvReader& table, const SiteColumns& columns,
              const seq::ChromSizes& sizes, SiteTable& result) {
  Site site;
  site.chrom = chromosome_of(table, columns, sizes);
  const std::int64_t written = table.integer(columns.position);
  site.position = written - o.position_base;
  const seq::Chrom& chrom = sizes[site.chrom];
  if (site.position < 0 || site.position >= chrom.length)
    table.fail(format("position {} is not in {} to {} of {} (positions are counted from {}; set position_base if that is wrong)", written,
                      o.position_base, chrom.length - 1 + o.position_base, chrom.name, o.position_base));
  if (columns.strand) {
    const auto strand = seq::find_strand(table.text(*columns.strand));
    if (!strand) table.fail(format("strand '{}' is none of + - .", table.text(*columns.strand)));
    site.strand = *strand;
  }
  if (columns.task) site.task = task_index(result.tasks, table.text(*columns.task));
  return site;
}

void read_rows(const SiteOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result) {
  io::TsvReader table(path);
  const SiteColumns columns(o, table);
  if (!columns.chromosome && sizes.size() != 1)
    throw ArgumentError(format("{}: the option 'chromosome' must name the column with chromosomes, for {} has {} sequences", path.string(),
                               sizes.source(), sizes.size()));
  const Conditions conditions(o.where, table);
  while (table.next()) {
    ++result.rows;
    if (conditions.met(table))
      result.sites.push_back(read_row(o, table, columns, sizes, result));
    else
      ++result.filtered;
  }
}

std::int64_t point_of(const SiteOptions& o, const io::BedRecord& record) {
  const seq::Interval& interval = record.interval;
  switch (o.point) {
    case SitePoint::summit:
      return record.focus();
    case SitePoint::start:
      return interval.strand == seq::Strand::reverse ? interval.end - 1 : interval.start;
    case SitePoint::centre:
      break;
  }
  return interval.centre();
}

void read_intervals(const SiteOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result) {
  if (!o.task.empty() && o.task != kBedName)
    throw ArgumentError(format("option 'task' is '{}'; for BED files only \"name\" (column 4) is possible", o.task));
  if (!o.where.empty()) throw ArgumentError("option 'where' needs a table with named columns; BED files have none");
  const bool peaks = format_of(o) == SiteFormat::narrow_peak;
  const io::BedOptions bed{.format = peaks ? io::BedFormat::narrow_peak : io::BedFormat::automatic};
  for (const io::BedRecord& record : io::read_bed(path, sizes, bed).records) {
    ++result.rows;
    if (record.interval.length() == 0) throw_data_error({path.string(), record.line}, "an empty interval has no centre");
    Site site{sizes.index(record.interval.chrom, path.string()), point_of(o, record), record.interval.strand};
    if (!o.task.empty()) site.task = task_index(result.tasks, record.name);
    result.sites.push_back(site);
  }
}

}  // namespace

void describe(Visitor& v, SiteOptions& o) {
  v("file", o.file, "table, BED or narrowPeak file with the sites");
  v("format", o.format, "what the file is");
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::table}, [&] {
    v("chromosome", o.chromosome, "table: column with the chromosome; empty: the genome has one sequence");
    v("position", o.position, "table: column with the position");
    v("position_base", o.position_base, "table: number of the first base of a chromosome, 0 or 1", between(0, 1));
    v("strand", o.strand, "table: column with the strand (+ - .); empty: sites count on both strands");
    v("where", o.where, "table: conditions \"column=value\" that rows must all meet");
  });
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::bed, SiteFormat::narrow_peak},
         [&] { v("point", o.point, "BED, narrowPeak: which base of the interval is the site"); });
  v("task", o.task, "column that tells several labels apart (\"name\" for BED); empty: one label");
}

std::string SiteTable::summary() const {
  const auto reverse = std::count_if(sites.begin(), sites.end(), [](const Site& s) { return s.strand == seq::Strand::reverse; });
  std::string text = format("{} sites ({} on the reverse strand) from {} rows", sites.size(), reverse, rows);
  if (filtered > 0) text += format(", {} rows did not meet the conditions", filtered);
  if (duplicates > 0) text += format(", {} rows were repeats of another one", duplicates);
  return text;
}

SiteTable read_sites(const SiteOptions& options, const seq::ChromSizes& sizes) {
  const std::filesystem::path path = corpus::resolve_path(options.file.string());
  SiteTable result;
  if (options.task.empty()) result.tasks = {"labels"};
  if (format_of(options) == SiteFormat::table)
    read_rows(options, path, sizes, result);
  else
    read_intervals(options, path, sizes, result);
  std::sort(result.sites.begin(), result.sites.end());
  const auto repeats = std::unique(result.sites.begin(), result.sites.end());
  result.duplicates = result.sites.end() - repeats;
  result.sites.erase(repeats, result.sites.end());
  return result;
}

}  // namespace basewise::corpus
