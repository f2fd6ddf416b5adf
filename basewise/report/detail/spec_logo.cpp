#include "basewise/report/detail/spec_logo.h"

#include "basewise/core/json.h"

namespace basewise::report::detail {
namespace {

// Letters are outlines in a box of one by one that they touch on all four sides: scaled to
// (width, height), a letter is exactly so large.
constexpr const char* kLogo = R"json({
 "$schema": "https://vega.github.io/schema/vega/v6.json",
 "width": 600,
 "height": 120,
 "padding": 5,
 "autosize": {"type":"fit-x","contains":"padding"},
 "signals": [
  {"name":"view","value":[0.5,2.5]},
  {"name":"ink","value":"#1a1d21"},
  {"name":"letter_colors","value":["#109648","#255c99","#db7c00","#d62839","#d62839","#8a8f98"]}],
 "data": [
  {"name":"letters"},
  {
   "name": "stacked",
   "source": "letters",
   "transform": [
    {"type":"filter","expr":"datum.position > view[0] - 1 && datum.position < view[1] + 1"},
    {"type":"formula","as":"size","expr":"abs(datum.height)"},
    {"type":"stack","groupby":["position"],"field":"height","sort":{"field":"size"},"as":["y0","y1"]}]}],
 "scales": [
  {"name":"x","type":"linear","domain":{"signal":"view"},"range":"width","zero":false,"nice":false},
  {"name":"y","type":"linear","domain":[-1,1],"range":"height","zero":false,"nice":false},
  {
   "name": "outline",
   "type": "ordinal",
   "domain": ["A","C","G","T","U","N"],
   "range": [
    "M0,1L0.4,0L0.6,0L1,1L0.79,1L0.7,0.76L0.3,0.76L0.21,1ZM0.355,0.61L0.645,0.61L0.5,0.2Z",
    "M1,0.34C0.95,0.12,0.77,0,0.52,0C0.2,0,0,0.2,0,0.5C0,0.8,0.2,1,0.52,1C0.77,1,0.95,0.88,1,0.66L0.79,0.62C0.76,0.76,0.66,0.83,0.53,0.83C0.33,0.83,0.21,0.71,0.21,0.5C0.21,0.29,0.33,0.17,0.53,0.17C0.66,0.17,0.76,0.24,0.79,0.38Z",
    "M0.97,0.31C0.92,0.11,0.76,0,0.52,0C0.2,0,0,0.2,0,0.5C0,0.8,0.2,1,0.52,1C0.72,1,0.89,0.93,1,0.82L1,0.46L0.53,0.46L0.53,0.62L0.8,0.62L0.8,0.74C0.73,0.8,0.63,0.83,0.53,0.83C0.33,0.83,0.21,0.71,0.21,0.5C0.21,0.29,0.33,0.17,0.53,0.17C0.65,0.17,0.73,0.23,0.76,0.35Z",
    "M0,0L1,0L1,0.17L0.605,0.17L0.605,1L0.395,1L0.395,0.17L0,0.17Z",
    "M0,0L0.2,0L0.2,0.62C0.2,0.76,0.33,0.83,0.5,0.83C0.67,0.83,0.8,0.76,0.8,0.62L0.8,0L1,0L1,0.64C1,0.86,0.8,1,0.5,1C0.2,1,0,0.86,0,0.64Z",
    "M0,1L0,0L0.22,0L0.8,0.68L0.8,0L1,0L1,1L0.78,1L0.2,0.32L0.2,1Z"]},
  {"name":"color","type":"ordinal","domain":["A","C","G","T","U","N"],"range":{"signal":"letter_colors"}}],
 "axes": [
  {"orient":"bottom","scale":"x","title":"@x@","grid":false,"domain":false,"tickMinStep":1},
  {"orient":"left","scale":"y","title":"@y@","grid":false,"tickCount":4}],
 "marks": [
  {
   "type": "group",
   "clip": true,
   "encode": {"update":{"width":{"signal":"width"},"height":{"signal":"height"}}},
   "marks": [
    {
     "type": "path",
     "name": "letter_marks",
     "from": {"data":"stacked"},
     "encode": {
      "update": {
       "path": {"scale":"outline","field":"letter"},
       "fill": {"scale":"color","field":"letter"},
       "x": {"signal":"scale('x', datum.position - 0.5)"},
       "y": {"signal":"scale('y', max(datum.y0, datum.y1))"},
       "scaleX": {"signal":"scale('x', 1) - scale('x', 0)"},
       "scaleY": {"signal":"abs(scale('y', datum.y1) - scale('y', datum.y0))"},
       "tooltip": {"signal":"{position: datum.position, letter: datum.letter, height: format(datum.height, '.4~g')}"}}}},
    {
     "type": "rule",
     "encode": {
      "update": {"x":{"value":0},"x2":{"signal":"width"},"y":{"scale":"y","value":0},"stroke":{"signal":"ink"},"strokeWidth":{"value":1}}}}]}]})json";

}  // namespace

Json logo_spec(const LogoSpec& s) {
  Json spec = parse_json(kLogo, "the figure of a logo");
  spec["height"] = s.height;
  spec["signals"][0]["value"] = {static_cast<double>(s.first) - 0.5, static_cast<double>(s.last) + 0.5};
  spec["scales"][1]["domain"] = {s.low, s.high};
  spec["axes"][0]["title"] = s.x_title;
  spec["axes"][0]["domain"] = s.low >= 0;
  spec["axes"][1]["title"] = s.y_title;
  spec["marks"][0]["marks"][1]["encode"]["update"]["strokeWidth"]["value"] = s.low < 0 ? 1 : 0;
  return spec;
}

}  // namespace basewise::report::detail
