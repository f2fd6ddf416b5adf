#include "basewise/io/jaspar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "basewise/core/files.h"
#include "basewise/io/detail/fields.h"

namespace basewise::io {
namespace {

class JasparParser {
 public:
  JasparParser(LineReader lines, MotifRows layout) : lines_(std::move(lines)), layout_(layout) {}

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
    rows_ = {};
    filled_ = {};
    bare_.clear();
    // HOMER: consensus, name, threshold of the log odds, and more.
    detail::split(header, '\t', words);
    double threshold = 0;
    homer_ = words.size() > 2 && detail::parse_number(detail::trimmed(words[2]), threshold);
    if (homer_) motif_->description = std::string(detail::trimmed(words[1]));
  }

  // The base of a row; the letter, where there is one, is taken from `line`.
  std::optional<std::size_t> base_of(std::string_view& line) const {
    const auto known = std::string_view("ACGTUacgtu").find(line.front());
    if (known != std::string_view::npos) {
      line = detail::trimmed(line.substr(1));
      if (line.starts_with(':') || line.starts_with('|')) line = detail::trimmed(line.substr(1));
      return std::min<std::size_t>(known % 5, 3);
    }
    const bool number = std::string_view("0123456789.[-+").find(line.front()) != std::string_view::npos;
    if (!number) lines_.fail(format("{} is no row of a matrix; expected 'A [ 1 2 3 ]' or numbers", detail::shown(line)));
    return std::nullopt;
  }

  std::vector<double> numbers_of(std::string_view line) const {
    if (line.starts_with('[')) {
      if (!line.ends_with(']')) lines_.fail("the bracket is not closed; expected '[ 1 2 3 ]'");
      line = line.substr(1, line.size() - 2);
    }
    std::vector<std::string_view> fields;
    detail::split_blanks(line, fields);
    std::vector<double> numbers;
    for (const std::string_view field : fields) {
      const double value = detail::number_field(lines_, field, "count");
      if (value < 0)
        lines_.fail(
            format("count {}; expected a number of at least 0: log-odds (.pwm files) say nothing about counts", detail::shown(field)));
      if (!(value <= 1e15)) lines_.fail(format("count {}; expected a number of at least 0", detail::shown(field)));
      numbers.push_back(value);
    }
    return numbers;
  }

  void row(std::string_view line) {
    if (!motif_) lines_.fail(format("expected '>ID name', found {}", detail::shown(line)));
    const std::optional<std::size_t> base = base_of(line);
    std::vector<double> numbers = numbers_of(line);
    if (!base) {
      bare_.push_back(std::move(numbers));
      return;
    }
    if (filled_[*base]) lines_.fail(format("motif {} has two rows {}", detail::shown(motif_->name), "ACGT"[*base]));
    if (numbers.empty()) lines_.fail(format("row {} has no counts", "ACGT"[*base]));
    filled_[*base] = true;
    rows_[*base] = std::move(numbers);
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw_data_error(where_, format("motif {} {}", detail::shown(motif_->name), problem));
  }

  // Whether each bare row is a position; else they are A, C, G and T.
  bool rows_are_positions() const {
    const std::size_t width = bare_.front().size();
    for (std::size_t i = 0; i < bare_.size(); ++i)
      if (bare_[i].size() != width)
        fail(format("has rows of different lengths: {} numbers in row {}, {} in the first", bare_[i].size(), i + 1, width));
    const bool four_rows = bare_.size() == 4, four_columns = width == 4;
    if (homer_ || layout_ == MotifRows::positions) {
      if (!four_columns) fail(format("has rows of {} numbers; a row for each position has four (A C G T)", width));
      return true;
    }
    if (layout_ == MotifRows::letters) {
      if (!four_rows) fail(format("has {} rows; expected four, A, C, G and T", bare_.size()));
      return false;
    }
    if (four_rows && four_columns)
      fail(
          "has four rows of four numbers without letters, which may be A, C, G, T (JASPAR) or four positions (HOMER, HOCOMOCO); begin "
          "the rows with their letters, or say which with rows = \"letters\" or rows = \"positions\"");
    if (!four_rows && !four_columns)
      fail(format("has {} rows of {} numbers; expected four rows (A, C, G, T), or four numbers in the row of each position", bare_.size(),
                  width));
    return four_columns;
  }

  void take_positions() {
    bool probabilities = true;
    for (const std::vector<double>& numbers : bare_) {
      motif_->rows.push_back({numbers[0], numbers[1], numbers[2], numbers[3]});
      probabilities = probabilities && std::abs(numbers[0] + numbers[1] + numbers[2] + numbers[3] - 1) < 0.02;
    }
    motif_->values = probabilities ? motifs::MotifValues::probabilities : motifs::MotifValues::counts;
  }

  void take_letters() {
    for (std::size_t base = 0; base < 4; ++base) {
      if (!filled_[base]) fail(format("has no row {}", "ACGT"[base]));
      if (rows_[base].size() != rows_[0].size())
        throw_data_error(where_, format("motif {}: row {} has {} counts, row A has {}", detail::shown(motif_->name), "ACGT"[base],
                                        rows_[base].size(), rows_[0].size()));
    }
    for (std::size_t i = 0; i < rows_[0].size(); ++i) motif_->rows.push_back({rows_[0][i], rows_[1][i], rows_[2][i], rows_[3][i]});
    motif_->values = motifs::MotifValues::counts;
  }

  void finish() {
    if (!motif_) return;
    const bool letters = std::find(filled_.begin(), filled_.end(), true) != filled_.end();
    if (!letters && bare_.empty()) {
      result_.report.skip(std::string(kNoMatrix));
      motif_.reset();
      return;
    }
    if (letters && !bare_.empty()) fail("has rows with letters and rows without");
    if (!letters && rows_are_positions()) {
      take_positions();
    } else {
      for (std::size_t base = 0; base < 4 && !letters; ++base) rows_[base] = bare_[base];
      if (!letters) filled_.fill(true);
      take_letters();
    }
    with_context(where_.to_string(), [&] { motifs::check(*motif_); });
    const motifs::BaseVector& first = motif_->rows.front();
    if (motif_->values == motifs::MotifValues::counts) motif_->nsites = first[0] + first[1] + first[2] + first[3];
    result_.motifs.push_back(std::move(*motif_));
    motif_.reset();
  }

  LineReader lines_;
  MotifRows layout_;
  MotifResult result_;
  std::optional<motifs::MotifMatrix> motif_;
  FilePosition where_;
  std::array<std::vector<double>, 4> rows_;
  std::array<bool, 4> filled_{};
  std::vector<std::vector<double>> bare_;
  bool homer_ = false;
};

double count_at(const motifs::MotifMatrix& motif, std::size_t i, std::size_t base) {
  return motif.values == motifs::MotifValues::counts ? motif.rows[i][base] : motif.rows[i][base] * motif.nsites;
}

}  // namespace

MotifResult read_jaspar(const std::filesystem::path& path, MotifRows rows) { return read_jaspar(LineReader(path), rows); }
MotifResult read_jaspar(LineReader lines, MotifRows rows) { return JasparParser(std::move(lines), rows).parse(); }

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

}  // namespace basewise::io
