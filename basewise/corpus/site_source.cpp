#include "basewise/corpus/site_source.h"

#include <algorithm>
#include <tuple>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/detail/source_rows.h"
#include "basewise/corpus/liftover.h"
#include "basewise/corpus/registry.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::corpus {

void describe(Visitor& v, SiteSourceOptions& o) {
  v("name", o.name, "short name, of letters, digits, - and _: files are called by it", required());
  v("title", o.title, "what it is, for people");
  v("terms", o.terms, "terms under which its files may be used");
  v("file", o.file, "table, BED, GFF or GTF files, read as one set", required());
  v("format", o.format, "what the files are", one_of({SiteFormat::automatic, SiteFormat::table, SiteFormat::bed, SiteFormat::gff}));
  v("sequence", o.sequence, "sequence of the genome that all sites lie on, whatever the files call it; empty: the files say it");
  v("liftover", o.liftover, "files of another assembly: table with the columns old_start, old_end (from 1, the end included) and add");
  v("point", o.point, "of intervals: which end is the site");
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::gff},
         [&] { v("features", o.features, "GFF, GTF: types of features that are sites; empty: all"); });
  v.when("format", o.format, {SiteFormat::automatic, SiteFormat::table}, [&] {
    v("header", o.header, "table: its first line names the columns; else they are called 1, 2 and so on");
    v("skip_lines", o.skip_lines, "table: lines before the heading, or before the rows where there is none", counted(0));
    v("chromosome", o.chromosome, "table: column with the chromosome; empty: all sites lie on one sequence");
    v("coordinates", o.coordinates, "table: how its numbers say where a site is");
    v("reverse_coordinates", o.reverse_coordinates, "table: the same for rows on the reverse strand, where it differs");
    v("position", o.position, "table: column with the position");
    v("start", o.start, "table: column with the start of an interval");
    v("end", o.end, "table: column with the end of an interval");
    v("strand", o.strand, "table: column with the strand (+ - . or forward, reverse, plus, minus, 1, -1); empty: none");
    v("no_position", o.no_position, "table: text in place of a position that is not known, beside empty fields and NA");
    v("score", o.score, "table: column with the score; empty: none");
    v("where", o.where, "table: conditions \"column=value\" that rows must all meet; of several for one column, any");
  });
}

std::int64_t SourceSites::without_strand() const {
  return std::count_if(sites.begin(), sites.end(), [](const ScoredSite& s) { return s.strand == seq::Strand::none; });
}

std::string SourceSites::summary() const {
  const auto reverse = std::count_if(sites.begin(), sites.end(), [](const ScoredSite& s) { return s.strand == seq::Strand::reverse; });
  std::string text = format("{} sites ({} on the reverse strand) from {} rows", sites.size(), reverse, rows);
  const auto add = [&](std::int64_t count, std::string_view what) {
    if (count > 0) text += format(", {} {}", count, what);
  };
  add(without_strand(), "sites have no strand and are shared with others without one alone");
  add(filtered, "do not meet the conditions");
  add(unplaced, "have no position");
  add(repeats, "repeat another one");
  add(wrapped, "lie past the end of a circular sequence and were counted on from its first base");
  add(lost, "lie on bases that the new assembly has not");
  add(left_out, "lie on sequences that are not used");
  for (const std::string& remark : remarks) text += "; " + remark;
  return text;
}

namespace {

using detail::SourceRow;
using detail::SourceRows;

// Which sequence of the genome each name of a file means.
seq::NameMatch match(const SiteSourceOptions& o, const SourceRows& read, const seq::ChromSizes& sizes, const std::string& file) {
  if (!o.sequence.empty()) {
    if (read.names.size() > 1)
      throw ArgumentError(format("{}: its rows are of {} sequences, {}; 'sequence' says that all lie on one", file, read.names.size(),
                                 some_of(read.names, "'")));
    return {.places = {sizes.index(o.sequence, "source '" + o.name + "'")}};
  }
  if (!read.names.empty()) return seq::match_names(sizes, read.names, file);
  if (sizes.size() != 1)
    throw ArgumentError(format("{}: {} has {} sequences; name the column 'chromosome', or the 'sequence' that all sites lie on", file,
                               sizes.source(), sizes.size()));
  return {.places = {std::size_t{0}}};
}

// Rows of one file onto the genome.
class Placing {
 public:
  Placing(const SiteSourceOptions& o, const seq::ChromSizes& sizes, const std::string& file, SourceSites& result)
      : o_(o), sizes_(sizes), file_(file), result_(result) {
    if (!o.liftover.empty()) {
      lift_table_ = resolve_path(o.liftover.string());
      lift_.emplace(read_liftover(lift_table_));
    }
  }

