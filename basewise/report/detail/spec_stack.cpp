#include "basewise/report/detail/spec_stack.h"

#include <algorithm>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/report/detail/spec_logo.h"

namespace basewise::report::detail {
namespace {

constexpr std::string_view kOutline = "outline", kColor = "color";  // scales of logo_spec
constexpr int kTitle = 20;  // above a row
constexpr int kGap = 10;    // below it
constexpr int kTrack = 56;
constexpr int kTrackAxis = 46;
constexpr int kLane = 17;
constexpr int kCells = 72;
constexpr int kAxisWidth = 46;  // of all rows alike, so that their titles stand in one line

constexpr const char* kFrame = R"json({
 "$schema": "https://vega.github.io/schema/vega/v6.json",
 "width": 600,
 "height": 100,
 "padding": 5,
 "autosize": {"type":"fit-x","contains":"padding"},
 "signals": [
  {"name":"view","value":[0.5,2.5]},
  {"name":"ink","value":"#1a1d21"},
  {"name":"muted","value":"#66707b"},
  {"name":"faint","value":"#e8ebee"},
  {"name":"surface","value":"#ffffff"},
  {"name":"accent","value":"#1f5f99"},
  {"name":"contrast","value":"#c9650c"},
  {"name":"letter_colors","value":["#109648","#255c99","#db7c00","#d62839","#d62839","#8a8f98"]}],
 "data": [{"name":"letters"}],
 "scales": [{"name":"x","type":"linear","domain":{"signal":"view"},"range":"width","zero":false,"nice":false}],
 "axes": [
  {"orient":"bottom","scale":"x","title":"x","grid":false,"domain":false,"tickMinStep":1,"format":"d",
   "tickCount":{"signal":"max(2, floor(width / 60))"}}],
 "marks": []})json";

// What stacks the letters and draws them is that of logo_spec, put in by row_marks.
constexpr const char* kRow = R"json({
 "type": "group",
 "encode": {"update":{"y":{"value":0},"width":{"signal":"width"},"height":{"value":0}}},
 "data": [{"name":"own","source":"letters","transform":[]}],
 "scales": [{"name":"y","type":"linear","domain":[0,1],"range":[1,0],"zero":false,"nice":false}],
 "axes": [{"orient":"left","scale":"y","title":"y","grid":false,"format":".2~g"}],
 "marks": [
  {
   "type": "group",
   "clip": true,
   "encode": {"update":{"width":{"signal":"width"},"height":{"value":0}}},
   "marks": [
    {},
    {
     "type": "rule",
     "encode": {
      "update": {"x":{"value":0},"x2":{"signal":"width"},"y":{"scale":"y","value":0},"stroke":{"signal":"muted"},"strokeWidth":{"value":0.6}}}}]},
  {
   "type": "text",
   "encode": {
    "update": {
     "x": {"value":0},
     "y": {"value":-5},
     "baseline": {"value":"bottom"},
     "text": {"value":""},
     "limit": {"signal":"width"},
     "fill": {"signal":"ink"},
     "fontSize": {"value":11.5}}}}]})json";

// Bars of what the whole sequence has, and the stretch that is drawn below.
constexpr const char* kTrackMarks = R"json({
 "type": "group",
 "encode": {"update":{"y":{"value":20},"width":{"signal":"width"},"height":{"value":56}}},
 "scales": [
  {"name":"all","type":"linear","domain":[0,1],"range":"width","zero":false,"nice":false},
  {"name":"y","type":"linear","domain":[0,1],"range":[56,0],"zero":false,"nice":false}],
 "axes": [
  {"orient":"bottom","scale":"all","title":"x","grid":false,"format":",d","tickMinStep":1,"tickCount":{"signal":"max(2, floor(width / 110))"}},
  {"orient":"left","scale":"y","title":"y","grid":false,"format":".2~g"}],
 "marks": [
  {
   "type": "rect",
   "encode": {
    "update": {
     "x": {"signal":"scale('all', view[0] - 0.5)"},
     "x2": {"signal":"scale('all', view[1] - 0.5)"},
     "y": {"value":0},
     "y2": {"value":56},
     "fill": {"signal":"faint"}}}},
  {
   "type": "rect",
   "from": {"data":"track"},
   "encode": {
    "update": {
     "x": {"scale":"all","field":"start"},
     "x2": {"scale":"all","field":"end"},
     "y": {"scale":"y","field":"value"},
     "y2": {"scale":"y","value":0},
     "fill": {"signal":"datum.value < 0 ? contrast : accent"},
     "stroke": {"signal":"datum.value < 0 ? contrast : accent"},
     "strokeWidth": {"value":0.4},
     "tooltip": {"signal":"{position: format(datum.start + 1, ',d'), value: format(datum.value, '.4~g')}"}}}},
  {
   "type": "text",
   "encode": {
    "update": {"y":{"value":-5},"baseline":{"value":"bottom"},"text":{"value":""},"limit":{"signal":"width"},"fill":{"signal":"ink"},"fontSize":{"value":11.5}}}}]})json";

