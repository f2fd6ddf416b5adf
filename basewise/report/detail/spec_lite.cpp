#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

Json lite(Json height, Json rest) {
  Json spec = {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"}, {"width", "container"}, {"height", std::move(height)}};
  spec.update(rest);
  return spec;
}

Json parameters(std::initializer_list<std::pair<const char*, const char*>> colours) {
  Json json = Json::array();
  for (const auto& [name, value] : colours) json.push_back({{"name", name}, {"value", value}});
  return json;
}

constexpr std::pair<const char*, const char*> kAccent{"accent", "#2563a8"}, kMuted{"muted", "#6b7280"}, kInk{"ink", "#1a1d21"};

Json nominal(const char* field, const std::vector<std::string>& domain) {
  return {{"field", field}, {"type", "nominal"}, {"scale", {{"domain", domain}}}, {"title", nullptr}};
}

/// Colours or dashes of lines; the legend shows pieces of the lines.
Json line_kind(const char* field, const std::vector<std::string>& domain) {
  Json json = nominal(field, domain);
  json["legend"] = {{"symbolType", "stroke"}, {"symbolSize", 300}, {"symbolStrokeWidth", 2}};
  return json;
}

Json accent() { return {{"value", {{"expr", "accent"}}}}; }

Json tip(const char* field, const std::string& title, const char* format = nullptr) {
  Json json = {{"field", field}, {"title", title}};
  if (format) json["format"] = format;
  return json;
}

/// Whole numbers only, as many as have room: ticks of Vega's choosing would stand at halves where
/// there are two epochs.
constexpr const char* kWholeTicks =
    "sequence(ceil(domain('x')[0]), floor(domain('x')[1]) + 1, max(1, ceil((domain('x')[1] - domain('x')[0]) * 45 / width)))";

Json axis(const Axis& a, bool nice) {
  Json json = {{"field", a.field}, {"type", "quantitative"}, {"title", a.title}, {"scale", {{"zero", false}}}, {"axis", Json::object()}};
  if (!nice) json["scale"]["nice"] = false;
  if (a.domain.size() == 2) json["scale"]["domain"] = a.domain;
  if (a.log) json["scale"]["type"] = "log";
  if (a.whole) json["axis"] = {{"values", {{"expr", kWholeTicks}}}, {"format", "d"}};
  return json;
}

Json plain(const Axis& a) { return {{"field", a.field}, {"type", "quantitative"}}; }

Json reference_line(const CurveSpec& s) {
  return {{"data", {{"name", "reference"}}},
          {"mark", {{"type", "line"}, {"strokeDash", {3, 3}}, {"strokeWidth", 1}, {"color", {{"expr", "muted"}}}}},
          {"encoding", {{"x", plain(s.x)}, {"y", plain(s.y)}}}};
}

Json curve_encoding(const CurveSpec& s) {
  const bool runs = s.runs.size() > 1, series = s.series.size() > 1;
  Json tooltip = Json::array();
  if (runs) tooltip.push_back(tip("run", "run"));
  if (series) tooltip.push_back(tip("series", "series"));
  tooltip.push_back(tip(s.x.field.c_str(), s.x.title, s.x.format.c_str()));
  tooltip.push_back(tip(s.y.field.c_str(), s.y.title, s.y.format.c_str()));
  Json encoding = {{"x", axis(s.x, false)}, {"y", axis(s.y, true)}};
  encoding["color"] = runs ? line_kind("run", s.runs) : series ? line_kind("series", s.series) : accent();
  encoding["detail"] = {{{"field", "run"}}, {{"field", "series"}}};
  encoding["order"] = {{"field", "order"}};
  encoding["tooltip"] = tooltip;
  if (runs && series) encoding["strokeDash"] = line_kind("series", s.series);
  // Points at the ends stand whole beside the axes.
  if (s.points && s.x.domain.empty()) encoding["x"]["scale"]["padding"] = 8;
  return encoding;
}

}  // namespace

Json curve_spec(const CurveSpec& s) {
  Json layer = Json::array();
  if (s.reference) layer.push_back(reference_line(s));
  const Json encoding = curve_encoding(s);
  if (s.intervals) {
    Json range = {{"x", plain(s.x)},
                  {"y", {{"field", "low"}, {"type", "quantitative"}, {"title", s.y.title}}},
                  {"y2", {{"field", "high"}}},
                  {"color", encoding["color"]},
                  {"detail", encoding["detail"]}};
    layer.push_back(
        {{"data", {{"name", "curve"}}}, {"mark", {{"type", "rule"}, {"strokeWidth", 1.5}, {"opacity", 0.6}}}, {"encoding", range}});
  }
  Json points = false;
  if (s.points) points = {{"size", 22}, {"filled", true}};
  layer.push_back(
      {{"data", {{"name", "curve"}}}, {"mark", {{"type", "line"}, {"clip", !s.points}, {"point", points}}}, {"encoding", encoding}});
  return lite(s.height, {{"params", parameters({kAccent, kMuted})}, {"layer", layer}});
}