  void add(const SourceRow& row, std::size_t chrom) {
    const std::optional<std::int64_t> position = lifted(row);
    if (!position) {
      ++result_.lost;
      return;
    }
    result_.sites.push_back({chrom, on_sequence(*position, row, sizes_[chrom]), row.strand, row.score});
  }

 private:
  std::optional<std::int64_t> lifted(const SourceRow& row) const {
    if (!lift_) return row.position;
    const auto stretches = lift_->stretches();
    if (row.position < stretches.front().start || row.position >= stretches.back().end)
      throw_data_error({file_, row.line}, format("base {} (counted from 1) lies outside of {}, which goes from {} to {}", row.position + 1,
                                                 lift_table_.string(), stretches.front().start + 1, stretches.back().end));
    return lift_->lift(row.position);
  }

  std::int64_t on_sequence(std::int64_t position, const SourceRow& row, const seq::Chrom& chrom) const {
    if (position >= 0 && position < chrom.length) return position;
    const FilePosition where{file_, row.line};
    if (!chrom.circular)
      throw_data_error(where, format("base {} (counted from 1) is not on {}, a linear sequence of {} bases; see 'coordinates', "
                                     "'liftover' if the file is of another assembly, and 'circular' if it is a circle",
                                     position + 1, chrom.name, chrom.length));
    if (position < 0 || position >= 2 * chrom.length)
      throw_data_error(where, format("base {} (counted from 1) is more than a round away on {}, a circle of {} bases", position + 1,
                                     chrom.name, chrom.length));
    ++result_.wrapped;
    return position - chrom.length;
  }

  const SiteSourceOptions& o_;
  const seq::ChromSizes& sizes_;
  const std::string& file_;
  SourceSites& result_;
  std::filesystem::path lift_table_ = {};
  std::optional<Liftover> lift_ = {};
};

void read_file(const SiteSourceOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes, SourceSites& result) {
  const std::string file = path.string();
  const SourceRows read = detail::read_source_rows(o, path, result);
  if (read.rows.empty()) throw DataError(format("{}: no site is left of source '{}': {}", file, o.name, read.nothing));
  const seq::NameMatch names = match(o, read, sizes, file);
  Placing placing(o, sizes, file, result);
  std::int64_t left_out = 0;
  for (const SourceRow& row : read.rows) {
    if (const auto& place = names.places[o.sequence.empty() ? row.name : 0])
      placing.add(row, *place);
    else
      ++left_out;
  }
  if (left_out == std::ssize(read.rows)) throw DataError(sizes.missing_text(names.unmatched, file));
  result.left_out += left_out;
  if (!names.translated.empty()) result.remarks.push_back(names.translated);
  if (left_out > 0) result.remarks.push_back(format("{} rows of {} are not used: {}", left_out, path.filename().string(), names.left_out));
}

}  // namespace

SourceSites read_source(const SiteSourceOptions& o, const seq::ChromSizes& sizes) {
  if (o.file.empty()) throw ArgumentError(format("source '{}': the option 'file' is missing", o.name));
  SourceSites result;
  for (const std::filesystem::path& file : o.file) read_file(o, resolve_path(file.string()), sizes, result);
  const auto place = [](const ScoredSite& s) { return std::tuple(s.chrom, s.position, s.strand); };
  // The highest score of a place first, then those without.
  std::sort(result.sites.begin(), result.sites.end(),
            [&](const ScoredSite& a, const ScoredSite& b) { return place(a) != place(b) ? place(a) < place(b) : a.score > b.score; });
  const auto end =
      std::unique(result.sites.begin(), result.sites.end(), [&](const ScoredSite& a, const ScoredSite& b) { return place(a) == place(b); });
  result.repeats = result.sites.end() - end;
  result.sites.erase(end, result.sites.end());
  return result;
}

}  // namespace basewise::corpus
