#include "basewise/io/chrom_files.h"

#include <algorithm>
#include <array>

#include "basewise/core/files.h"
#include "basewise/core/lower_case.h"
#include "basewise/io/detail/fields.h"
#include "basewise/io/line_reader.h"

namespace basewise::io {
namespace {

bool holds_names(std::string_view heading) {
  // A molecule is shared by the pieces that were not placed on it, so it names no single sequence.
  static constexpr std::array<std::string_view, 11> kOther = {"length",
                                                              "size",
                                                              "source",
                                                              "sequence-role",
                                                              "assigned-molecule",
                                                              "assigned-molecule-location/type",
                                                              "relationship",
                                                              "assembly-unit",
                                                              "sequence-length",
                                                              "circular",
                                                              "role"};
  return std::find(kOther.begin(), kOther.end(), lower_case(detail::trimmed(heading))) == kOther.end();
}

bool is_name(std::string_view cell) {
  static constexpr std::array<std::string_view, 6> kNone = {"", ".", "-", "na", "n/a", "(none)"};
  return std::find(kNone.begin(), kNone.end(), lower_case(cell)) == kNone.end();
}

// Of columns, not a remark; older files chromAlias.txt of UCSC begin with a line of another kind
// ("sequenceName", "alias names", "UCSC database: mm10").
bool is_heading(const std::vector<std::string_view>& cells) {
  constexpr std::string_view kOlder = "alias names";
  return cells.size() > 1 && lower_case(detail::trimmed(cells[1])) != kOlder;
}

// The third column of UCSC's table chromAlias (alias, chromosome, source) names authorities.
bool names_sources(std::string_view cell) {
  static constexpr std::array<std::string_view, 8> kSources = {"ucsc", "assembly", "genbank", "ncbi",
                                                               "refseq", "ensembl", "gencode", "embl"};
  std::vector<std::string_view> words;
  detail::split(cell, ',', words);
  return std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return std::find(kSources.begin(), kSources.end(), lower_case(detail::trimmed(word))) != kSources.end();
  });
}

}  // namespace

seq::ChromSizes read_chrom_sizes(const std::filesystem::path& path) {
  LineReader lines(path);
  seq::ChromSizes sizes({}, path.string());
  std::string_view line;
  std::vector<std::string_view> fields;
  while (lines.next(line)) {
    if (detail::is_blank(line) || line.front() == '#') continue;
    detail::split_blanks(line, fields);
    if (fields.size() < 2) lines.fail(format("{} has one column; expected a chromosome name and its length", detail::shown(line)));
    const std::int64_t length = detail::integer_field(lines, fields[1], "length");
    if (length < 0) lines.fail(format("chromosome {} has the negative length {}", detail::shown(fields[0]), length));
    if (sizes.contains(fields[0])) lines.fail(format("chromosome {} occurs twice", detail::shown(fields[0])));
    sizes.add(seq::Chrom{std::string(fields[0]), length, false});
  }
  if (sizes.empty()) throw DataError(format("{}: no chromosome; expected a name and a length per line", path.string()));
  return sizes;
}

void write_chrom_sizes(const std::filesystem::path& path, const seq::ChromSizes& sizes) {
  std::string text;
  for (const seq::Chrom& chrom : sizes) text += format("{}\t{}\n", chrom.name, chrom.length);
  write_file(path, text);
}

seq::AliasTable read_alias_table(const std::filesystem::path& path) {
  LineReader lines(path);
  std::vector<std::string> heading;
  std::size_t columns = 0;
  seq::AliasTable table;
  std::string_view line;
  std::vector<std::string_view> fields;
  while (lines.next(line)) {
    if (detail::is_blank(line)) continue;
    const bool comment = line.front() == '#';
    if (!comment && line.find('\t') == std::string_view::npos)
      detail::split_blanks(line, fields);
    else
      detail::split(comment ? line.substr(1) : line, '\t', fields);
    if (comment) {
      if (table.empty() && is_heading(fields)) heading.assign(fields.begin(), fields.end());
      continue;
    }
    if (columns == 0) columns = fields.size();
    const bool headed = heading.size() == columns;
    if (fields.size() != columns && (headed || fields.size() < 2))
      lines.fail(format("{} columns, the first row has {}; columns are separated by tabs", fields.size(), columns));
    if (!headed && fields.size() == 3 && names_sources(fields[2])) fields.pop_back();
    std::vector<std::string> group;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string_view cell = detail::trimmed(fields[i]);
      const bool named = !headed || holds_names(heading[i]);
      if (named && is_name(cell) && std::find(group.begin(), group.end(), cell) == group.end()) group.emplace_back(cell);
    }
    table.push_back(std::move(group));
  }
  if (table.empty())
    throw DataError(format("{}: no row; expected names of equal meaning, one sequence per line, separated by tabs", path.string()));
  return table;
}

}  // namespace basewise::io
