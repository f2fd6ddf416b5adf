#include "basewise/annotate/seqlets.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <tuple>

#include "basewise/annotate/collections.h"
#include "basewise/annotate/detail/places.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"
#include "basewise/io/attributions.h"
#include "basewise/io/tsv.h"
#include "basewise/motifs/annotate_seqlets.h"
#include "basewise/motifs/motif_pairs.h"

namespace basewise::annotate {
namespace {

using motifs::Seqlet;
using motifs::SeqletMatch;

constexpr std::string_view kBed = ".bed", kTable = ".tsv";

/// Seqlets with their names.
struct Named {
  io::Attributions attributions;
  std::vector<Seqlet> seqlets;
  std::vector<motifs::MotifMatrix> motifs;
  std::vector<SeqletMatch> matches;  // none, or one for each seqlet
};

motifs::SeqletResult call(const motifs::AttributionSet& set, const SeqletsOptions& o) {
  switch (o.method) {
    case SeqletMethod::recursive:
      return motifs::recursive_seqlets(set, {.p_value = o.p_value,
                                             .min_length = o.min_length,
                                             .max_length = o.max_length,
                                             .flank = o.flank.value_or(0),
                                             .signs = o.signs});
    case SeqletMethod::modisco: break;
  }
  motifs::ModiscoSeqletOptions options;
  options.window = o.sliding;
  options.flank = o.flank.value_or(options.flank);
  options.fdr = o.fdr;
  options.min_passing = o.min_passing;
  options.max_passing = o.max_passing;
  options.signs = o.signs;
  return motifs::modisco_seqlets(set, options);
}

void check(const SeqletsOptions& o) {
  if (o.attributions.empty())
    throw ArgumentError("attributions is missing: a folder of basewise attribute, an .h5, or an .npz beside sequences");
  const std::string ending = o.out.extension().string();
  if (ending != kBed && ending != kTable)
    throw ArgumentError(format("out is '{}'; its name must end in .bed (with a table beside it) or .tsv (the table alone)",
                               o.out.string()));
  if (!o.pairs.empty() && o.motifs.empty()) throw ArgumentError("pairs counts motifs in examples, so it needs motifs");
  if (o.motifs.empty() && o.name_threshold != SeqletsOptions().name_threshold)
    throw ArgumentError("name_threshold says which matches give a name, so it needs motifs");
}

/// What is read, of a folder its files: outputs beside them are allowed, none may replace one.
std::vector<GivenPath> inputs_of(const SeqletsOptions& o) {
  std::vector<GivenPath> inputs = {
      {"attributions", o.attributions}, {"sequences", o.sequences}, {"loci", o.loci}, {"motifs", o.motifs}};
  if (std::filesystem::is_directory(o.attributions))
    for (const char* name : {"sequences.npz", "attributions.npz", "attribute.json", "loci.tsv", "attributions.h5", "attributions.bw"})
      inputs.push_back({"attributions", o.attributions / name});
  return inputs;
}

constexpr const char* kUnnamed = ".";

bool has_motif(const Named& named, std::size_t i) { return !named.matches.empty() && named.matches[i].motif >= 0; }

const std::string& motif_name(const Named& named, std::size_t i) { return named.motifs[named.matches[i].motif].name; }

/// What a seqlet is called: its motif, or without motifs what it does to the output.
std::string name_of(const Named& named, std::size_t i) {
  if (named.matches.empty()) return named.seqlets[i].attribution > 0 ? "positive" : "negative";
  return has_motif(named, i) ? motif_name(named, i) : kUnnamed;
}

/// Matches above an E-value give no name; their p-values stay. Returns how many that are.
std::int64_t forget_weak(Named& named, double threshold) {
  std::int64_t weak = 0;
  for (SeqletMatch& match : named.matches) {
    if (match.motif >= 0 && match.p_value * static_cast<double>(named.motifs.size()) > threshold) match.motif = -1;
    weak += match.motif < 0;
  }
  return weak;
}

std::string further_name(const Named& named, std::size_t i) {
  return has_motif(named, i) ? named.motifs[named.matches[i].motif].description : std::string();
}

/// On which strand of its place the motif of a seqlet reads; without motifs, the example;
/// '.' where neither is known.
char strand_of(const Named& named, std::size_t i, const detail::SeqletPlace& place) {
  if (has_motif(named, i)) return place.reverse != named.matches[i].reverse ? '-' : '+';
  return !place.genomic ? '.' : place.reverse ? '-' : '+';
}

void write_bed(const std::filesystem::path& path, const Named& named) {
  std::vector<detail::SeqletPlace> places;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < named.seqlets.size(); ++i) {
    places.push_back(detail::place_of(named.seqlets[i], named.attributions.loci));
    order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(places[a].chrom, places[a].start, places[a].end, a) < std::tie(places[b].chrom, places[b].start, places[b].end, b);
  });
  AtomicFile file(path);
  std::ostream& out = file.stream();
  out << "#chrom\tstart\tend\tname\tscore\tstrand\tattribution\tp-value\texample" << (named.matches.empty() ? "" : "\tmotif_p\tmotif_name")
      << "\n";
  for (const std::size_t i : order) {
    const Seqlet& s = named.seqlets[i];
    const detail::SeqletPlace& p = places[i];
    out << format("{}\t{}\t{}\t{}\t{}\t{}\t{:.6g}\t{:.6g}\t{}", p.chrom, p.start, p.end, name_of(named, i), detail::bed_score(s.p_value),
                  strand_of(named, i, p), s.attribution, s.p_value, s.example);
    if (!named.matches.empty()) {
      const std::string further = further_name(named, i);
      out << format("\t{:.6g}\t{}", named.matches[i].p_value, further.empty() ? "." : further);
    }
    out << "\n";
  }
  file.commit();
}

