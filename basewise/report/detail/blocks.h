// Blocks of the document (report.schema.json): facts, texts, tables, figures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

/// A field of a figure's table. Names are ours, never strings from a file.
struct Field {
  std::string name;
  std::string title = {};  ///< empty: the name
  std::string unit = {};
  std::string format = {};  ///< as d3-format
  bool run = false;         ///< holds ids of runs
};

Field run_field();
Field series_field();
Field order_field();

/// A named table of a figure.
class DataTable {
 public:
  DataTable(std::string name, std::vector<Field> fields) : name_(std::move(name)), fields_(std::move(fields)), columns_(fields_.size()) {}

  /// One value per field.
  void add(std::vector<Json> row);
  std::size_t rows() const { return columns_.empty() ? 0 : columns_[0].size(); }

  /// Columns; texts that repeat become a dictionary with codes.
  Json to_json() const;

 private:
  std::string name_;
  std::vector<Field> fields_;
  std::vector<std::vector<Json>> columns_;
};

enum class FigureKind { curve, bars, scatter, density, heatmap, intervals, tracks, logo, other };
constexpr auto words_of(FigureKind) {
  return words<FigureKind>({{FigureKind::curve, "curve"},
                            {FigureKind::bars, "bars"},
                            {FigureKind::scatter, "scatter"},
                            {FigureKind::density, "density"},
                            {FigureKind::heatmap, "heatmap"},
                            {FigureKind::intervals, "intervals"},
                            {FigureKind::tracks, "tracks"},
                            {FigureKind::logo, "logo"},
                            {FigureKind::other, "other"}});
}

/// The share of the page's width that a figure takes.
enum class FigureSize { full, half, third };
constexpr auto words_of(FigureSize) {
  return words<FigureSize>({{FigureSize::full, "full"}, {FigureSize::half, "half"}, {FigureSize::third, "third"}});
}

/// Who draws a specification.
enum class Engine { vega_lite, vega };
constexpr auto words_of(Engine) { return words<Engine>({{Engine::vega_lite, "vega-lite"}, {Engine::vega, "vega"}}); }

/// The member "type" of a figure in a document.
inline constexpr const char* kFigureBlock = "figure";

/// What a figure function returns.
struct Figure {
  std::string id;
  std::string title;
  std::string caption;  ///< how to read it, one sentence
  FigureKind kind = FigureKind::other;
  FigureSize size = FigureSize::half;
  std::string summary = {};  ///< what it shows here, in words
  Engine engine = Engine::vega_lite;
  Json spec = {};
  std::vector<DataTable> data = {};
  Json zoom = {};

  Json to_json() const;
};

struct Fact {
  std::string name;
  Json value;
  std::string format = {};
  std::string unit = {};
  std::string note = {};
};
Json to_json(const Fact& fact);
Json facts_block(const std::string& title, const std::vector<Fact>& facts);

/// How loud a text is.
enum class Tone { plain, note, warning };
constexpr auto words_of(Tone) {
  return words<Tone>({{Tone::plain, "plain"}, {Tone::note, "note"}, {Tone::warning, "warning"}});
}

Json text_block(const std::string& text, Tone tone = Tone::plain);
Json listing_block(const std::string& title, const std::string& text);

/// What the cells of a column are.
enum class ColumnType { text, number, bar, interval, boolean };
constexpr auto words_of(ColumnType) {
  return words<ColumnType>({{ColumnType::text, "text"},
                            {ColumnType::number, "number"},
                            {ColumnType::bar, "bar"},
                            {ColumnType::interval, "interval"},
                            {ColumnType::boolean, "boolean"}});
}

/// A column of a table block.
struct TableColumn {
  std::string name;
  std::string title;
  ColumnType type;
  std::string format = {};
  std::string unit = {};
  std::string help = {};
  bool run = false;
  std::vector<double> range = {};  ///< of bars and intervals: two ends; empty: from 0 to the largest value
};

struct Table {
  std::string id;
  std::string title;
  std::string caption = {};
  std::vector<TableColumn> columns = {};
  std::vector<std::vector<Json>> rows = {};
  std::string sort = {};  ///< column; empty: as they come
  bool descending = true;

  /// Gives each column of intervals a range that holds all of its cells [value, low, high].
  void set_interval_ranges();

  Json to_json() const;
};

/// A section with the blocks that it has.
struct Section {
  std::string id;
  std::string title;
  std::string lead = {};
  Json blocks = Json::array();

  void add(const Figure& figure) { blocks.push_back(figure.to_json()); }
  void add(Json block) { blocks.push_back(std::move(block)); }
  Json to_json() const;
};

/// Null for what is not finite.
Json number(double x);

/// Six significant digits: more than any page shows, and far fewer bytes.
Json short_number(double x);

/// "AUROC", "Average precision", "Recall at FDR 0.1": for people.
std::string metric_title(std::string_view metric);

/// "1,234,567"
std::string grouped(std::int64_t n);

/// The same of a number read from a file; "?" for what is no count.
std::string count_text(double n);

/// Never empty: what the schema asks of titles and names.
std::string filled(std::string text, std::string_view fallback = "(no name)");

}  // namespace basewise::report::detail
