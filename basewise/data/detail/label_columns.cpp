#include "basewise/data/detail/label_columns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/lower_case.h"

namespace basewise::data::detail {

namespace {

constexpr float kMissingLabel = std::numeric_limits<float>::quiet_NaN();
constexpr std::array<std::string_view, 3> kTrue = {"TRUE", "True", "true"};
constexpr std::array<std::string_view, 3> kFalse = {"FALSE", "False", "false"};
constexpr std::string_view kTrueLetter = "T";
constexpr std::string_view kFalseLetter = "F";

enum class LabelKind { missing, number, truth, letter, infinite, word };

struct ParsedLabel {
  LabelKind kind;
  float value = kMissingLabel;
};

bool among(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

ParsedLabel parse_finite(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  const char* end = text.data() + text.size();
  float value = 0;
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (stop != end) return {LabelKind::word};
  if (status == std::errc::result_out_of_range) {
    // 1e-60 is 0 for us, 1e60 no float.
    double wide = 0;
    const auto wider = std::from_chars(text.data(), end, wide);
    if (wider.ec == std::errc() && std::abs(wide) < 1) return {LabelKind::number, 0};
    return {LabelKind::infinite};
  }
  if (status != std::errc()) return {LabelKind::word};
  if (std::isnan(value)) return {LabelKind::missing};
  return std::isinf(value) ? ParsedLabel{LabelKind::infinite} : ParsedLabel{LabelKind::number, value};
}

ParsedLabel read_label(std::string_view text) {
  text = without_blanks(text);
  if (!text.empty() && text.front() >= '0' && text.front() <= '9') return parse_finite(text);
  if (io::is_missing(text)) return {LabelKind::missing};
  if (among(text, kTrue)) return {LabelKind::truth, 1};
  if (among(text, kFalse)) return {LabelKind::truth, 0};
  if (text == kTrueLetter) return {LabelKind::letter, 1};
  if (text == kFalseLetter) return {LabelKind::letter, 0};
  return parse_finite(text);
}

// Names of columns of numbers that say where a row lies or how it is counted.
bool names_no_label(std::string_view column) {
  static constexpr auto kWhole = std::to_array<std::string_view>(
      {"index",  "id",     "row",        "number",   "no",         "chrom",    "chr",        "chromosome", "seqnames", "seqname", "contig",
       "start",  "end",    "stop",       "begin",    "pos",        "position", "summit",     "strand",     "length",   "len",     "width",
       "size",   "score",  "rank",       "fold",     "split",      "set",      "group",      "cluster",    "weight",   "seed",    "gc",
       "offset", "centre", "chromstart", "chromend", "thickstart", "thickend", "blockcount", "phase"});
  static constexpr auto kParts =
      std::to_array<std::string_view>({"start", "end", "pos", "position", "chrom", "chr", "strand", "id", "index"});
  const std::string lower = lower_case(column);
  if (among(lower, kWhole)) return true;
  // peak_start, hg38.pos
  for (std::size_t at = 0; at <= lower.size();) {
    const std::size_t end = std::min(lower.find_first_of("_.- ", at), lower.size());
    if (among(std::string_view(lower).substr(at, end - at), kParts)) return true;
    at = end + 1;
  }
  return false;
}

std::string names_listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 8;
  const std::size_t shown = std::min(names.size(), kMost);
  std::string text = format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return names.size() > shown ? format("{} and {} more", text, names.size() - shown) : text;
}

std::string shown_label(std::string_view text) {
  constexpr std::size_t kMost = 40;
  return format("'{}{}'", text.substr(0, kMost), text.size() > kMost ? "..." : "");
}

}  // namespace

std::optional<float> parse_label(std::string_view text) {
  const ParsedLabel label = read_label(text);
  if (label.kind == LabelKind::word || label.kind == LabelKind::letter || label.kind == LabelKind::infinite) return std::nullopt;
  return label.value;
}

void throw_no_labels(const std::string& file, const std::string& instead) {
  const char* colon = instead.empty() ? "" : ": ";
  throw DataError(format("{}: no column holds labels{}{}; labels are numbers, or TRUE and FALSE", file, colon, instead));
}

LabelColumns::LabelColumns(LabelChoice choice, const io::TsvReader& table) : choice_(std::move(choice)), file_(table.name()) {
  for (const std::string& name : choice_.names) {
    const std::size_t index = table.column(name);
    if (std::any_of(columns_.begin(), columns_.end(), [&](const Column& column) { return column.index == index; }))
      throw ArgumentError(format("{} names the column '{}' twice", choice_.option, name));
    columns_.push_back({.index = index, .name = name});
  }
  if (choice_.names.empty()) guess(table);
}

void LabelColumns::guess(const io::TsvReader& table) {
  for (std::size_t c = 0; c < table.columns().size(); ++c) {
    const bool taken = std::find(choice_.taken.begin(), choice_.taken.end(), c) != choice_.taken.end() || table.index_column() == c;
    if (!taken) columns_.push_back({.index = c, .name = table.columns()[c]});
  }
}

void LabelColumns::add(const io::TsvReader& table) {
  ++rows_;
  for (Column& column : columns_) {
    const std::string_view text = table.text(column.index);
    const ParsedLabel label = read_label(text);
    const auto count = [&](std::int64_t& number, Field& first) {
      if (number++ == 0) first = {std::string(text), table.line_number()};
    };
    switch (label.kind) {
      case LabelKind::missing:
        break;
      case LabelKind::number:
        count(column.numbers, column.number);
        break;
      case LabelKind::truth:
        count(column.truths, column.truth);
        break;
      case LabelKind::letter:
        count(column.letters, column.letter);
        column.false_letters = column.false_letters || label.value == 0;
        break;
      case LabelKind::infinite:
        count(column.numbers, column.number);
        if (column.infinite.line == 0) column.infinite = {std::string(text), table.line_number()};
        break;
      case LabelKind::word:
        count(column.words, column.word);
        break;
    }
    values_.push_back(label.value);
  }
}

// T and F are also bases and amino acids: they are truths where the column is named, or holds
// nothing else and at least one F.
void LabelColumns::settle_letters(Column& column) const {
  if (column.letters == 0) return;
  const bool truths = !choice_.names.empty() || (column.words == 0 && column.false_letters);
  std::int64_t& number = truths ? column.truths : column.words;
  Field& first = truths ? column.truth : column.word;
  if (number == 0 || column.letter.line < first.line) first = column.letter;
  number += column.letters;
}

void LabelColumns::fail(const Field& field, const std::string& problem) const {
  throw_data_error({file_, field.line}, format("label {} in column {}", shown_label(field.text), problem));
}

bool LabelColumns::is_label(const Column& column) const {
  if (!choice_.names.empty()) return true;
  const std::int64_t values = column.numbers + column.truths;
  return values > 0 && values >= column.words && !names_no_label(column.name);
}

void LabelColumns::check(const Column& column) const {
  const std::string way_out = format("a missing label is empty or NA, and {} names the columns that are labels", choice_.option);
  if (column.words > 0)
    fail(column.word, format("'{}' is no number ({} of {} rows are); {}", column.name, column.numbers + column.truths, rows_, way_out));
  if (column.numbers > 0 && column.truths > 0) {
    const bool number_is_odd = column.numbers < column.truths;
    fail(number_is_odd ? column.number : column.truth,
         format("'{}' is {} ({} rows are numbers, {} TRUE or FALSE); write one or the other in all rows", column.name,
                number_is_odd ? "a number" : "no number", column.numbers, column.truths));
  }
  if (column.infinite.line > 0) fail(column.infinite, format("'{}' is not finite; {}", column.name, way_out));
}

void LabelColumns::note_choice(const std::vector<std::size_t>& kept, std::vector<std::string>& notes) const {
  std::vector<std::string> labels, words, marks, empty;
  for (const std::size_t k : kept) labels.push_back(columns_[k].name);
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const Column& column = columns_[k];
    const std::int64_t values = column.numbers + column.truths;
    if (std::find(kept.begin(), kept.end(), k) != kept.end()) continue;
    (values + column.words == 0 ? empty : values < column.words ? words : marks).push_back(column.name);
  }
  if (labels.empty() && !marks.empty())
    throw DataError(format("{}: which columns are labels? {} {} of numbers, but by name {}; name the labels with {}", file_,
                           names_listed(marks), marks.size() == 1 ? "is a column" : "are columns",
                           marks.size() == 1 ? "a place or a mark of rows" : "places or marks of rows", choice_.option));
  if (!labels.empty()) notes.push_back(format("labels are the columns {} ({} chooses)", names_listed(labels), choice_.option));
  if (!marks.empty()) notes.push_back(format("columns of numbers that are no labels by their names: {}", names_listed(marks)));
  if (!words.empty()) notes.push_back(format("columns that hold no numbers are no labels: {}", names_listed(words)));
  if (!empty.empty()) notes.push_back(format("columns without any value are no labels: {}", names_listed(empty)));
}