Json intervals_spec(const std::string& title, const std::vector<std::string>& runs) {
  const bool several = runs.size() > 1;
  const Json colour = several ? nominal("run", runs) : accent();
  const Json scale = {{"zero", false}};
  Json tooltip = Json::array({tip("name", "name")});
  if (several) tooltip.push_back(tip("run", "run"));
  for (const auto& [field, what] : {std::pair<const char*, std::string>{"value", title}, {"low", "from"}, {"high", "to"}})
    tooltip.push_back(tip(field, what, ".4~g"));
  const Json y = {{"field", "name"},
                  {"type", "nominal"},
                  {"title", nullptr},
                  {"sort", nullptr},
                  {"axis", {{"domain", false}, {"ticks", false}, {"grid", true}}}};
  Json range = {{"x", {{"field", "low"}, {"type", "quantitative"}, {"title", title}, {"scale", scale}}},
                {"x2", {{"field", "high"}}},
                {"y", y},
                {"color", colour},
                {"tooltip", tooltip}};
  Json dot = {{"x", {{"field", "value"}, {"type", "quantitative"}, {"scale", scale}}}, {"y", y}, {"color", colour}, {"tooltip", tooltip}};
  if (several) range["yOffset"] = dot["yOffset"] = {{"field", "run"}, {"scale", {{"domain", runs}}}};
  const Json tick = {{"x", {{"field", "value"}, {"type", "quantitative"}, {"scale", scale}}},
                     {"y", y},
                     {"tooltip", {tip("label", "reference"), tip("value", title, ".4~g")}}};
  const Json layer = {
      {{"data", {{"name", "values"}}}, {"mark", {{"type", "rule"}, {"strokeWidth", 2}, {"opacity", 0.6}}}, {"encoding", range}},
      {{"data", {{"name", "values"}}}, {"mark", {{"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 1}}}, {"encoding", dot}},
      {{"data", {{"name", "references"}}},
       {"mark", {{"type", "tick"}, {"thickness", 2}, {"size", 16}, {"color", {{"expr", "ink"}}}}},
       {"encoding", tick}}};
  const auto step = several ? 11 * static_cast<int>(runs.size()) + 12 : 26;
  return lite({{"step", step}}, {{"params", parameters({kAccent, kInk})}, {"layer", layer}});
}

Json parts_spec(const std::string& value_title, const std::vector<std::string>& parts) {
  const Json tooltip = {tip("name", "name"), tip("part", "part"), tip("value", value_title, ",d")};
  return lite(
      {{"step", 26}},
      {{"data", {{"name", "counts"}}},
       {"mark", {{"type", "bar"}, {"height", {{"band", 0.7}}}}},
       {"encoding",
        {{"y",
          {{"field", "name"}, {"type", "nominal"}, {"title", nullptr}, {"sort", nullptr}, {"axis", {{"domain", false}, {"ticks", false}}}}},
         {"x", {{"field", "value"}, {"type", "quantitative"}, {"title", value_title}, {"stack", "zero"}, {"axis", {{"format", "~s"}}}}},
         {"color", nominal("part", parts)},
         {"order", {{"field", "order"}}},
         {"tooltip", tooltip}}}});
}

Json epochs_spec(const std::string& value_title, const std::vector<std::string>& runs, const std::vector<std::string>& parts) {
  const Json tooltip = {tip("run", "run"), tip("epoch", "epoch"), tip("part", "part"), tip("value", value_title, ".3~g")};
  Json encoding = {{"x",
                    {{"field", "epoch"},
                     {"type", "ordinal"},
                     {"title", "epoch"},
                     {"axis", {{"labelAngle", 0}, {"labelOverlap", true}, {"grid", false}}}}},
                   {"y", {{"field", "value"}, {"type", "quantitative"}, {"title", value_title}, {"stack", "zero"}}},
                   {"color", nominal("part", parts)},
                   {"order", {{"field", "order"}}},
                   {"tooltip", tooltip}};
  if (runs.size() > 1) encoding["xOffset"] = {{"field", "run"}, {"scale", {{"domain", runs}}}};
  return lite(240, {{"data", {{"name", "time"}}}, {"mark", {{"type", "bar"}, {"width", {{"band", 0.8}}}}}, {"encoding", encoding}});
}

Json density_spec(const std::string& x_title, const std::string& y_title) {
  const auto quantity = [](const char* field, const std::string& title) {
    return Json{{"field", field},
                {"type", "quantitative"},
                {"title", title},
                {"scale", {{"zero", false}, {"nice", false}}},
                {"axis", {{"grid", false}}}};
  };
  const Json cells = {{"x", quantity("x", x_title)},
                      {"x2", {{"field", "x2"}}},
                      {"y", quantity("y", y_title)},
                      {"y2", {{"field", "y2"}}},
                      {"color",
                       {{"field", "count"},
                        {"type", "quantitative"},
                        {"title", "count"},
                        {"scale", {{"type", "log"}, {"range", "ramp"}}},
                        {"legend", {{"format", "~s"}, {"gradientLength", 140}}}}},
                      {"tooltip", {tip("x", x_title + " from", ".3~g"), tip("y", y_title + " from", ".3~g"), tip("count", "count", ",d")}}};
  const Json line = {{"x", {{"field", "x"}, {"type", "quantitative"}}}, {"y", {{"field", "y"}, {"type", "quantitative"}}}};
  const Json layer = {{{"data", {{"name", "cells"}}}, {"mark", {{"type", "rect"}, {"clip", true}}}, {"encoding", cells}},
                      {{"data", {{"name", "reference"}}},
                       {"mark", {{"type", "line"}, {"strokeDash", {3, 3}}, {"strokeWidth", 1}, {"color", {{"expr", "muted"}}}}},
                       {"encoding", line}}};
  return lite(300, {{"params", parameters({kMuted})}, {"layer", layer}});
}

}  // namespace basewise::report::detail
