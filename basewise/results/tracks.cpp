#include "basewise/results/tracks.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/results/detail/reader.h"

namespace basewise::results {
namespace {

using detail::items;
using detail::Json;
using detail::read;

/// Three digits: more cannot be seen.
Json short_numbers(const std::vector<float>& values) {
  Json json = Json::array();
  for (const float v : values) {
    if (v == 0 || v == 1) {
      json.push_back(static_cast<int>(v));  // sites
    } else {
      json.push_back(std::isfinite(v) ? Json(std::stod(format("{:.3g}", v))) : Json(nullptr));
    }
  }
  return json;
}

Json channels_json(const std::vector<std::vector<float>>& channels) {
  Json json = Json::array();
  for (const auto& values : channels) json.push_back(short_numbers(values));
  return json;
}

Json locus_json(const Locus& locus) {
  Json json = {{"choice", locus.choice}, {"start", locus.start}, {"end", locus.end}, {"target_sum", locus.target_sum}};
  if (locus.bases_per_value != 1) json["bases_per_value"] = locus.bases_per_value;
  json["predicted"] = channels_json(locus.predicted);
  json["observed"] = channels_json(locus.observed);
  json["genes"] = Json::array();
  if (locus.chromosome.empty()) {
    json["example"] = locus.example;
    return json;
  }
  json["chromosome"] = locus.chromosome;
  json["chromosome_length"] = locus.chromosome_length;
  for (const Gene& gene : locus.genes)
    json["genes"].push_back({{"name", gene.name}, {"start", gene.start}, {"end", gene.end}, {"strand", gene.strand}});
  return json;
}

/// A place of a chromosome; what a damaged file says must not become millions of bases to draw.
void read_place(const Json& json, const char* key, std::int64_t& to) {
  constexpr std::int64_t kFarthest = std::int64_t{1} << 40;
  if (detail::member(json, key).is_null()) throw DataError(format("a locus or gene has no '{}'", key));
  read(json, key, to);
  if (to < -kFarthest || to > kFarthest) throw DataError(format("'{}' is {}, which is no position of a chromosome", key, to));
}

Gene gene_from(const Json& json) {
  Gene gene;
  read(json, "name", gene.name);
  read(json, "strand", gene.strand);
  read_place(json, "start", gene.start);
  read_place(json, "end", gene.end);
  return gene;
}

Locus locus_from(const Json& json) {
  Locus locus;
  read(json, "choice", locus.choice);
  read_place(json, "start", locus.start);
  read_place(json, "end", locus.end);
  read(json, "bases_per_value", locus.bases_per_value);
  if (locus.bases_per_value < 1) throw DataError(format("'bases_per_value' is {}: expected at least 1", locus.bases_per_value));
  read(json, "target_sum", locus.target_sum);
  read(json, "predicted", locus.predicted);
  read(json, "observed", locus.observed);
  for (const Json& gene : items(json, "genes")) locus.genes.push_back(gene_from(gene));
  read(json, "example", locus.example);
  read(json, "chromosome", locus.chromosome);
  read(json, "chromosome_length", locus.chromosome_length);
  return locus;
}

}  // namespace

Json to_json(const TracksDocument& tracks) {
  Json json = {
      {"schema", kTracksSchema}, {"binary", tracks.binary}, {"predicted", to_word(tracks.predicted)}, {"channels", tracks.channels}};
  json["annotation"] = tracks.annotation;
  json["loci"] = Json::array();
  for (const Locus& locus : tracks.loci) json["loci"].push_back(locus_json(locus));
  return json;
}

TracksDocument tracks_from_json(const Json& json) {
  detail::check_schema(json, kTracksSchema);
  TracksDocument tracks;
  read(json, "binary", tracks.binary);
  detail::read_choice(json, "predicted", tracks.predicted);
  read(json, "channels", tracks.channels);
  read(json, "annotation", tracks.annotation);
  for (const Json& locus : items(json, "loci")) tracks.loci.push_back(locus_from(locus));
  return tracks;
}

}  // namespace basewise::results