void write_table(const std::filesystem::path& path, const Named& named) {
  std::vector<std::string> columns = {"example_idx", "start", "end", "attribution", "p-value"};
  if (!named.matches.empty()) columns.insert(columns.end(), {"motif", "motif_p", "motif_name"});
  io::TsvWriter table(path, columns);
  for (std::size_t i = 0; i < named.seqlets.size(); ++i) {
    const Seqlet& s = named.seqlets[i];
    std::vector<std::string> row = {format("{}", s.example), format("{}", s.start), format("{}", s.end), format("{:.9g}", s.attribution),
                                    format("{:.9g}", s.p_value)};
    if (!named.matches.empty()) {
      row.push_back(name_of(named, i));
      row.push_back(format("{:.9g}", named.matches[i].p_value));
      row.push_back(has_motif(named, i) ? further_name(named, i) : kUnnamed);
    }
    table.add(row);
  }
  table.close();
}

/// Pairs of motifs with the number of examples that hold seqlets of both, of motifs that name any.
void write_pairs(const std::filesystem::path& path, const Named& named) {
  std::map<std::int64_t, std::int64_t> number;  // of motifs that name a seqlet
  for (const SeqletMatch& m : named.matches)
    if (m.motif >= 0) number.emplace(m.motif, 0);
  std::vector<std::string> names;
  for (auto& [motif, i] : number) {
    i = static_cast<std::int64_t>(names.size());
    names.push_back(named.motifs[motif].name);
  }
  std::vector<motifs::MotifHit> hits;
  for (std::size_t i = 0; i < named.matches.size(); ++i)
    if (has_motif(named, i))
      hits.push_back({named.seqlets[i].example, number[named.matches[i].motif], named.seqlets[i].start, named.seqlets[i].end});
  const auto n = static_cast<std::int64_t>(names.size());
  const std::vector<std::int64_t> together = motifs::co_occurrence(hits, named.attributions.set.examples, n);
  io::TsvWriter table(path, {"motif_a", "motif_b", "examples_a", "examples_b", "examples_both"});
  for (std::int64_t a = 0; a < n; ++a)
    for (std::int64_t b = a + 1; b < n; ++b)
      if (together[a * n + b] > 0)
        table.add({names[a], names[b], format("{}", together[a * n + a]), format("{}", together[b * n + b]),
                   format("{}", together[a * n + b])});
  table.close();
}

std::vector<MotifCount> counts_of(const Named& named) {
  std::map<std::int64_t, MotifCount> counts;
  for (std::size_t i = 0; i < named.matches.size(); ++i) {
    if (!has_motif(named, i)) continue;
    MotifCount& count = counts[named.matches[i].motif];
    count.motif = motif_name(named, i);
    count.name = further_name(named, i);
    ++(named.seqlets[i].attribution > 0 ? count.positive : count.negative);
  }
  std::vector<MotifCount> sorted;
  for (auto& [motif, count] : counts) sorted.push_back(std::move(count));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const MotifCount& a, const MotifCount& b) { return a.positive + a.negative > b.positive + b.negative; });
  return sorted;
}

