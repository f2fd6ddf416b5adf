#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/data_annotation.h"
#include "apps/basewise/data_bins.h"
#include "apps/basewise/data_contigs.h"
#include "apps/basewise/tensor/entry.h"
#include "apps/basewise/tensor_library.h"
#include "apps/basewise/verbs.h"
#include "basewise/core/printable.h"
#include "basewise/corpus/registry.h"

namespace basewise::app {
namespace {

using corpus::FileReport;
using corpus::FileState;

// Licences of sets with several sources are long; `--json` has them whole.
std::string cut(const std::string& text, std::size_t width) { return text.size() <= width ? text : text.substr(0, width - 3) + "..."; }

void print_list(const std::vector<corpus::DataSetReport>& reports) {
  std::vector<std::vector<std::string>> rows = {{"NAME", "FILES", "SIZE", "HERE", "LICENCE", "TITLE"}};
  for (const auto& r : reports) {
    const std::string here = r.present == r.files ? "yes"
                             : r.present > 0      ? format("{}/{}", r.present, r.files)
                             : r.downloadable     ? "no (get)"
                                                  : "no";
    rows.push_back({r.name, format("{}", r.files), size_text(r.size), here, cut(r.licence, 32), r.title});
  }
  print(table_text(rows));
}

bool is_good(const FileReport& r) { return r.state == FileState::good || r.state == FileState::unverified; }

/// Errors: DataError, once all were printed, where a file is not what it should be.
void print_files(const std::vector<FileReport>& reports, bool json) {
  if (json) {
    print_json(corpus::to_json(reports));
  } else {
    for (const FileReport& r : reports) {
      const std::string place = r.path.empty() ? "" : "  " + r.path.string();
      const std::string detail = r.detail.empty() ? "" : "  " + r.detail;
      print(printable(format("{:<16}{}/{}{}{}", r.downloaded ? "downloaded" : name(r.state), r.dataset, r.file, place, detail)) + "\n");
    }
  }
  const auto bad = std::find_if_not(reports.begin(), reports.end(), is_good);
  if (bad == reports.end()) return;
  const auto others = std::count_if(reports.begin(), reports.end(), [](const FileReport& r) { return !is_good(r); }) - 1;
  throw DataError(format("{}/{}: {}: {}{}", bad->dataset, bad->file, name(bad->state), bad->detail,
                         others > 0 ? format("; and {} more", others) : ""));
}

std::vector<FileReport> check_all(const corpus::Registry& registry, std::vector<std::string> names) {
  if (names.empty())
    for (const auto& set : registry.datasets()) names.push_back(set.name);
  std::vector<FileReport> reports;
  for (const std::string& set : names)
    for (FileReport& report : registry.check(set)) reports.push_back(std::move(report));
  return reports;
}

int data_export(const Arguments& arguments) { return run_tensor_verb(kDataExport, arguments); }

/// Those with flags of their own; a new one is one line.
struct OwnVerb {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments&);
};
constexpr std::array kOwnVerbs = {
    OwnVerb{"coverage", "count reads (BAM, fragments) along a genome and write a track", data_coverage},
    OwnVerb{"sites", "merge peaks of several samples into one table of sites", data_sites},
    OwnVerb{"annotation", "read several studies of the same sites, and write what they share", data_annotation},
    OwnVerb{"bins", "make a data set of binned coverage from tracks and a genome", data_bins},
    OwnVerb{"contigs", "split two genomes into sets by what is aligned between them", data_contigs},
    OwnVerb{"export", "write the examples of a recipe or run as table, FASTA, BED and arrays", data_export},
};

}  // namespace

int data(const Arguments& arguments) {
  const std::string_view word = arguments.empty() ? std::string_view() : std::string_view(arguments[0]);
  const auto own = std::find_if(kOwnVerbs.begin(), kOwnVerbs.end(), [&](const OwnVerb& v) { return v.name == word; });
  if (own != kOwnVerbs.end()) return own->run({arguments.begin() + 1, arguments.end()});
  Command command("basewise data",
                  "Lists, fetches and checks the registered data sets, makes tracks of reads, sites of peaks, sets of sites that several "
                  "studies share and sets of bins, and writes out what a model would see.",
                  {"basewise data ls", "basewise data get ecoli_tss", "basewise data check ecoli_tss --json",
                   "basewise data coverage reads.bam --out coverage.bw", "basewise data sites samples.txt --out sites",
                   "basewise data annotation sources.toml --out annotation",
                   "basewise data bins targets.txt --genome genome.fa --out bins",
                   "basewise data export recipe.toml --split test --out exported"});
  corpus::DownloadOptions download;
  std::string set, file;
  std::vector<std::string> sets;
  CLI::App& app = command.app();
  app.require_subcommand(1);
  const CLI::App* list = app.add_subcommand("ls", "list the data sets: size, licence, and whether the files are on this machine");
  CLI::App* get = app.add_subcommand("get", "download what is missing into the cache folder");
  get->add_option("name", set, "data set")->required()->type_name("NAME");
  get->add_option("file", file, "one file of it [all]")->type_name("FILE");
  CLI::App* check = app.add_subcommand("check", "compute the SHA-256 of every file that is here");
  check->add_option("names", sets, "data sets [all]")->type_name("NAME");
  std::vector<const CLI::App*> own_words;
  for (const OwnVerb& v : kOwnVerbs)
    own_words.push_back(app.add_subcommand(std::string(v.name), format("{}; basewise data {} --help", v.summary, v.name)));
  if (!command.parse(arguments)) return 0;
  for (const CLI::App* words : own_words)
    if (words->parsed())
      throw ArgumentError(format("basewise data: flags of {0} stand behind it, as in basewise data {0} FILE --json", words->get_name()));

  const corpus::Registry registry;
  download.progress = !command.quiet();
  if (list->parsed()) {
    command.json() ? print_json(corpus::to_json(registry.list())) : print_list(registry.list());
    return 0;
  }
  print_files(get->parsed() ? registry.get(set, file, download) : check_all(registry, sets), command.json());
  return 0;
}

}  // namespace basewise::app
