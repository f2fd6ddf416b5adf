#include "basewise/io/meme.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "basewise/core/files.h"
#include "basewise/io/detail/fields.h"

namespace basewise::io {
namespace {

constexpr std::string_view kMotif = "MOTIF";
constexpr std::array<std::string_view, 4> kLettersOf = {"A", "C", "G", "TU"};

std::string upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return all;
}

// What follows "key=" in a matrix line; blanks may stand around the '='.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> fields;
  detail::split_blanks(line.substr(at + key.size()), fields);
  return fields.empty() ? std::string_view{} : fields.front();
}

class MemeParser {
 public:
  explicit MemeParser(LineReader lines) : lines_(std::move(lines)) {}

  MotifResult parse() {
    first_line();
    while (next()) {
      if (line_.starts_with("MEME version"))
        version();
      else if (line_.starts_with("ALPHABET"))
        alphabet();
      else if (line_.starts_with("Background letter frequencies"))
        background();
      else if (first_word() == kMotif)
        start_motif();
      else if (line_.starts_with("letter-probability matrix"))
        matrix();
      else if (line_.starts_with("log-odds matrix"))
        log_odds();
      else if (line_.starts_with("URL") && motif_)
        motif_->url = std::string(detail::trimmed(line_.substr(3)));
      else if (!line_.starts_with("strands:"))
        result_.report.skip("line that is not understood");
    }
    finish_motif();
    if (result_.motifs.empty())
      throw DataError(format("{}: no motif; expected lines 'MOTIF name' and 'letter-probability matrix: ...'", lines_.name()));
    result_.report.records = static_cast<std::int64_t>(result_.motifs.size());
    return std::move(result_);
  }

 private:
  // The next line that is not blank, trimmed.
  bool next() {
    while (lines_.next(line_)) {
      line_ = detail::trimmed(line_);
      if (!line_.empty()) return true;
    }
    return false;
  }

  std::string_view first_word() const { return line_.substr(0, line_.find_first_of(" \t")); }

  // Comments and banners may stand before the version.
  void first_line() {
    if (!next()) throw DataError(format("{}: the file is empty; expected 'MEME version 4'", lines_.name()));
    const std::string first(line_.substr(0, 200));
    const FilePosition where = lines_.where();
    while (!line_.starts_with("MEME version"))
      if (!next())
        throw_data_error(where, format("expected 'MEME version 4', found {} (files of other formats that are read begin with '>name': "
                                       "JASPAR, HOMER, HOCOMOCO; or with AC, ID or P0: TRANSFAC)",
                                       detail::shown(first)));
    version();
  }

  void version() {
    const std::string_view text = detail::trimmed(line_.substr(12));
    std::int64_t major = 0;
    if (!detail::parse_integer(text.substr(0, text.find_first_of(". \t(")), major))
      lines_.fail(format("MEME version {} is no number", detail::shown(text)));
    if (major < 4) lines_.fail(format("MEME version {}; expected 4 or later", detail::shown(text)));
    background_ = motifs::kUniform;
  }

  // "ALPHABET= ACGT" or the block 'ALPHABET "DNA" DNA-LIKE' to "END ALPHABET" of version 5.
  void alphabet() {
    std::string_view text = detail::trimmed(line_.substr(8));
    const bool block = !text.starts_with('=');
    if (!block) text = detail::trimmed(text.substr(1));
    const bool known =
        block ? text.starts_with("\"DNA\"") || text.starts_with("\"RNA\"") || text.starts_with("DNA") || text.starts_with("RNA")
              : upper(text) == "ACGT" || upper(text) == "ACGU";
    if (!known) lines_.fail(format("alphabet {}; expected ACGT (DNA) or ACGU (RNA)", detail::shown(text)));
    while (block && !line_.starts_with("END ALPHABET")) {
      if (!next()) lines_.fail("the alphabet does not end; expected 'END ALPHABET'");
    }
  }

  // Four pairs "A 0.25", over as many lines as it takes.
  void background() {
    std::vector<std::string> words;
    while (words.size() < 8 && next()) {
      std::vector<std::string_view> fields;
      detail::split_blanks(line_, fields);
      words.insert(words.end(), fields.begin(), fields.end());
    }
    motifs::BaseVector values{};
    for (std::size_t c = 0; c < 4; ++c) {
      const bool letter = words.size() == 8 && detail::is_letter_of(upper(words[2 * c]), kLettersOf[c]);
      if (!letter || !detail::parse_number(words[2 * c + 1], values[c]) || !(values[c] > 0)) {
        lines_.fail("background letter frequencies; expected 'A 0.25 C 0.25 G 0.25 T 0.25', all positive");
      }
    }
    const double sum = values[0] + values[1] + values[2] + values[3];
    if (std::abs(sum - 1) > 0.01) lines_.fail(format("the background letter frequencies sum to {:.4g}, expected 1", sum));
    background_ = values;
  }

  void start_motif() {
    finish_motif();
    std::vector<std::string_view> fields;
    detail::split_blanks(line_, fields);
    if (fields.size() < 2) lines_.fail("MOTIF without a name; expected 'MOTIF name'");
    motif_.emplace();
    motif_->name = std::string(fields[1]);
    // meme.txt goes on with "<tab>width = 7  sites = 20".
    if (fields.size() > 2) {
      const std::string_view rest = line_.substr(static_cast<std::size_t>(fields[2].data() - line_.data()));
      if (!rest.starts_with("width =")) motif_->description = std::string(detail::trimmed(rest.substr(0, rest.find("\twidth ="))));
    }
    motif_->background = background_;
    has_log_odds_ = false;
  }

