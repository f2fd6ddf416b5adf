#include "basewise/report/detail/blocks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "basewise/core/error.h"

namespace basewise::report::detail {
namespace {

void set_if(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

/// Texts of few kinds are written once each.
Json column_json(const std::vector<Json>& values) {
  std::map<std::string, std::size_t> codes;
  Json dictionary = Json::array(), coded = Json::array();
  bool texts = values.size() > 8;
  for (const Json& value : values) {
    if (!texts || !value.is_string() || codes.size() * 2 > values.size()) {
      texts = false;
      break;
    }
    const auto [item, fresh] = codes.emplace(value.get<std::string>(), codes.size());
    if (fresh) dictionary.push_back(value);
    coded.push_back(item->second);
  }
  if (texts) return {{"dictionary", dictionary}, {"codes", coded}};
  return Json(values);
}

/// Two ends that hold all [value, low, high] of column `c`; empty when there is none.
std::vector<double> interval_range(const std::vector<std::vector<Json>>& rows, std::size_t c) {
  double low = INFINITY, high = -INFINITY;
  for (const auto& row : rows) {
    if (!row[c].is_array() || row[c].size() != 3 || !row[c][1].is_number() || !row[c][2].is_number()) continue;
    low = std::min(low, row[c][1].get<double>());
    high = std::max(high, row[c][2].get<double>());
  }
  if (!(low <= high)) return {};
  const double margin = std::max(0.05 * (high - low), 1e-9);
  return {low - margin, high + margin};
}

}  // namespace

Field run_field() { return {.name = "run", .run = true}; }
Field series_field() { return {.name = "series"}; }
Field order_field() { return {.name = "order"}; }

void DataTable::add(std::vector<Json> row) {
  if (row.size() != columns_.size())
    throw InternalError(format("table {}: a row of {} values for {} fields", name_, row.size(), columns_.size()));
  for (std::size_t c = 0; c < row.size(); ++c) columns_[c].push_back(std::move(row[c]));
}

Json DataTable::to_json() const {
  Json fields = Json::array(), columns = Json::array();
  for (const Field& f : fields_) {
    Json field = {{"name", f.name}, {"title", f.title.empty() ? f.name : f.title}};
    set_if(field, "unit", f.unit);
    set_if(field, "format", f.format);
    if (f.run) field["role"] = "run";
    fields.push_back(field);
  }
  for (const auto& values : columns_) columns.push_back(column_json(values));
  return {{"name", name_}, {"fields", fields}, {"columns", columns}};
}

Json Figure::to_json() const {
  Json json = {{"type", kFigureBlock},
               {"id", id},
               {"title", filled(title)},
               {"caption", caption},
               {"kind", to_word(kind)},
               {"size", to_word(size)},
               {"engine", to_word(engine)}};
  set_if(json, "summary", summary);
  json["spec"] = spec;
  json["data"] = Json::array();
  for (const DataTable& table : data) json["data"].push_back(table.to_json());
  if (!zoom.is_null()) json["zoom"] = zoom;
  return json;
}

Json to_json(const Fact& fact) {
  Json json = {{"name", filled(fact.name)}, {"value", fact.value}};
  set_if(json, "format", fact.format);
  set_if(json, "unit", fact.unit);
  set_if(json, "note", fact.note);
  return json;
}

Json facts_block(const std::string& title, const std::vector<Fact>& facts) {
  Json json = {{"type", "facts"}, {"title", filled(title)}, {"items", Json::array()}};
  for (const Fact& fact : facts) json["items"].push_back(detail::to_json(fact));
  return json;
}

Json text_block(const std::string& text, Tone tone) { return {{"type", "text"}, {"text", text}, {"tone", to_word(tone)}}; }

Json listing_block(const std::string& title, const std::string& text) {
  return {{"type", "listing"}, {"title", filled(title)}, {"text", text}};
}

void Table::set_interval_ranges() {
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].type == ColumnType::interval) columns[c].range = interval_range(rows, c);
}

Json Table::to_json() const {
  Json json = {{"type", "table"}, {"id", id}, {"title", filled(title)}};
  set_if(json, "caption", caption);
  json["columns"] = Json::array();
  for (const TableColumn& c : columns) {
    Json column = {{"name", c.name}, {"title", filled(c.title)}, {"type", to_word(c.type)}};
    if (c.run) column["role"] = "run";
    set_if(column, "unit", c.unit);
    set_if(column, "format", c.format);
    set_if(column, "help", c.help);
    if (c.range.size() == 2) column["range"] = c.range;
    json["columns"].push_back(column);
  }
  json["rows"] = rows;
  if (!sort.empty()) json["sort"] = {{"column", sort}, {"descending", descending}};
  return json;
}

Json Section::to_json() const {
  Json json = {{"id", id}, {"title", title}};
  set_if(json, "lead", lead);
  json["blocks"] = blocks;
  return json;
}

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json short_number(double x) {
  if (!std::isfinite(x)) return nullptr;
  if (x == std::trunc(x) && std::abs(x) < 1e15) return static_cast<std::int64_t>(x);
  return std::stod(basewise::format("{:.6g}", x));
}

std::string metric_title(std::string_view metric) {
  static const std::map<std::string, std::string, std::less<>> names = {
      {"auroc", "AUROC"},
      {"auprc_trapezoid", "AUPRC"},
      {"recall_at_fdr", "Recall at FDR"},
      {"f1", "F1"},
      {"matthews", "Matthews correlation"},
      {"log_loss", "Log loss"},
      {"brier", "Brier score"},
      {"pearson", "Pearson correlation"},
      {"spearman", "Spearman correlation"},
      {"r2", "R²"},
      {"mse", "Mean squared error"},
      {"mae", "Mean absolute error"},
      {"jsd", "Jensen-Shannon divergence"},
      {"profile_pearson", "Pearson correlation along strands"},
      {"profile_spearman", "Spearman correlation along strands"},
      {"profile_pearson_as_published", "Pearson correlation (as published)"},
      {"profile_spearman_as_published", "Spearman correlation (as published)"},
      {"multinomial_nll", "Multinomial loss"},
      {"cross_entropy_per_read", "Cross-entropy per read"},
      {"loss", "Loss"}};
  const auto colon = metric.find(':');
  // "counts.pearson": of another head; "mean.auroc".
  if (const auto dot = metric.find('.'); dot != std::string_view::npos && dot < colon && dot > 0)
    return format("{}, {}", metric_title(metric.substr(dot + 1)), metric.substr(0, dot));
  const std::string base(metric.substr(0, colon));
  const std::string parameter = colon == std::string_view::npos ? "" : " " + std::string(metric.substr(colon + 1));
  if (const auto found = names.find(base); found != names.end()) return found->second + parameter;
  std::string title = base;
  for (char& c : title)
    if (c == '_') c = ' ';
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return filled(title) + parameter;
}

std::string grouped(std::int64_t n) {
  std::string digits = std::to_string(n);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > (n < 0 ? 1 : 0); i -= 3)
    digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

std::string count_text(double n) { return std::abs(n) < 1e15 ? grouped(static_cast<std::int64_t>(n)) : "?"; }

std::string filled(std::string text, std::string_view fallback) { return text.empty() ? std::string(fallback) : text; }

}  // namespace basewise::report::detail
