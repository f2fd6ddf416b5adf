#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/corpus/registry.h"
#include "basewise/io/bed.h"
#include "basewise/io/gff.h"
#include "basewise/run/detail/run_documents.h"

namespace basewise::run::detail {
namespace {

using Json = nlohmann::ordered_json;

struct Gene {
  seq::Interval interval;
  std::string name;
};

std::string name_of(const io::GffRecord& record) {
  for (const char* key : {"Name", "gene_name", "gene", "gene_id", "ID"})
    if (const auto name = record.attribute(key); !name.empty()) return std::string(name);
  return record.type;
}

std::vector<Gene> read_genes(const RecipeReport& report, const seq::ChromSizes& sizes) {
  const std::filesystem::path file = corpus::resolve_path(report.annotation.string());
  const std::string name = file.filename().string();
  std::vector<Gene> genes;
  if (name.find(".bed") != std::string::npos) {
    for (const auto& record : io::read_bed(file, sizes).records) genes.push_back({record.interval, record.name});
  } else {
    for (const auto& record : io::read_gff(file, sizes, {.types = report.annotation_types}).records)
      genes.push_back({record.interval, name_of(record)});
  }
  return genes;
}

std::vector<Gene> genes_of(const Recipe& recipe, const data::DataSplits& data, std::vector<std::string>& notes) {
  if (recipe.report.annotation.empty() || !data.genome) return {};
  try {
    return read_genes(recipe.report, data.genome->sizes());
  } catch (const Error& e) {
    notes.push_back(format("the tracks have no genes: {}", e.what()));
    return {};
  }
}

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

Json locus_json(const evaluate::LocusTracks& locus, const data::DataSplits& data, const std::vector<Gene>& genes) {
  Json json = {{"choice", locus.choice}, {"start", locus.start}, {"end", locus.start + locus.length}, {"target_sum", locus.target_sum}};
  json["predicted"] = channels_json(locus.predicted);
  json["observed"] = channels_json(locus.observed);
  json["genes"] = Json::array();
  if (locus.chromosome < 0 || !data.genome) {
    json["example"] = locus.example;
    return json;
  }
  const seq::Chrom& chrom = data.genome->sizes()[static_cast<std::size_t>(locus.chromosome)];
  json["chromosome"] = chrom.name;
  json["chromosome_length"] = chrom.length;
  for (const Gene& gene : genes) {
    const auto& i = gene.interval;
    if (i.chrom != chrom.name || i.start >= locus.start + locus.length || i.end <= locus.start) continue;
    json["genes"].push_back({{"name", gene.name}, {"start", i.start}, {"end", i.end}, {"strand", std::string(1, seq::to_char(i.strand))}});
  }
  return json;
}

}  // namespace

Json tracks_document(const evaluate::EvaluationResult& evaluation, const data::DataSplits& data, const Recipe& recipe,
                     std::vector<std::string>& notes) {
  const bool binary = evaluation.figures.binary;
  Json json = {{"schema", "basewise.tracks/1"},
               {"binary", binary},
               {"predicted", binary               ? "probability"
                             : evaluation.profile ? "expected reads"
                                                  : "value"},
               {"channels", evaluation.figures.channels}};
  json["annotation"] = recipe.report.annotation.string();
  json["loci"] = Json::array();
  const auto genes = genes_of(recipe, data, notes);
  for (const auto& locus : evaluation.figures.loci) json["loci"].push_back(locus_json(locus, data, genes));
  return json;
}

}  // namespace basewise::run::detail
