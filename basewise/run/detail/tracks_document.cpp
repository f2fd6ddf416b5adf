#include "basewise/run/detail/tracks_document.h"

#include <nlohmann/json.hpp>

#include "basewise/core/log.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/bed.h"
#include "basewise/io/gff.h"
#include "basewise/results/tracks.h"

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

std::vector<Gene> read_genes(const RecipeReport& report, const seq::ChromSizes& sizes, std::vector<std::string>& notes) {
  const std::filesystem::path file = corpus::resolve_path(report.annotation.string());
  const std::string name = file.filename().string();
  std::vector<Gene> genes;
  const auto note = [&](const io::ReadReport& read) {
    for (const std::string& remark : read.remarks) notes.push_back(format("genes of {}: {}", name, remark));
  };
  if (name.find(".bed") != std::string::npos) {
    const io::BedResult bed = io::read_bed(file, sizes);
    for (const auto& record : bed.records) genes.push_back({record.interval, record.name});
    note(bed.report);
  } else {
    const io::GffResult gff = io::read_gff(file, sizes, {.types = report.annotation_types});
    for (const auto& record : gff.records) genes.push_back({record.interval, name_of(record)});
    note(gff.report);
  }
  return genes;
}

std::vector<Gene> genes_of(const Recipe& recipe, const data::DataSplits& data, std::vector<std::string>& notes) {
  if (recipe.report.annotation.empty() || !data.genome) return {};
  try {
    return read_genes(recipe.report, data.genome->sizes(), notes);
  } catch (const Error& e) {
    notes.push_back(format("the tracks have no genes: {}", e.what()));
    log_warning("{}", notes.back());
    return {};
  }
}

results::Locus locus_of(const results::LocusTracks& locus, const data::DataSplits& data,
                        const std::vector<Gene>& genes) {
  results::Locus to{.choice = locus.choice,
                    .start = locus.start,
                    .end = locus.start + locus.length,
                    .bases_per_value = locus.bases_per_value,
                    .target_sum = locus.target_sum,
                    .predicted = locus.predicted,
                    .observed = locus.observed,
                    .example = locus.example};
  if (locus.chromosome < 0 || !data.genome) return to;
  const seq::Chrom& chrom = data.genome->sizes()[static_cast<std::size_t>(locus.chromosome)];
  to.chromosome = chrom.name;
  to.chromosome_length = chrom.length;
  for (const Gene& gene : genes) {
    const auto& i = gene.interval;
    if (i.chrom != chrom.name || i.start >= to.end || i.end <= to.start) continue;
    to.genes.push_back({gene.name, i.start, i.end, std::string(1, seq::to_char(i.strand))});
  }
  return to;
}

}  // namespace

Json tracks_document(const evaluate::EvaluationResult& evaluation, const data::DataSplits& data, const Recipe& recipe,
                     std::vector<std::string>& notes) {
  const bool binary = evaluation.figures.binary, profile = evaluation.heads.at(0).profile;
  results::TracksDocument tracks{.binary = binary,
                                 .predicted = binary    ? results::TrackValue::probability
                                              : profile ? results::TrackValue::expected_reads
                                                        : results::TrackValue::value,
                                 .channels = evaluation.figures.channels,
                                 .annotation = recipe.report.annotation.string()};
  const auto genes = genes_of(recipe, data, notes);
  for (const auto& locus : evaluation.figures.loci) tracks.loci.push_back(locus_of(locus, data, genes));
  return results::to_json(tracks);
}

}  // namespace basewise::run::detail
