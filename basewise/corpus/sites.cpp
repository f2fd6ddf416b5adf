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
    v("where", o.where, "table: conditions \"column=value\" that rows must all meet");
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
  return result;
}

}  // namespace basewise::corpus
