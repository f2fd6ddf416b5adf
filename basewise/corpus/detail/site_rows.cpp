#include "basewise/corpus/detail/site_rows.h"

#include <algorithm>
#include <map>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/corpus/row_conditions.h"
#include "basewise/io/tsv.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::corpus::detail {
namespace {

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

// A row before it is known which sequence its name means.
struct SiteRow {
  std::size_t name = 0;  // number of the name of its chromosome
  std::int64_t position = 0;
  seq::Strand strand = seq::Strand::none;
  std::string task;
  std::int64_t line = 0;
};

struct SiteRows {
  std::vector<SiteRow> rows;
  std::vector<std::string> names;  // of chromosomes, each once
};

SiteRow read_row(const io::TsvReader& table, const SiteColumns& columns) {
  SiteRow row{.position = table.integer(columns.position), .task = {}, .line = table.line_number()};
  if (columns.strand) {
    const auto strand = seq::find_strand(table.text(*columns.strand));
    if (!strand) table.fail(format("strand '{}' is none of + - .", table.text(*columns.strand)));
    row.strand = *strand;
  }
  if (columns.task) row.task = std::string(table.text(*columns.task));
  return row;
}

SiteRows read_rows(const SiteOptions& o, io::TsvReader& table, const SiteColumns& columns, SiteTable& result) {
  SiteRows read;
  std::map<std::string, std::size_t, std::less<>> numbers;
  const Conditions conditions(o.where, table);
  while (table.next()) {
    ++result.rows;
    if (!conditions.met(table)) {
      ++result.filtered;
      continue;
    }
    read.rows.push_back(read_row(table, columns));
    if (!columns.chromosome) continue;
    const auto [at, fresh] = numbers.emplace(table.text(*columns.chromosome), read.names.size());
    if (fresh) read.names.push_back(at->first);
    read.rows.back().name = at->second;
  }
  return read;
}

void check_position(const SiteOptions& o, const SiteRow& row, const seq::Chrom& chrom, const std::string& file) {
  const std::int64_t position = row.position - o.position_base;
  if (position < 0 || position >= chrom.length)
    throw_data_error({file, row.line},
                     format("position {} is not in {} to {} of {} (positions are counted from {}; set position_base if that is wrong)",
                            row.position, o.position_base, chrom.length - 1 + o.position_base, chrom.name, o.position_base));
}

}  // namespace

std::size_t task_index(std::vector<std::string>& tasks, std::string_view name) {
  const auto at = std::find(tasks.begin(), tasks.end(), name);
  if (at != tasks.end()) return static_cast<std::size_t>(at - tasks.begin());
  tasks.emplace_back(name);
  return tasks.size() - 1;
}

void read_site_rows(const SiteOptions& o, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result) {
  io::TsvReader table(path);
  const SiteColumns columns(o, table);
  if (!columns.chromosome && sizes.size() != 1)
    throw ArgumentError(format("{}: the option 'chromosome' must name the column with chromosomes, for {} has {} sequences", path.string(),
                               sizes.source(), sizes.size()));
  const SiteRows read = read_rows(o, table, columns, result);
  seq::NameMatch match{.places = {std::size_t{0}}};
  if (columns.chromosome) match = seq::match_names(sizes, read.names, path.string());
  for (const SiteRow& row : read.rows) {
    const auto& place = match.places[row.name];
    if (!place) {
      ++result.left_out;
      continue;
    }
    check_position(o, row, sizes[*place], path.string());
    Site site{*place, row.position - o.position_base, row.strand};
    if (columns.task) site.task = task_index(result.tasks, row.task);
    result.sites.push_back(site);
  }
  if (result.left_out > 0 && result.sites.empty()) throw DataError(sizes.missing_text(match.unmatched, path.string()));
  if (!match.translated.empty()) result.remarks.push_back(match.translated);
  if (result.left_out > 0)
    result.remarks.push_back(format("{} of {} lie on sequences that are not used and were left out: {}", result.left_out,
                                    read.rows.size(), match.left_out));
}

}  // namespace basewise::corpus::detail