constexpr const char* kSpans = R"json({
 "type": "group",
 "clip": true,
 "encode": {"update":{"y":{"value":0},"width":{"signal":"width"},"height":{"value":0}}},
 "marks": [
  {
   "type": "rect",
   "from": {"data":"spans"},
   "encode": {
    "update": {
     "x": {"signal":"scale('x', datum.start - 0.5)"},
     "x2": {"signal":"scale('x', datum.end + 0.5)"},
     "y": {"signal":"datum.lane * 17 + 13"},
     "height": {"value":2},
     "fill": {"signal":"ink"},
     "tooltip": {"signal":"{name: datum.name, from: datum.start, to: datum.end}"}}}},
  {
   "type": "text",
   "from": {"data":"spans"},
   "encode": {
    "update": {
     "x": {"signal":"(scale('x', max(view[0], datum.start - 0.5)) + scale('x', min(view[1], datum.end + 0.5))) / 2"},
     "y": {"signal":"datum.lane * 17 + 11"},
     "align": {"value":"center"},
     "baseline": {"value":"bottom"},
     "text": {"field":"name"},
     "limit": {"signal":"max(60, scale('x', datum.end + 0.5) - scale('x', datum.start - 0.5))"},
     "fill": {"signal":"ink"},
     "fontSize": {"value":10.5}}}}]})json";

constexpr const char* kHeat = R"json({
 "type": "group",
 "encode": {"update":{"y":{"value":0},"width":{"signal":"width"},"height":{"value":72}}},
 "scales": [{"name":"letter","type":"band","domain":["A","C","G","T"],"range":[0,72]}],
 "axes": [{"orient":"left","scale":"letter","title":"letter","grid":false,"domain":false,"ticks":false}],
 "marks": [
  {
   "type": "rect",
   "from": {"data":"cells"},
   "encode": {
    "update": {
     "x": {"signal":"scale('x', datum.position - 0.5)"},
     "x2": {"signal":"scale('x', datum.position + 0.5)"},
     "y": {"scale":"letter","field":"letter"},
     "height": {"scale":"letter","band":1},
     "fill": {"scale":"heat","field":"value"},
     "tooltip": {"signal":"{position: datum.position, letter: datum.letter, change: format(datum.value, '.4~g')}"}}}},
  {
   "type": "symbol",
   "from": {"data":"cells"},
   "encode": {
    "update": {
     "x": {"scale":"x","field":"position"},
     "y": {"signal":"scale('letter', datum.letter) + 9"},
     "size": {"value":9},
     "fill": {"signal":"muted"},
     "opacity": {"signal":"datum.there ? 1 : 0"}}}},
  {
   "type": "text",
   "encode": {
    "update": {"y":{"value":-5},"baseline":{"value":"bottom"},"text":{"value":""},"limit":{"signal":"width"},"fill":{"signal":"ink"},"fontSize":{"value":11.5}}}}]})json";

void set_axis(Json& axis, const std::string& title, double low, double high) {
  axis["title"] = title;
  axis["values"] = low < 0 && high > 0 ? Json::array({low, 0, high}) : Json::array({low, high});
  axis["minExtent"] = kAxisWidth;
  axis["maxExtent"] = kAxisWidth;
}