std::string LabelColumns::instead_of_labels() const {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> found;
  for (const Column& column : columns_)
    found.push_back(column.words > 0 ? format("'{}' holds {} in line {}", column.name, shown_label(column.word.text), column.word.line)
                                     : format("'{}' has no value", column.name));
  if (found.size() > kMost) {
    const std::size_t more = found.size() - kMost;
    found.resize(kMost);
    found.push_back(format("and {} more columns", more));
  }
  return fmt::to_string(fmt::join(found, ", "));
}

LabelColumns::Result LabelColumns::finish() {
  Result result;
  std::vector<std::size_t> kept;
  for (Column& column : columns_) settle_letters(column);
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    if (!is_label(columns_[k])) continue;
    check(columns_[k]);
    kept.push_back(k);
    result.names.push_back(columns_[k].name);
    if (columns_[k].truths > 0)
      result.notes.push_back(
          format("{} in column '{}' are 1 and 0", columns_[k].letters > 0 ? "T and F" : "TRUE and FALSE", columns_[k].name));
  }
  if (choice_.names.empty()) note_choice(kept, result.notes);
  if (kept.empty()) result.instead = instead_of_labels();
  if (kept.size() == columns_.size()) {
    result.values = std::move(values_);
    return result;
  }
  for (std::int64_t row = 0; row < rows_; ++row)
    for (const std::size_t k : kept) result.values.push_back(values_[static_cast<std::size_t>(row) * columns_.size() + k]);
  return result;
}

}  // namespace basewise::data::detail
