#include "basewise/corpus/sites.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/detail/site_intervals.h"
#include "basewise/corpus/detail/site_rows.h"
#include "basewise/corpus/registry.h"

namespace basewise::corpus {

void describe(Visitor& v, SiteOptions& o) {
  v("file", o.file, "table, BED, narrowPeak, broadPeak, GFF or GTF file with the sites");
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
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::gff}, [&] {
    v("features", o.features,
      "GFF, GTF: types of features that are sites; empty: gene, else transcript and mRNA, else the only type there is");
    v("feature_point", o.feature_point, "GFF, GTF: which base of the feature is the site",
      one_of({SitePoint::start, SitePoint::centre}));
  });
  v("task", o.task,
    "column that tells several labels apart (\"name\" for BED, an attribute or \"type\" for GFF and GTF); empty: one label");
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

SiteTable read_sites(const SiteOptions& options, const seq::ChromSizes& sizes) {
  const std::filesystem::path path = corpus::resolve_path(options.file.string());
  SiteTable result;
  if (options.task.empty()) result.tasks = {"labels"};
  switch (detail::site_format(options.format, path)) {
    case SiteFormat::automatic:
    case SiteFormat::table:
      detail::read_site_rows(options, path, sizes, result);
      break;
    case SiteFormat::bed:
    case SiteFormat::narrow_peak:
      detail::read_site_intervals(options, path, sizes, result);
      break;
    case SiteFormat::gff:
      detail::read_site_features(options, path, sizes, result);
      break;
  }
  std::sort(result.sites.begin(), result.sites.end());
  const auto repeats = std::unique(result.sites.begin(), result.sites.end());
  result.duplicates = result.sites.end() - repeats;
  result.sites.erase(repeats, result.sites.end());
  return result;
}

}  // namespace basewise::corpus
