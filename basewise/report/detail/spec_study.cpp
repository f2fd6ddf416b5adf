#include "basewise/report/detail/spec_study.h"

namespace basewise::report::detail {
namespace {

Json quantitative(const char* field, const std::string& title) {
  return {{"field", field}, {"type", "quantitative"}, {"title", title}, {"scale", {{"zero", false}}}};
}

Json tip(const char* field, const std::string& title, const char* format = nullptr) {
  Json json = {{"field", field}, {"title", title}};
  if (format) json["format"] = format;
  return json;
}

Json colour(const char* signal) { return {{"expr", signal}}; }

Json names(const std::vector<std::string>& rows) {
  return {{"field", "name"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale", {{"domain", rows}, {"paddingInner", 0.4}, {"paddingOuter", 0.25}}},
          {"axis", {{"domain", false}, {"ticks", false}, {"grid", true}, {"labelLimit", 320}}}};
}

Json parameters() {
  Json json = Json::array();
  for (const auto& [name, value] :
       {std::pair("accent", "#2563a8"), std::pair("contrast", "#c9650c"), std::pair("ink", "#1a1d21"), std::pair("muted", "#6b7280")})
    json.push_back({{"name", name}, {"value", value}});
  return json;
}

Json layer(const char* table, Json mark, Json encoding) {
  return {{"data", {{"name", table}}}, {"mark", std::move(mark)}, {"encoding", std::move(encoding)}};
}

Json schema() { return "https://vega.github.io/schema/vega-lite/v6.json"; }

}  // namespace

Json dots_spec(const DotsSpec& s) {
  const Json y = names(s.rows);
  const Json seed = {{"x", quantitative("value", s.value_title)},
                     {"y", y},
                     {"yOffset", {{"field", "seed"}, {"type", "nominal"}, {"sort", nullptr}}},
                     {"tooltip", {tip("name", "name"), tip("seed", s.over_title), tip("value", s.value_title, ".4f")}}};
  const Json spread = {tip("name", "name"), tip("n", "n", "d"), tip("mean", "mean", ".4f"), tip("low", "from", ".4f"),
                       tip("high", "to", ".4f")};
  const Json interval = {{"x", quantitative("low", s.value_title)}, {"x2", {{"field", "high"}}}, {"y", y}, {"tooltip", spread}};
  const Json mean = {{"x", quantitative("mean", s.value_title)}, {"y", y}, {"tooltip", spread}};
  const Json told = {tip("name", "name"), tip("published", "published", ".4f"), tip("sd", "sd", ".4f")};
  const Json published = {{"x", quantitative("published", s.value_title)}, {"y", y}, {"tooltip", told}};
  const Json published_sd = {{"x", quantitative("from", s.value_title)}, {"x2", {{"field", "to"}}}, {"y", y}, {"tooltip", told}};
  const Json bound = {
      {"x", quantitative("value", s.value_title)}, {"y", y}, {"tooltip", {tip("label", "bound"), tip("value", s.value_title, ".4f")}}};
  Json layers = Json::array();
  if (s.zero)
    layers.push_back(layer("zero", {{"type", "rule"}, {"color", colour("muted")}, {"strokeDash", {3, 3}}},
                           {{"x", quantitative("value", s.value_title)}}));
  if (s.published) {
    layers.push_back(
        layer("published", {{"type", "rule"}, {"color", colour("contrast")}, {"strokeWidth", 7}, {"opacity", 0.25}}, published_sd));
    layers.push_back(layer("published", {{"type", "tick"}, {"color", colour("contrast")}, {"thickness", 2.5}, {"size", 24}}, published));
  }
  if (s.bounds) layers.push_back(layer("bounds", {{"type", "tick"}, {"color", colour("muted")}, {"thickness", 1.5}, {"size", 30}}, bound));
  layers.push_back(
      layer("seeds", {{"type", "point"}, {"filled", true}, {"size", 34}, {"opacity", 0.6}, {"color", colour("accent")}}, seed));
  layers.push_back(layer("means", {{"type", "rule"}, {"color", colour("ink")}, {"strokeWidth", 1.6}}, interval));
  layers.push_back(layer("means", {{"type", "tick"}, {"color", colour("ink")}, {"thickness", 2}, {"size", 16}}, mean));
  return {{"$schema", schema()},
          {"width", "container"},
          {"height", {{"step", 36}, {"for", "position"}}},
          {"params", parameters()},
          {"layer", layers}};
}

Json trend_spec(const TrendSpec& s) {
  const Json hue = {
      {"field", "run"}, {"type", "nominal"}, {"scale", {{"domain", s.runs}}}, {"title", nullptr}, {"legend", {{"symbolOpacity", 1}}}};
  Json x = {{"field", "x"},
            {"type", "quantitative"},
            {"title", s.x_title},
            {"scale", {{"zero", false}}},
            {"axis", {{"values", s.ticks}, {"format", "~g"}}}};
  x["scale"]["padding"] = 14;
  if (s.log) x["scale"]["type"] = "log";
  const Json told = {tip("run", "name"),         tip("x", s.x_title, "~g"), tip("n", "n", "d"),
                     tip("mean", "mean", ".4f"), tip("low", "from", ".4f"), tip("high", "to", ".4f")};
  const Json line = {{"x", x}, {"y", quantitative("mean", s.value_title)}, {"color", hue}, {"tooltip", told}};
  const Json interval = {
      {"x", x}, {"y", quantitative("low", s.value_title)}, {"y2", {{"field", "high"}}}, {"color", hue}, {"tooltip", told}};
  const Json seed = {
      {"x", x},
      {"y", quantitative("value", s.value_title)},
      {"color", hue},
      {"tooltip", {tip("run", "name"), tip("seed", s.over_title), tip("x", s.x_title, "~g"), tip("value", s.value_title, ".4f")}}};
  Json layers = Json::array();
  layers.push_back(layer("seeds", {{"type", "point"}, {"filled", true}, {"size", 16}, {"opacity", 0.35}}, seed));
  layers.push_back(layer("means", {{"type", "rule"}, {"strokeWidth", 1.6}}, interval));
  layers.push_back(layer("means", {{"type", "line"}, {"point", {{"size", 40}}}}, line));
  return {{"$schema", schema()}, {"width", "container"}, {"height", 300}, {"params", parameters()}, {"layer", layers}};
}

Json relation_spec(const RelationSpec& s) {
  Json encoding = {{"x", quantitative("x", s.x_title)},
                   {"y", quantitative("y", s.y_title)},
                   {"tooltip", {tip("name", "run"), tip("x", s.x_title, ".4f"), tip("y", s.y_title, ".4f")}}};
  Json mark = {{"type", "point"}, {"filled", true}, {"size", 46}, {"opacity", 0.75}};
  if (s.groups)
    encoding["color"] = {{"field", "group"}, {"type", "nominal"}, {"title", nullptr}, {"legend", {{"symbolOpacity", 1}}}};
  else
    mark["color"] = colour("accent");
  return {{"$schema", schema()},
          {"width", "container"},
          {"height", 320},
          {"params", parameters()},
          {"layer", Json::array({layer("runs", std::move(mark), std::move(encoding))})}};
}

}  // namespace basewise::report::detail
