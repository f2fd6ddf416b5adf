#include "basewise/annotate/collections.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/corpus/registry.h"

namespace basewise::annotate {
namespace {

constexpr std::string_view kDatabases = "motif_databases";
constexpr std::string_view kJaspar2018 = "jaspar2018";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const MotifCollection& collection : motif_collections()) names.emplace_back(collection.name);
  return names;
}

/// Where the motifs of `source` are.
std::filesystem::path resolve(const std::string& source) {
  std::error_code ignored;
  if (std::filesystem::exists(source, ignored)) return source;
  if (corpus::is_data_reference(source)) return corpus::resolve_path(source);
  if (const MotifCollection* collection = find_collection(source)) return corpus::Registry().resolve(collection->set, collection->file);
  const std::vector<std::string> names = all_names();
  if (const auto near = nearest(lower(source), names))
    throw ArgumentError(format("'{}' is neither a file nor a collection of motifs; did you mean {}?", source, *near));
  throw ArgumentError(
      format("'{}' is neither a file nor a collection of motifs; the collections are {}", source, fmt::join(names, ", ")));
}

void add_report(const io::ReadReport& report, const std::string& source, std::vector<std::string>& notes) {
  if (report.skipped > 0 || !report.notes.empty()) notes.push_back(format("{}: {}", source, report.summary()));
  for (const std::string& remark : report.remarks) notes.push_back(format("{}: {}", source, remark));
}

void add_repeated_names(const std::vector<motifs::MotifMatrix>& motifs, const std::string& source, std::vector<std::string>& notes) {
  std::map<std::string_view, int> times;
  for (const motifs::MotifMatrix& motif : motifs) ++times[motif.name];
  std::vector<std::string_view> repeated;
  for (const auto& [name, count] : times)
    if (count > 1) repeated.push_back(name);
  if (!repeated.empty())
    notes.push_back(format("{}: {} names belong to several motifs, the first is '{}'", source, repeated.size(), repeated.front()));
}

/// Names become fields of tables, in which a tab would begin another one.
void make_one_field(std::string& name, char instead) {
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return c < ' '; }, instead);
}

}  // namespace

const std::vector<MotifCollection>& motif_collections() {
  static const std::vector<MotifCollection> collections = {
      {"jaspar2024", kDatabases, "JASPAR2024_CORE_nonredundant_all.meme.gz", "JASPAR 2024 CORE, non-redundant, all taxa: 2,346 motifs"},
      {"jaspar2018", kJaspar2018, "JASPAR2018_CORE_vertebrates_non-redundant_pfms_meme.txt", "JASPAR 2018 CORE, vertebrates: 579"},
      {"jaspar2018-fungi", kJaspar2018, "JASPAR2018_CORE_fungi_non-redundant_pfms_meme.txt", "JASPAR 2018 CORE, fungi: 176"},
      {"jaspar2018-insects", kJaspar2018, "JASPAR2018_CORE_insects_non-redundant_pfms_meme.txt", "JASPAR 2018 CORE, insects: 133"},
      {"jaspar2018-plants", kJaspar2018, "JASPAR2018_CORE_plants_non-redundant_pfms_meme.txt", "JASPAR 2018 CORE, plants: 489"},
      {"jaspar2016", "jaspar2016_vertebrates", "JASPAR_CORE_2016_vertebrates.meme", "JASPAR 2016 CORE, vertebrates: 518"},
      {"hocomoco13", kDatabases, "HOCOMOCO_H13CORE.meme.gz", "HOCOMOCO v13 CORE, human and mouse: 1,611"},
      {"hocomoco12", kDatabases, "HOCOMOCO_H12CORE.meme.gz", "HOCOMOCO v12 CORE, human and mouse: 1,443"},
      {"cisbp-human", kDatabases, "CISBP_Homo_sapiens_Basset.meme", "CIS-BP 1.02, human, as shipped with Basset: 734"},
      {"swissregulon-yeast", kDatabases, "yeast_SwissRegulon.meme", "SwissRegulon, yeast: 158"},
      {"macisaac-yeast", kDatabases, "yeast_macisaac.v1.meme", "MacIsaac 2006, yeast: 124"},
      {"flyfactorsurvey", kDatabases, "flyFactorSurvey_cleaned.meme", "FlyFactorSurvey, fruit fly: 556"},
  };
  return collections;
}

std::string collections_text() {
  std::string text = "Collections of motifs by name:\n";
  for (const MotifCollection& collection : motif_collections()) text += format("  {:<20}{}\n", collection.name, collection.title);
  return text;
}

const MotifCollection* find_collection(std::string_view name) {
  const std::string wanted = lower(name);
  for (const MotifCollection& collection : motif_collections())
    if (collection.name == wanted) return &collection;
  return nullptr;
}

LoadedMotifs load_motif_source(const std::string& source, std::vector<std::string>& notes, io::MotifRows rows) {
  if (source.empty()) throw ArgumentError("no motifs are named: give a file, or a collection as jaspar2024");
  LoadedMotifs loaded{{}, resolve(source), source};
  io::MotifResult result = io::read_motifs(loaded.path, rows);
  add_report(result.report, source, notes);
  add_repeated_names(result.motifs, source, notes);
  loaded.motifs = std::move(result.motifs);
  for (motifs::MotifMatrix& motif : loaded.motifs) {
    make_one_field(motif.name, '_');
    make_one_field(motif.description, ' ');
  }
  return loaded;
}

std::vector<motifs::MotifMatrix> load_motifs(const std::string& source, std::vector<std::string>& notes) {
  return load_motif_source(source, notes).motifs;
}

}  // namespace basewise::annotate