  void finish_motif() {
    if (!motif_) return;
    if (!motif_->rows.empty()) {
      if (has_log_odds_) result_.report.note("log-odds matrix beside the probabilities, not used");
      result_.motifs.push_back(std::move(*motif_));
    } else {
      result_.report.skip(has_log_odds_ ? "motif without probabilities (log-odds only)" : std::string(kNoMatrix));
    }
    motif_.reset();
  }

  // Number of rows that the matrix line announces, or -1.
  std::int64_t announced() {
    if (const auto length = value_of(line_, "alength="); length && *length != "4") {
      lines_.fail(format("alength= {}; expected 4 (A, C, G, T)", detail::shown(*length)));
    }
    const auto text = value_of(line_, " w=");
    if (!text) return -1;
    const std::int64_t width = detail::integer_field(lines_, *text, "w");
    if (width < 1) lines_.fail(format("w= {}; expected at least 1", width));
    return width;
  }

  void matrix() {
    if (!motif_) lines_.fail("a letter-probability matrix before any 'MOTIF name'");
    if (!motif_->rows.empty()) lines_.fail(format("motif {} has two letter-probability matrices", detail::shown(motif_->name)));
    const std::int64_t width = announced();
    if (const auto n = value_of(line_, "nsites=")) motif_->nsites = detail::number_field(lines_, *n, "nsites");
    if (const auto e = value_of(line_, "E=")) motif_->e_value = detail::number_field(lines_, *e, "E");
    if (!(motif_->nsites >= 0 && motif_->nsites < 1e15)) lines_.fail(format("nsites= {}; expected a number of at least 0", motif_->nsites));
    rows(width, true);
  }

  void log_odds() {
    if (!motif_) lines_.fail("a log-odds matrix before any 'MOTIF name'");
    rows(announced(), false);
    has_log_odds_ = true;
  }

  void rows(std::int64_t width, bool keep) {
    std::vector<std::string_view> fields;
    std::int64_t count = 0;
    while (width < 0 || count < width) {
      if (!next()) break;
      detail::split_blanks(line_, fields);
      double ignored = 0;
      if (!detail::parse_number(fields[0], ignored)) {
        lines_.put_back();
        break;
      }
      row(fields, keep);
      ++count;
    }
    if (count == 0 || (width >= 0 && count != width)) {
      lines_.fail(format("motif {}: the matrix has {} rows, w= says {}", detail::shown(motif_->name), count,
                         width < 0 ? "nothing" : std::to_string(width)));
    }
  }

  void row(const std::vector<std::string_view>& fields, bool keep) {
    if (fields.size() != 4)
      lines_.fail(format("motif {}: a row of {} values, expected 4 (A, C, G, T)", detail::shown(motif_->name), fields.size()));
    motifs::BaseVector values{};
    for (std::size_t c = 0; c < 4; ++c) values[c] = detail::number_field(lines_, fields[c], "value");
    if (!keep) return;
    const bool valid = std::all_of(values.begin(), values.end(), [](double x) { return x >= 0 && x <= 1.0001; });
    const double sum = values[0] + values[1] + values[2] + values[3];
    if (!valid || std::abs(sum - 1) > 0.05) {
      lines_.fail(format("motif {}: [{}] are no probabilities (sum {:.4g}, expected 1)", detail::shown(motif_->name),
                         fmt::join(values, ", "), sum));
    }
    motif_->rows.push_back(values);
  }

  LineReader lines_;
  std::string_view line_;
  MotifResult result_;
  motifs::BaseVector background_ = motifs::kUniform;
  std::optional<motifs::MotifMatrix> motif_;
  bool has_log_odds_ = false;
};

bool is_word(std::string_view text) { return !text.empty() && text.find_first_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

MotifResult read_meme(const std::filesystem::path& path) { return read_meme(LineReader(path)); }
MotifResult read_meme(LineReader lines) { return MemeParser(std::move(lines)).parse(); }

std::string to_meme(const std::vector<motifs::MotifMatrix>& motifs) {
  if (motifs.empty()) throw ArgumentError("a MEME file needs at least one motif");
  const motifs::BaseVector& b = motifs.front().background;
  std::string text = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\n";
  text += format("A {} C {} G {} T {}\n", b[0], b[1], b[2], b[3]);
  for (const motifs::MotifMatrix& motif : motifs) {
    motifs::check(motif);
    if (!is_word(motif.name) || motif.description.find_first_of("\r\n") != std::string::npos) {
      throw ArgumentError(format("motif name {}: empty, with white space, or with a line break behind it", detail::shown(motif.name)));
    }
    if (motif.background != b)
      throw ArgumentError(format("motif '{}' has another background than '{}'; write them to two files", motif.name, motifs.front().name));
    const motifs::MotifMatrix p = motif.values == motifs::MotifValues::counts ? motifs::as_probabilities(motif) : motif;
    text += format("\nMOTIF {}{}{}\n", p.name, p.description.empty() ? "" : " ", p.description);
    text +=
        format("letter-probability matrix: alength= 4 w= {} nsites= {} E= {}\n", p.rows.size(), p.nsites > 0 ? p.nsites : 20.0, p.e_value);
    for (const motifs::BaseVector& row : p.rows) text += format(" {}\n", fmt::join(row, " "));
    if (!p.url.empty()) text += format("URL {}\n", p.url);
  }
  return text;
}

void write_meme(const std::filesystem::path& path, const std::vector<motifs::MotifMatrix>& motifs) { write_file(path, to_meme(motifs)); }

}  // namespace basewise::io
