#include "basewise/io/transfac.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "basewise/io/detail/fields.h"

namespace basewise::io {
namespace {

constexpr std::array<std::string_view, 4> kNameLines = {"AC", "ID", "NA", "DE"};
constexpr std::array<std::string_view, 2> kLetterLines = {"P0", "PO"};
constexpr std::string_view kEnd = "//";

class TransfacParser {
 public:
  explicit TransfacParser(LineReader lines) : lines_(std::move(lines)) {}

  MotifResult parse() {
    std::string_view line;
    while (lines_.next(line)) {
      detail::split_blanks(line, fields_);
      if (fields_.empty()) continue;
      if (fields_.front() == kEnd)
        finish();
      else if (std::find(kLetterLines.begin(), kLetterLines.end(), fields_.front()) != kLetterLines.end())
        letters();
      else if (std::isdigit(static_cast<unsigned char>(fields_.front().front())) != 0)
        position();
      else
        name(line);
    }
    finish();
    if (result_.motifs.empty()) throw DataError(format("{}: no motif; expected 'P0 A C G T' and lines of counts", lines_.name()));
    result_.report.records = static_cast<std::int64_t>(result_.motifs.size());
    return std::move(result_);
  }

 private:
  void name(std::string_view line) {
    const auto key = std::find(kNameLines.begin(), kNameLines.end(), fields_.front());
    if (key == kNameLines.end() || fields_.size() < 2) return;
    std::string& text = names_[static_cast<std::size_t>(key - kNameLines.begin())];
    if (text.empty()) text = std::string(detail::trimmed(line.substr(static_cast<std::size_t>(fields_[1].data() - line.data()))));
    begun_ = true;
  }

  void letters() {
    order_.emplace();
    std::array<bool, 4> seen{};
    for (std::size_t i = 0; i < 4; ++i) {
      const bool one = fields_.size() > i + 1 && fields_[i + 1].size() == 1;
      const auto base = one ? std::string_view("ACGTUacgtu").find(fields_[i + 1].front()) : std::string_view::npos;
      if (base == std::string_view::npos || seen[std::min<std::size_t>(base % 5, 3)])
        lines_.fail("expected 'P0 A C G T', the order of the counts in the lines below");
      (*order_)[i] = std::min<std::size_t>(base % 5, 3);
      seen[(*order_)[i]] = true;
    }
    begun_ = true;
    where_ = lines_.where();
  }

  void position() {
    if (!order_) lines_.fail("a line of counts before 'P0 A C G T'");
    if (fields_.size() < 5) lines_.fail(format("{} counts, expected 4", fields_.size() - 1));
    motifs::BaseVector row{};
    for (std::size_t i = 0; i < 4; ++i) {
      const double value = detail::number_field(lines_, fields_[i + 1], "count");
      if (!(value >= 0 && value <= 1e15)) lines_.fail(format("count {}; expected a number of at least 0", detail::shown(fields_[i + 1])));
      row[(*order_)[i]] = value;
    }
    motif_.rows.push_back(row);
  }

  void finish() {
    if (!motif_.rows.empty()) {
      std::vector<std::string> names(names_.begin(), names_.end());
      std::erase(names, std::string());
      if (names.empty()) throw_data_error(where_, "a matrix without a name; expected a line 'AC name' or 'ID name'");
      motif_.name = names.front().substr(0, names.front().find_first_of(" \t"));
      if (names.size() > 1) motif_.description = names[1];
      motif_.values = motifs::MotifValues::counts;
      with_context(where_.to_string(), [&] { motifs::check(motif_); });
      for (const double count : motif_.rows.front()) motif_.nsites += count;
      result_.motifs.push_back(std::move(motif_));
    } else if (begun_) {
      result_.report.skip(std::string(kNoMatrix));
    }
    motif_ = {};
    names_ = {};
    order_.reset();
    begun_ = false;
  }

  LineReader lines_;
  std::vector<std::string_view> fields_;
  MotifResult result_;
  motifs::MotifMatrix motif_;
  FilePosition where_;
  std::array<std::string, 4> names_;
  std::optional<std::array<std::size_t, 4>> order_;
  bool begun_ = false;
};

}  // namespace

MotifResult read_transfac(const std::filesystem::path& path) { return read_transfac(LineReader(path)); }
MotifResult read_transfac(LineReader lines) { return TransfacParser(std::move(lines)).parse(); }

}  // namespace basewise::io
