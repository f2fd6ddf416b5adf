#include "basewise/corpus/sites.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/detail/site_intervals.h"
#include "basewise/corpus/detail/site_rows.h"
#include "basewise/corpus/registry.h"

namespace basewise::corpus {

void describe(Visitor& v, SiteOptions& o) {
  v("file", o.file, "table, BED, narrowPeak, broadPeak, GFF or GTF files with the sites");
  v("validation_file", o.validation_file,
    "further files of the same form: windows around their sites are the validation set, and no training window touches them");
  v("test_file", o.test_file, "the same for the test set");
  v("format", o.format, "what the files are");
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::table}, [&] {
    v("chromosome", o.chromosome, "table: column with the chromosome; empty: the genome has one sequence");
    v("position", o.position, "table: column with the position");
    v("position_base", o.position_base, "table: number of the first base of a chromosome, 0 or 1", between(0, 1));
    v("strand", o.strand, "table: column with the strand (+ - .); empty: sites count on both strands");
    v("where", o.where, "table: conditions \"column=value\" that rows must all meet; of several for one column, any");
  });
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::bed, SiteFormat::narrow_peak},
         [&] { v("point", o.point, "BED, narrowPeak: which base of the interval is the site"); });
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::gff}, [&] {
    v("features", o.features,
      "GFF, GTF: types of features that are sites; empty: gene, else transcript and mRNA, else the only type there is");
    v("feature_point", o.feature_point, "GFF, GTF: which base of the feature is the site",
      one_of({SitePoint::start, SitePoint::centre}));
  });
  v("task", o.task,
    "column that tells several labels apart (\"name\" for BED, an attribute or \"type\" for GFF and GTF; \"file\" where there are "
    "several: a label for each); empty: one label");
  v("shift", o.shift,
    "bases by which every site is moved downstream, along its strand, so that models that see only upstream bases see some behind it",
    between(-1e9, 1e9));
}

std::string SiteTable::summary() const {
  const auto reverse = std::count_if(sites.begin(), sites.end(), [](const Site& s) { return s.strand == seq::Strand::reverse; });
  std::string text = format("{} sites ({} on the reverse strand) from {} rows", sites.size(), reverse, rows);
  if (filtered > 0) text += format(", {} rows did not meet the conditions", filtered);
  if (duplicates > 0) text += format(", {} rows were repeats of another one", duplicates);
  for (const std::string& remark : remarks) text += "; " + remark;
  return text;
}

std::int64_t site_position(SitePoint point, const seq::Interval& interval, std::optional<std::int64_t> summit) {
  switch (point) {
    case SitePoint::summit:
      return summit ? interval.start + *summit : interval.centre();
    case SitePoint::start:
      return interval.strand == seq::Strand::reverse ? interval.end - 1 : interval.start;
    case SitePoint::centre:
      break;
  }
  return interval.centre();
}

void move_downstream(SiteTable& table, std::int64_t bases, const seq::ChromSizes& sizes) {
  std::int64_t outside = 0;
  std::vector<Site> moved;
  moved.reserve(table.sites.size());
  for (Site site : table.sites) {
    if (site.strand == seq::Strand::none)
      throw ArgumentError("sites: without a strand there is no downstream; name the column 'strand', or set shift = 0");
    const seq::Chrom& chrom = sizes[site.chrom];
    site.position += site.strand == seq::Strand::reverse ? -bases : bases;
    if (chrom.circular) site.position = ((site.position % chrom.length) + chrom.length) % chrom.length;
    if (site.position < 0 || site.position >= chrom.length) {
      ++outside;
      continue;
    }
    moved.push_back(site);
  }
  std::sort(moved.begin(), moved.end());
  table.sites = std::move(moved);
  table.left_out += outside;
  table.remarks.push_back(format("they are moved by {} bases along their strand", bases));
  if (outside > 0) table.remarks.push_back(format("{} of them leave their sequence and were left out", outside));
}

namespace {

constexpr std::string_view kFileTask = "file";

/// "CTCF" of "peaks/CTCF.narrowPeak.gz".
std::string label_of_file(const std::filesystem::path& file) {
  return std::filesystem::path(detail::without_compression(file.filename().string())).stem().string();
}

SiteTable sites_of_file(const SiteOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes,
                        std::vector<std::string> tasks) {
  SiteTable table{.sites = {}, .tasks = std::move(tasks)};
  switch (detail::site_format(o.format, path)) {
    case SiteFormat::automatic:
    case SiteFormat::table:
      detail::read_site_rows(o, path, sizes, table);
      break;
    case SiteFormat::bed:
    case SiteFormat::narrow_peak:
      detail::read_site_intervals(o, path, sizes, table);
      break;
    case SiteFormat::gff:
      detail::read_site_features(o, path, sizes, table);
      break;
  }
  return table;
}

}  // namespace

SiteTable read_sites(const SiteOptions& options, const seq::ChromSizes& sizes, std::vector<std::string> tasks) {
  if (options.file.empty()) throw ArgumentError("sites: the option 'file' is missing");
  const bool by_file = (options.file.size() > 1 || !tasks.empty()) && options.task == kFileTask;
  SiteTable result{.sites = {}, .tasks = std::move(tasks)};
  std::vector<std::string> labels;
  SiteOptions read = options;
  if (by_file) read.task.clear();
  if (options.task.empty()) result.tasks = {"labels"};
  for (const std::filesystem::path& file : options.file) {
    const std::filesystem::path path = corpus::resolve_path(file.string());
    const std::string label = label_of_file(path);
    if (by_file && std::find(labels.begin(), labels.end(), label) != labels.end())
      throw ArgumentError(format("sites: two files are called '{}'; with task = \"{}\" labels have the names of files", label, kFileTask));
    SiteTable one = sites_of_file(read, path, sizes, std::move(result.tasks));
    if (by_file) {
      labels.push_back(label);
      const std::size_t task = detail::task_index(one.tasks, label);
      for (Site& site : one.sites) site.task = task;
    }
    result.tasks = std::move(one.tasks);
    result.sites.insert(result.sites.end(), one.sites.begin(), one.sites.end());
    result.rows += one.rows;
    result.filtered += one.filtered;
    result.left_out += one.left_out;
    const std::string of_file = options.file.size() > 1 ? path.filename().string() + ": " : "";
    for (const std::string& remark : one.remarks) result.remarks.push_back(of_file + remark);
  }
  std::sort(result.sites.begin(), result.sites.end());
  const auto repeats = std::unique(result.sites.begin(), result.sites.end());
  result.duplicates = result.sites.end() - repeats;
  result.sites.erase(repeats, result.sites.end());
  if (options.shift != 0) move_downstream(result, options.shift, sizes);
  return result;
}

}  // namespace basewise::corpus
