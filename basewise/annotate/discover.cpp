#include "basewise/annotate/discover.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "basewise/annotate/collections.h"
#include "basewise/annotate/detail/discover_files.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/output_folder.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"
#include "basewise/io/attributions.h"
#include "basewise/io/meme.h"
#include "basewise/io/modisco_file.h"
#include "basewise/motifs/compare.h"

namespace basewise::annotate {
namespace {

constexpr std::int64_t kWindow = 400;  // as `modisco motifs`
// What may be replaced.
constexpr std::array<std::string_view, 7> kOurs = {"patterns.h5",    "patterns.meme", "patterns.tsv", "seqlets.bed",
                                                   "discovery.json", "report.html",   "matches.meme"};

void check_options(const DiscoverOptions& options) {
  if (options.attributions.empty())
    throw ArgumentError("attributions is missing: a folder of basewise attribute, an .h5, or an .npz beside sequences");
  if (options.out.empty()) throw ArgumentError("out is missing: the folder that is written");
  require_apart(
      {{"attributions", options.attributions}, {"sequences", options.sequences}, {"loci", options.loci}, {"motifs", options.motifs}},
      {{"out", options.out}});
  require_own_folder(options.out, kOurs, options.overwrite, "discover");
}

io::Attributions read(const DiscoverOptions& options) {
  io::AttributionFiles files = {options.attributions, options.sequences, options.loci, options.window.value_or(kWindow)};
  if (options.window) return io::read_attributions(files);
  try {
    return io::read_attributions(files);
  } catch (const DataError&) {
    files.window = 0;  // shorter than the default; anything else that is wrong still is
    return io::read_attributions(files);
  }
}

/// A line of progress for each stage.
class Stages {
 public:
  void operator()(std::string_view stage, std::int64_t done, std::int64_t total) {
    if (!progress_ || stage != name_) {
      progress_.reset();
      name_ = stage;
      done_ = 0;
      progress_ = std::make_unique<Progress>(name_, total, name_.find("similarity") == std::string::npos ? "steps" : "seqlets");
    }
    if (done > done_) progress_->advance(done - done_);
    done_ = std::max(done, done_);
    if (done == total) progress_->finish();
  }

 private:
  std::string name_;
  std::int64_t done_ = 0;
  std::unique_ptr<Progress> progress_;
};

std::vector<NamedPattern> described_patterns(const std::vector<motifs::Pattern>& patterns, const std::vector<motifs::MotifMatrix>& cores) {
  std::vector<NamedPattern> result;
  for (std::size_t i = 0; i < patterns.size(); ++i)
    result.push_back({.pattern = patterns[i].name,
                      .positive = patterns[i].positive,
                      .seqlets = static_cast<std::int64_t>(patterns[i].seqlets.size()),
                      .consensus = motifs::consensus(cores[i]),
                      .information = motifs::total_information(cores[i]),
                      .match = {}});
  return result;
}

/// The most alike motif of each pattern.
void name_patterns(std::vector<motifs::MotifMatrix> known, const std::vector<motifs::MotifMatrix>& cores, DiscoverResult& result) {
  const motifs::MotifComparison comparison(std::move(known));
  const auto matches = comparison.best_matches(cores, 1);
  for (std::size_t i = 0; i < cores.size(); ++i) {
    if (matches[i].empty()) continue;
    const motifs::MotifMatch& best = matches[i].front();
    NamedPattern& pattern = result.patterns[i];
    const motifs::MotifMatrix& motif = comparison.targets()[best.target];
    pattern.match = motif.description.empty() ? motif.name : motif.name + " " + motif.description;
    pattern.match_p = best.p_value;
    pattern.match_e = best.e_value;
    pattern.match_q = best.q_value;
  }
}

void write_folder(const DiscoverOptions& options, const std::vector<motifs::Pattern>& patterns,
                  const std::vector<motifs::MotifMatrix>& cores, const io::Attributions& attributions, DiscoverResult& result) {
  std::vector<std::string> names = {"patterns.h5", "patterns.tsv", "seqlets.bed", "discovery.json"};
  if (!cores.empty()) names.insert(names.begin() + 1, "patterns.meme");
  for (const std::string& name : names) result.files.push_back(options.out / name);
  AtomicDirectory folder(options.out);
  io::write_modisco(folder.temporary() / "patterns.h5", patterns, attributions.set);
  if (!cores.empty()) io::write_meme(folder.temporary() / "patterns.meme", cores);
  detail::write_pattern_table(folder.temporary() / "patterns.tsv", result, cores);
  detail::write_seqlet_places(folder.temporary() / "seqlets.bed", patterns, attributions);
  detail::write_discovery_document(folder.temporary() / "discovery.json", options, result);
  if (options.overwrite && fs::exists(options.out)) remove_whole(options.out);
  folder.commit();
}

}  // namespace

void describe(Visitor& v, DiscoverOptions& o) {
  v("attributions", o.attributions, "folder of basewise attribute, .h5 (ChromBPNet, bpnet), or .npz of attributions", required());
  v("sequences", o.sequences, "one-hot sequences (.npz) beside an .npz of attributions");
  v("loci", o.loci, "BED file with the place of every example, where the files do not say it");
  v("out", o.out, "folder that is written", required());
  v("window", o.window, "bases in the middle of each example that are looked at; 0: all [400, or all where there are fewer]", counted(0));
  v("motifs", o.motifs, "file or collection that patterns are named by, as jaspar2024");
  v("overwrite", o.overwrite, "replace what is in the folder");
  motifs::describe(v, o.method);
}

DiscoverResult discover(const DiscoverOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  check_options(options);
  const io::Attributions attributions = read(options);
  DiscoverResult result;
  result.notes = attributions.notes;
  result.examples = attributions.set.examples;
  result.positions = attributions.set.length;
  // Before the work: a name that is none is told at once.
  std::vector<motifs::MotifMatrix> known;
  if (!options.motifs.empty()) known = load_motifs(options.motifs, result.notes);
  if (!options.motifs.empty() && known.empty())
    result.notes.push_back(format("{} holds no motifs; patterns have no names", options.motifs));

  motifs::DiscoveryResult found;
  {
    Stages stages;
    found = motifs::discover(attributions.set, options.method,
                             [&](std::string_view stage, std::int64_t done, std::int64_t total) { stages(stage, done, total); });
  }
  result.positive = found.positive;
  result.negative = found.negative;
  result.threshold = found.threshold;
  result.notes.insert(result.notes.end(), found.notes.begin(), found.notes.end());

  std::vector<motifs::MotifMatrix> cores;
  for (const motifs::Pattern& pattern : found.patterns) cores.push_back(motifs::core_motif(pattern));
  result.patterns = described_patterns(found.patterns, cores);
  if (!known.empty() && !cores.empty()) name_patterns(std::move(known), cores, result);
  write_folder(options, found.patterns, cores, attributions, result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace basewise::annotate