void append(std::vector<std::string>& to, std::vector<std::string> notes) {
  to.insert(to.end(), std::make_move_iterator(notes.begin()), std::make_move_iterator(notes.end()));
}

}  // namespace

void describe(Visitor& v, SeqletsOptions& o) {
  v("attributions", o.attributions, "folder of basewise attribute, .h5 file, or .npz beside --sequences");
  v("sequences", o.sequences, "one-hot sequences for an .npz of attributions");
  v("loci", o.loci, "BED with the place of every example, in order, where the files do not say it");
  v("out", o.out, "name.bed, with a table name.tsv beside it; or name.tsv, the table alone");
  v("window", o.window, "bases in the middle of each example that are looked at; 0: all", at_least(0));
  v("method", o.method, "how seqlets are called");
  v("signs", o.signs, "seqlets that raise the output, that lower it, or both");
  v("flank", o.flank, "positions added on both sides; unset: 0 for recursive, 10 for modisco", at_least(0));
  v.when("method", o.method, {SeqletMethod::recursive}, [&] {
    v("p_value", o.p_value, "every span inside a seqlet has a lower p-value", fraction());
    v("min_length", o.min_length, "shortest seqlet", at_least(1));
    v("max_length", o.max_length, "longest seqlet, without flanks", at_least(1));
  });
  v.when("method", o.method, {SeqletMethod::modisco}, [&] {
    v("sliding", o.sliding, "positions whose attributions are summed", at_least(1));
    v("fdr", o.fdr, "false discovery rate of windows", fraction());
    v("min_passing", o.min_passing, "share of windows that pass at least", fraction());
    v("max_passing", o.max_passing, "share of windows that pass at most", fraction());
  });
  v("motifs", o.motifs, "file of motifs, or the name of a collection, to name seqlets by");
  v("name_threshold", o.name_threshold,
    "largest E-value (p-value times the number of motifs) of a match that gives a name; a seqlet without one is called \".\"",
    non_negative());
  v("pairs", o.pairs, "table to write of motifs whose seqlets share examples");
}

SeqletsResult seqlets(const SeqletsOptions& options) {
  check(options);
  const bool bed = options.out.extension() == kBed;
  require_apart(
      inputs_of(options),
      {{"out", bed ? options.out : std::filesystem::path()},
       {"the table of out", std::filesystem::path(options.out).replace_extension(kTable)},
       {"pairs", options.pairs}});
  const auto begin = std::chrono::steady_clock::now();
  SeqletsResult result;
  Named named;
  named.attributions = io::read_attributions(
      {.attributions = options.attributions, .sequences = options.sequences, .loci = options.loci, .window = options.window});
  const motifs::AttributionSet& set = named.attributions.set;
  result.notes = named.attributions.notes;
  result.examples = set.examples;
  result.positions = set.length;
  if (!options.motifs.empty()) named.motifs = load_motifs(options.motifs, result.notes);

  motifs::SeqletResult called = call(set, options);
  named.seqlets = std::move(called.seqlets);
  append(result.notes, std::move(called.notes));
  std::tie(result.positive, result.negative, result.left_out) = std::tie(called.positive, called.negative, called.left_out);
  if (!named.motifs.empty()) {
    Progress progress("comparing with motifs", -1, "words");
    named.matches = motifs::annotate_seqlets(set, named.seqlets, named.motifs, [&](std::int64_t n) { progress.advance(n); });
    if (const std::int64_t weak = forget_weak(named, options.name_threshold); weak > 0)
      result.notes.push_back(format("{} of {} seqlets have no name: no motif is like them with an E-value of at most {} "
                                    "(name_threshold)",
                                    weak, named.seqlets.size(), options.name_threshold));
  }
  result.motifs = counts_of(named);

  if (bed) {
    write_bed(options.out, named);
    result.files.push_back(options.out);
  }
  result.files.push_back(std::filesystem::path(options.out).replace_extension(kTable));
  write_table(result.files.back(), named);
  if (!options.pairs.empty()) {
    write_pairs(options.pairs, named);
    result.files.push_back(options.pairs);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace basewise::annotate
