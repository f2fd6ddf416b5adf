#include "basewise/interpret/detail/filter_folder.h"

#include <nlohmann/json.hpp>

#include "basewise/annotate/collections.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/io/meme.h"
#include "basewise/io/number_field.h"

namespace basewise::interpret::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "basewise/filters/1";
constexpr const char *kMeme = "filters.meme", *kTable = "filters.tsv", *kDocument = "filters.json";

Json rules_json(const motifs::FilterRules& r) {
  return {{"of", to_word(r.of)},         {"share", r.share},         {"inclusive", r.inclusive}, {"most", r.most},
          {"window", r.window},          {"margin", r.margin},       {"min_sites", r.min_sites}, {"pseudocount", r.pseudocount},
          {"trim", r.trim},              {"flank", r.flank},         {"gc", r.gc}};
}

Json document_of(const FilterRunResult& result, const FilterRunOptions& options) {
  Json states = Json::object();
  for (const auto& known : words_of(motifs::FilterState{})) states[std::string(known.word)] = result.count(known.value);
  FilterRunOptions copy = options;
  return {{"schema", kSchema},
          {"basewise", version()},
          {"run", options.run.string()},
          {"layer", result.layer},
          {"activation", result.activation},
          {"reach", result.reach},
          {"preset", to_word(options.rules.preset)},
          {"rules", rules_json(motifs::rules_of(options.rules))},
          {"window", result.window},
          {"input", to_json(described(copy.examples))},
          {"sequences", result.sequences},
          {"filters", result.filters.size()},
          {"states", states},
          {"motifs", options.motifs},
          {"distance", to_word(options.distance)},
          {"matched", result.matched},
          {"notes", result.notes}};
}

std::string number(double x) { return io::number_field(x, 6); }

std::string table_of(const FilterRunResult& result, const std::vector<FilterMatch>& matches) {
  std::string text =
      "filter\tlayer\tstate\tsites\tthreshold\tlargest\tinformation\tmatch\tmatch_p\tmatch_e\tmatch_q\tmean\tleft_out\twidth\tconsensus\n";
  for (std::size_t f = 0; f < result.filters.size(); ++f) {
    const motifs::FilterMotif& filter = result.filters[f];
    const bool kept = filter.state == motifs::FilterState::kept;
    text += format("filter{}\t{}\t{}\t{}\t{}\t{}\t{}\t", f, result.layer, filter.state, filter.sites, number(filter.threshold),
                   number(filter.largest), kept ? number(filter.information) : "");
    const FilterMatch& match = matches[f];
    text += match.target.empty() ? std::string("\t\t\t\t")
                                 : format("{}\t{:g}\t{:g}\t{:g}\t", match.target, match.match.p_value, match.match.e_value,
                                          match.match.q_value);
    text += format("{}\t{}\t{}\t{}\n", number(filter.mean), filter.left_out, filter.motif.width(),
                   kept ? motifs::consensus(filter.motif) : "");
  }
  return text;
}

}  // namespace

std::vector<FilterMatch> filter_matches(const FilterRunOptions& options, const std::vector<motifs::FilterMotif>& filters,
                                        std::vector<std::string>& notes) {
  std::vector<FilterMatch> matches(filters.size());
  if (options.motifs.empty()) return matches;
  const motifs::MotifComparison comparison(annotate::load_motif_source(options.motifs, notes).motifs, {.distance = options.distance});
  std::vector<motifs::MotifMatrix> queries;
  std::vector<std::size_t> places;
  for (std::size_t f = 0; f < filters.size(); ++f) {
    if (filters[f].state != motifs::FilterState::kept) continue;
    queries.push_back(filters[f].motif);
    places.push_back(f);
  }
  const auto best = comparison.best_matches(queries, 1);
  for (std::size_t q = 0; q < best.size(); ++q) {
    if (best[q].empty()) continue;
    const motifs::MotifMatch& match = best[q].front();
    matches[places[q]] = {comparison.targets()[static_cast<std::size_t>(match.target)].name, match};
  }
  return matches;
}

void require_free(const std::filesystem::path& folder, bool overwrite) {
  if (folder.empty()) throw ArgumentError("motifs filters needs a folder for its files (out)");
  if (!fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder))) return;
  if (!fs::is_directory(folder)) throw StateError(format("{} is a file; give a folder that is not there yet", folder.string()));
  if (!fs::exists(folder / kDocument))
    throw StateError(format("{} holds something else than motifs of filters; give another folder", folder.string()));
  if (!overwrite)
    throw StateError(format("{} holds motifs of filters; give another folder, or --overwrite to replace them", folder.string()));
}

void write_filter_folder(FilterRunResult& result, const FilterRunOptions& options, const std::vector<FilterMatch>& matches) {
  AtomicDirectory folder(options.out);
  std::vector<motifs::MotifMatrix> kept;
  for (const motifs::FilterMotif& filter : result.filters)
    if (filter.motif.width() > 0) kept.push_back(filter.motif);
  result.folder = options.out;
  if (!kept.empty()) {
    io::write_meme(folder.temporary() / kMeme, kept);
    result.files.push_back(options.out / kMeme);
  }
  write_file(folder.temporary() / kTable, table_of(result, matches));
  write_file(folder.temporary() / kDocument, json_text(document_of(result, options)) + "\n");
  for (const char* name : {kTable, kDocument}) result.files.push_back(options.out / name);
  if (fs::exists(options.out) && !fs::is_empty(options.out)) remove_whole(options.out);
  folder.commit();
}

}  // namespace basewise::interpret::detail
