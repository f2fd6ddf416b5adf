#include "basewise/report/detail/spec_tracks.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/report/binning.h"

namespace basewise::report::detail {
namespace {

constexpr int kRow = 64 + 14;  // a row and the gap below it
constexpr int kLane = 18;      // of genes
constexpr int kSites = 24;

// @NAME@ stands for numbers that are put in as text; a row is 64 high, the gap 14, a lane 18.
// Zoom levels: kZoomFactor.
constexpr const char* kTracks = R"json({
 "$schema": "https://vega.github.io/schema/vega/v6.json",
 "width": 800,
 "height": @HEIGHT@,
 "padding": 5,
 "autosize": {"type":"fit-x","contains":"padding"},
 "signals": [
  {"name":"view","value":[0,1]},
  {"name":"ink","value":"#1a1d21"},
  {"name":"muted","value":"#6b7280"},
  {"name":"faint","value":"#e3e6ea"},
  {"name":"surface","value":"#ffffff"},
  {"name":"role_colors","value":["#2563a8","#6b7280","#b4540a","#7a4fa3"]},
  {"name":"span","update":"view[1] - view[0]"},
  {"name":"bin","update":"min(@COARSEST@, pow(8, max(0, ceil(log(span / (2 * max(1, width))) / log(8)))))"}],
 "data": [
  {"name":"rows"},
  {"name":"signals"},
  {"name":"genes"},
  {"name":"sites"},
  {
   "name": "bins",
   "source": "signals",
   "transform": [
    {"type":"filter","expr":"datum.bin == bin"},
    {"type":"flatten","fields":["mean","high"],"as":["mean","high"],"index":"index"},
    {"type":"formula","as":"from","expr":"datum.start + datum.index * datum.bin"},
    {"type":"formula","as":"to","expr":"datum.from + datum.bin"},
    {"type":"filter","expr":"datum.to >= view[0] - datum.bin && datum.from <= view[1] + datum.bin"},
    {"type":"formula","as":"peak","expr":"isValid(datum.high) ? datum.high : datum.mean"}]},
  {
   "name": "genes_shown",
   "source": "genes",
   "transform": [
    {"type":"filter","expr":"datum.end > view[0] && datum.start < view[1]"},
    {"type":"formula","as":"x0","expr":"scale('x', max(datum.start, view[0]))"},
    {"type":"formula","as":"x1","expr":"scale('x', min(datum.end, view[1]))"}]},
  {"name":"sites_shown","source":"sites","transform":[{"type":"filter","expr":"datum.end > view[0] && datum.start < view[1]"}]}],
 "scales": [
  {"name":"x","type":"linear","domain":{"signal":"view"},"range":"width","zero":false,"nice":false},
  {"name":"role","type":"ordinal","domain":["r"],"range":{"signal":"role_colors"}},
  {"name":"kind","type":"ordinal","domain":["k"],"range":{"signal":"slice(role_colors, 2)"}}],
 "axes": [
  {
   "orient": "bottom",
   "scale": "x",
   "title": "position on @ (bp)",
   "format": ",d",
   "grid": true,
   "tickCount": {"signal":"max(2, floor(width / 110))"},
   "labelFlush": true}],
 "legends": [
  {"fill":"role","symbolType":"square","orient":"top","direction":"horizontal","title":null},
  {"fill":"kind","symbolType":"triangle-right","orient":"top","direction":"horizontal","title":null}],
 "marks": [
  {
   "type": "group",
   "name": "track_rows",
   "from": {"facet":{"name":"row","data":"rows","groupby":"row"}},
   "encode": {"update":{"y":{"signal":"datum.row * 78"},"width":{"signal":"width"},"height":{"value":64},"clip":{"value":false}}},
   "signals": [
    {"name":"low","update":"data('row')[0].low"},
    {"name":"high","update":"data('row')[0].high"},
    {"name":"title","update":"data('row')[0].title"}],
   "data": [{"name":"own","source":"bins","transform":[{"type":"filter","expr":"datum.row == data('row')[0].row"}]}],
   "scales": [{"name":"y","type":"linear","domain":[{"signal":"low"},{"signal":"high"}],"range":[64,0],"zero":false,"nice":false}],
   "axes": [{"orient":"left","scale":"y","values":{"signal":"low < 0 && high > 0 ? [low, 0, high] : [low, high]"},"grid":false,"format":".2~g"}],
   "marks": [
    {
     "type": "group",
     "clip": true,
     "encode": {"update":{"width":{"signal":"width"},"height":{"value":64}}},
     "marks": [
      {
       "type": "group",
       "from": {"facet":{"name":"series","data":"own","groupby":["run","role","strand"]}},
       "marks": [
        {
         "type": "area",
         "from": {"data":"series"},
         "encode": {
          "update": {
           "interpolate": {"value":"step-after"},
           "x": {"scale":"x","field":"from"},
           "y": {"scale":"y","field":"peak"},
           "y2": {"scale":"y","value":0},
           "fill": {"scale":"role","field":"role"},
           "fillOpacity": {"value":0.5}}}},
        {
         "type": "area",
         "from": {"data":"series"},
         "encode": {
          "update": {
           "interpolate": {"value":"step-after"},
           "x": {"scale":"x","field":"from"},
           "y": {"scale":"y","field":"mean"},
           "y2": {"scale":"y","value":0},
           "fill": {"scale":"role","field":"role"},
           "fillOpacity": {"value":1}}}}]}]},
    {
     "type": "rule",
     "encode": {
      "update": {"x":{"value":0},"x2":{"signal":"width"},"y":{"scale":"y","value":0},"stroke":{"signal":"muted"},"strokeWidth":{"value":0.6}}}},
    {
     "type": "text",
     "encode": {
      "update": {
       "x": {"value":4},
       "y": {"value":-2},
       "baseline": {"value":"bottom"},
       "text": {"signal":"title"},
       "fill": {"signal":"ink"},
       "fontSize": {"value":11}}}}]},
  {
   "type": "group",
   "name": "site_marks",
   "clip": true,
   "encode": {"update":{"y":{"value":@SITES@},"width":{"signal":"width"},"height":{"value":20}}},
   "marks": [
    {
     "type": "symbol",
     "from": {"data":"sites_shown"},
     "encode": {
      "update": {
       "x": {"signal":"scale('x', (datum.start + datum.end) / 2)"},
       "y": {"value":9},
       "size": {"value":60},
       "shape": {"signal":"datum.strand == '-' ? 'triangle-left' : datum.strand == '+' ? 'triangle-right' : 'diamond'"},
       "fill": {"scale":"kind","field":"kind"},
       "tooltip": {
        "signal": "{site: datum.name, kind: datum.kind, strand: datum.strand, from: format(datum.start, ',d'), to: format(datum.end, ',d')}"}}}}]},
  {
   "type": "group",
   "name": "gene_marks",
   "clip": true,
   "encode": {"update":{"y":{"value":@GENES@},"width":{"signal":"width"},"height":{"value":@LANES@}}},
   "marks": [
    {
     "type": "path",
     "from": {"data":"genes_shown"},
     "encode": {
      "update": {
       "path": {
        "signal": "datum.strand == '-' ? 'M' + datum.x1 + ',0L' + min(datum.x0 + 6, datum.x1) + ',0L' + datum.x0 + ',6.5L' + min(datum.x0 + 6, datum.x1) + ',13L' + datum.x1 + ',13Z' : 'M' + datum.x0 + ',0L' + max(datum.x1 - 6, datum.x0) + ',0L' + datum.x1 + ',6.5L' + max(datum.x1 - 6, datum.x0) + ',13L' + datum.x0 + ',13Z'"},
       "y": {"signal":"datum.lane * 18 + 2"},
       "fill": {"signal":"faint"},
       "stroke": {"signal":"muted"},
       "strokeWidth": {"value":0.7},
       "tooltip": {"signal":"{gene: datum.name, strand: datum.strand, from: format(datum.start, ',d'), to: format(datum.end, ',d')}"}}}},
    {
     "type": "text",
     "from": {"data":"genes_shown"},
     "encode": {
      "update": {
       "x": {"signal":"(datum.x0 + datum.x1) / 2"},
       "y": {"signal":"datum.lane * 18 + 9"},
       "align": {"value":"center"},
       "baseline": {"value":"middle"},
       "text": {"field":"name"},
       "fontSize": {"value":10},
       "fontStyle": {"value":"italic"},
       "fill": {"signal":"ink"},
       "opacity": {"signal":"datum.x1 - datum.x0 > 6.2 * length(datum.name) + 10 ? 1 : 0"},
       "limit": {"signal":"max(0, datum.x1 - datum.x0 - 8)"}}}}]}]})json";
static_assert(kZoomFactor == 8, "the signal 'bin' of the specification says 8");

void put(std::string& text, const std::string& name, std::int64_t value) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name))
    text.replace(at, name.size(), std::to_string(value));
}

}  // namespace

Json tracks_spec(const TracksSpec& s) {
  const int sites = s.rows * kRow, genes = sites + (s.kinds.empty() ? 0 : kSites), lanes = std::max(1, s.lanes) * kLane;
  std::string text = kTracks;
  put(text, "@HEIGHT@", genes + lanes);
  put(text, "@SITES@", sites);
  put(text, "@GENES@", genes);
  put(text, "@LANES@", lanes);
  put(text, "@COARSEST@", s.coarsest);
  Json spec = parse_json(text, "the figure of tracks");
  spec["signals"][0]["value"] = {s.start, s.end};
  spec["scales"][1]["domain"] = s.roles;
  spec["scales"][2]["domain"] = s.kinds;
  spec["axes"][0]["title"] = s.x_title;
  if (s.kinds.empty()) spec["legends"].erase(1);
  return spec;
}

}  // namespace basewise::report::detail
