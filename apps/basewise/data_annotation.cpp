#include "apps/basewise/data_annotation.h"

#include <map>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "basewise/prepare/annotation.h"

namespace basewise::app {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string sources_text(const prepare::AnnotationResult& r) {
  Rows rows = {{"SOURCE", "ROWS", "SITES", "SHARED", "SHARE"}};
  for (const auto& s : r.sources)
    rows.push_back({s.options.name, format("{}", s.read.rows), format("{}", s.read.sites.size()), format("{}", s.shared),
                    format("{:.1f} %", 100 * s.share())});
  return table_text(rows);
}

std::string support_text(const prepare::AnnotationResult& r) {
  Rows rows = {{"SOURCES", "CLUSTERS", "OF SO MANY OR MORE"}};
  for (std::size_t k = r.sources.size(); k > 0; --k)
    rows.push_back({format("{}", k), format("{}", r.shared.clusters[k - 1]), format("{}", r.at_least(k))});
  return table_text(rows);
}

// Sources under the same terms in one line.
std::string terms_text(const prepare::AnnotationResult& r) {
  std::map<std::string, std::string> names;
  for (const auto& s : r.sources)
    if (!s.options.terms.empty()) names[s.options.terms] += (names[s.options.terms].empty() ? "" : ", ") + s.options.name;
  std::string text;
  for (const auto& [terms, of] : names) text += format("terms of {}: {}\n", of, terms);
  return text;
}

std::string text_of(const prepare::AnnotationResult& r, const std::string& folder) {
  std::string text = format("{}: {} sources, shared within {} bases on one strand\n", r.name.empty() ? "annotation" : r.name,
                            r.sources.size(), r.distance);
  for (const auto& s : r.sources) text += format("{}: {}\n", s.options.name, s.read.summary());
  text += sources_text(r) + support_text(r);
  for (const auto& c : r.curated)
    text += format("curated_{}.bed: {} sites that {} sources or more have\n", c.support, c.sites.size(), c.support);
  if (!r.removed.empty()) text += format("removed {}, of an earlier call\n", fmt::join(r.removed, ", "));
  return text + terms_text(r) + format("wrote {}\n", folder);
}

}  // namespace

int data_annotation(const Arguments& arguments) {
  Command command("basewise data annotation",
                  "Reads several studies of the same sites, each in its own coordinates and assembly, and writes a BED file for each, the\n"
                  "sites that several of them share, and tables of what is shared. A TOML file lists the studies.",
                  {"basewise data annotation recipes/dna_transformer/open.annotation.toml --out annotation",
                   "basewise data annotation sources.toml --distance 10 --support 2,3 --out annotation --json",
                   "basewise data annotation sources.toml --set 'sources.0.where=[\"evidence=Strong\"]' --out annotation"});
  prepare::AnnotationOptions options;
  std::string file, folder;
  command.app().add_option("table", file, "TOML file with the sources")->required()->type_name("FILE");
  command.app().add_option("-o,--out", folder, "folder for the files")->required()->type_name("DIR");
  command.add_options(described(options), "Options of the annotation");
  command.add_set();
  if (!command.parse(arguments)) return 0;

  read_toml_file(described(options), file, command.set());
  command.apply(described(options));
  const auto result = prepare::write_annotation(options, folder);
  if (command.json())
    print_json(prepare::to_json(result));
  else if (!command.quiet())
    print(text_of(result, folder));
  return 0;
}

}  // namespace basewise::app