Json row_marks(const StackRow& row, const Json& logo, std::size_t index, int y) {
  Json group = parse_json(kRow, "a row of letters");
  const std::string own = format("own_{}", index);
  group["encode"]["update"]["y"]["value"] = y;
  group["encode"]["update"]["height"]["value"] = row.height;
  group["data"][0]["name"] = own;
  group["data"][0]["transform"] = logo.at("data").at(1).at("transform");
  group["data"][0]["transform"][0]["expr"] =
      format("datum.row == '{}' && datum.position > view[0] - 1 && datum.position < view[1] + 1", row.name);
  group["scales"][0]["domain"] = {row.low, row.high};
  group["scales"][0]["range"] = {row.height, 0};
  set_axis(group["axes"][0], row.y_title, row.low, row.high);
  group["marks"][0]["encode"]["update"]["height"]["value"] = row.height;
  Json& letters = group["marks"][0]["marks"][0];
  letters = logo.at("marks").at(0).at("marks").at(0);
  letters.erase("name");
  letters["from"]["data"] = own;
  group["marks"][1]["encode"]["update"]["text"]["value"] = row.title;
  return group;
}

Json track_marks(const StackTrack& track) {
  Json group = parse_json(kTrackMarks, "the track of a sequence");
  group["scales"][0]["domain"] = {0, track.length};
  group["scales"][1]["domain"] = {track.low, track.high};
  group["axes"][0]["title"] = track.x_title;
  set_axis(group["axes"][1], track.y_title, track.low, track.high);
  group["marks"][2]["encode"]["update"]["text"]["value"] = track.title;
  return group;
}

void add_heat(Json& spec, double largest, const std::string& title, int y) {
  spec["data"].push_back({{"name", "cells"}});
  spec["scales"].push_back({{"name", "heat"},
                            {"type", "linear"},
                            {"domain", {-largest, 0, largest}},
                            {"range", {{"signal", "[contrast, surface, accent]"}}},
                            {"zero", false},
                            {"clamp", true}});
  spec["legends"] = Json::array({{{"fill", "heat"},
                                  {"type", "gradient"},
                                  {"orient", "top"},
                                  {"direction", "horizontal"},
                                  {"title", nullptr},
                                  {"format", "+.2~g"},
                                  {"values", {-largest, 0, largest}}}});
  Json group = parse_json(kHeat, "the heat map of mutations");
  group["encode"]["update"]["y"]["value"] = y;
  group["axes"][0]["minExtent"] = kAxisWidth;
  group["axes"][0]["maxExtent"] = kAxisWidth;
  group["marks"][2]["encode"]["update"]["text"]["value"] = title;
  spec["marks"].push_back(group);
}

}  // namespace

Json stack_spec(const StackSpec& s) {
  Json spec = parse_json(kFrame, "the figure of logos");
  const Json logo = logo_spec({.y_title = "", .x_title = ""});
  for (const Json& scale : logo.at("scales"))
    if (scale.at("name") == kOutline || scale.at("name") == kColor) spec["scales"].push_back(scale);
  spec["signals"][0]["value"] = {static_cast<double>(s.first) - 0.5, static_cast<double>(s.last) + 0.5};
  spec["axes"][0]["title"] = s.x_title;
  int y = 0;
  if (s.track) {
    spec["data"].push_back({{"name", "track"}});
    spec["marks"].push_back(track_marks(*s.track));
    y = kTitle + kTrack + kTrackAxis;
  }
  if (s.lanes > 0) {
    spec["data"].push_back({{"name", "spans"}});
    Json group = parse_json(kSpans, "the names of stretches");
    y += kTitle;
    group["encode"]["update"]["y"]["value"] = y;
    group["encode"]["update"]["height"]["value"] = s.lanes * kLane;
    spec["marks"].push_back(group);
    y += s.lanes * kLane - kTitle + 4;
  }
  for (std::size_t i = 0; i < s.rows.size(); ++i) {
    y += kTitle;
    spec["marks"].push_back(row_marks(s.rows[i], logo, i, y));
    y += s.rows[i].height + kGap;
  }
  if (s.heat) {
    add_heat(spec, *s.heat, s.heat_title, y + kTitle);
    y += kTitle + kCells + kGap;
  }
  spec["height"] = std::max(1, y - kGap + 2);
  return spec;
}

}  // namespace basewise::report::detail
