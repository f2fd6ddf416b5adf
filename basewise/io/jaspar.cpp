#include "basewise/io/jaspar.h"

#include <algorithm>
#include <array>
#include <optional>

#include "basewise/core/files.h"
#include "basewise/io/detail/fields.h"

namespace basewise::io {
namespace {

class JasparParser {
 public:
  explicit JasparParser(LineReader lines) : lines_(std::move(lines)) {}

  MotifResult parse() {
    std::string_view line;
    while (lines_.next(line)) {
      line = detail::trimmed(line);
      if (line.empty()) continue;
      if (line.front() == '#')
        result_.report.skip("comment line");
      else if (line.front() == '>')
        start(line.substr(1));
      else
        row(line);
    }
    finish();
    if (result_.motifs.empty()) throw DataError(format("{}: no motif; expected '>ID name' and four rows of counts", lines_.name()));
    result_.report.records = static_cast<std::int64_t>(result_.motifs.size());
    return std::move(result_);
  }

 private:
  void start(std::string_view header) {
    finish();
    std::vector<std::string_view> words;
    detail::split_blanks(header, words);
    if (words.empty()) lines_.fail("the header has no identifier; expected '>ID name'");
    motif_.emplace();
    where_ = lines_.where();
    motif_->name = std::string(words[0]);
    if (words.size() > 1)
      motif_->description = std::string(detail::trimmed(header.substr(static_cast<std::size_t>(words[1].data() - header.data()))));
    motif_->values = motifs::MotifValues::counts;
    rows_ = {};
    filled_ = {};
    next_bare_ = 0;
  }

  // The base of a row; the letter, where there is one, is taken from `line`.
  std::size_t base_of(std::string_view& line) {
    const auto known = std::string_view("ACGTU").find(line.front());
    if (known != std::string_view::npos) {
      line.remove_prefix(1);
      return std::min<std::size_t>(known, 3);
    }
    const bool number = std::string_view("0123456789.[-+").find(line.front()) != std::string_view::npos;
    if (!number) lines_.fail(format("{} is no row of a matrix; expected 'A [ 1 2 3 ]' or numbers", detail::shown(line)));
    if (next_bare_ > 3) lines_.fail(format("motif {} has more than four rows", detail::shown(motif_->name)));
    return next_bare_++;
  }

  void row(std::string_view line) {
    if (!motif_) lines_.fail(format("expected '>ID name', found {}", detail::shown(line)));
    const std::size_t base = base_of(line);
    if (filled_[base]) lines_.fail(format("motif {} has two rows {}", detail::shown(motif_->name), "ACGT"[base]));
    filled_[base] = true;
    line = detail::trimmed(line);
    if (line.starts_with('[')) {
      if (!line.ends_with(']')) lines_.fail("the bracket is not closed; expected '[ 1 2 3 ]'");
      line = line.substr(1, line.size() - 2);
    }
    std::vector<std::string_view> fields;
    detail::split_blanks(line, fields);
    for (const std::string_view field : fields) {
      const double value = detail::number_field(lines_, field, "count");
      if (!(value >= 0) || value > 1e15) lines_.fail(format("count {}; expected a number of at least 0", detail::shown(field)));
      rows_[base].push_back(value);
    }
    if (rows_[base].empty()) lines_.fail(format("row {} has no counts", "ACGT"[base]));
  }

  void finish() {
    if (!motif_) return;
    for (std::size_t base = 0; base < 4; ++base) {
      if (!filled_[base]) throw_data_error(where_, format("motif {} has no row {}", detail::shown(motif_->name), "ACGT"[base]));
      if (rows_[base].size() != rows_[0].size()) {
        throw_data_error(where_, format("motif {}: row {} has {} counts, row A has {}", detail::shown(motif_->name), "ACGT"[base],
                                        rows_[base].size(), rows_[0].size()));
      }
    }
    for (std::size_t i = 0; i < rows_[0].size(); ++i) motif_->rows.push_back({rows_[0][i], rows_[1][i], rows_[2][i], rows_[3][i]});
    with_context(where_.to_string(), [&] { motifs::check(*motif_); });
    const motifs::BaseVector& first = motif_->rows.front();
    motif_->nsites = first[0] + first[1] + first[2] + first[3];
    result_.motifs.push_back(std::move(*motif_));
    motif_.reset();
  }

  LineReader lines_;
  MotifResult result_;
  std::optional<motifs::MotifMatrix> motif_;
  FilePosition where_;
  std::array<std::vector<double>, 4> rows_;
  std::array<bool, 4> filled_{};
  std::size_t next_bare_ = 0;
};

double count_at(const motifs::MotifMatrix& motif, std::size_t i, std::size_t base) {
  return motif.values == motifs::MotifValues::counts ? motif.rows[i][base] : motif.rows[i][base] * motif.nsites;
}

}  // namespace

MotifResult read_jaspar(const std::filesystem::path& path) { return read_jaspar(LineReader(path)); }
MotifResult read_jaspar(LineReader lines) { return JasparParser(std::move(lines)).parse(); }

std::string to_jaspar(const std::vector<motifs::MotifMatrix>& motifs) {
  if (motifs.empty()) throw ArgumentError("a JASPAR file needs at least one motif");
  std::string text;
  for (const motifs::MotifMatrix& motif : motifs) {
    motifs::check(motif);
    const bool word = !motif.name.empty() && motif.name.find_first_of(" \t\r\n") == std::string::npos;
    if (!word || motif.description.find_first_of("\r\n") != std::string::npos) {
      throw ArgumentError(format("motif name {}: empty, with white space, or with a line break behind it", detail::shown(motif.name)));
    }
    if (motif.values == motifs::MotifValues::probabilities && !(motif.nsites > 0)) {
      throw ArgumentError(
          format("motif '{}' holds probabilities and no number of sites; JASPAR holds counts (set nsites, or write MEME)", motif.name));
    }
    text += format(">{}{}{}\n", motif.name, motif.description.empty() ? "" : "\t", motif.description);
    for (std::size_t base = 0; base < 4; ++base) {
      text += format("{}  [", "ACGT"[base]);
      for (std::size_t i = 0; i < motif.rows.size(); ++i) text += format(" {:>6}", count_at(motif, i, base));
      text += " ]\n";
    }
  }
  return text;
}

void write_jaspar(const std::filesystem::path& path, const std::vector<motifs::MotifMatrix>& motifs) {
  write_file(path, to_jaspar(motifs));
}

MotifResult read_motifs(const std::filesystem::path& path) {
  std::string_view line;
  LineReader lines(path);
  while (lines.next(line)) {
    if (detail::is_blank(line)) continue;
    return detail::trimmed(line).front() == '>' ? read_jaspar(path) : read_meme(path);
  }
  throw DataError(format("{}: no motif; the file is empty", path.string()));
}

}  // namespace basewise::io
