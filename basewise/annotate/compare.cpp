#include "basewise/annotate/compare.h"

#include <algorithm>
#include <iterator>

#include "basewise/annotate/collections.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/outputs.h"
#include "basewise/core/progress.h"

namespace basewise::annotate {
namespace {

/// Below this MEME warns too: the columns of the targets are all that chance is known from.
constexpr std::size_t kFewTargets = 50;

double number_of(const motifs::MotifMatch& match, Significance by) {
  switch (by) {
    case Significance::e_value:
      return match.e_value;
    case Significance::q_value:
      return match.q_value;
    case Significance::p_value:
      return match.p_value;
  }
  throw InternalError("unknown number of a match");
}

std::string_view name_of(Significance by) {
  switch (by) {
    case Significance::e_value:
      return "an E-value";
    case Significance::q_value:
      return "a q-value";
    case Significance::p_value:
      return "a p-value";
  }
  throw InternalError("unknown number of a match");
}

std::string consensus_of(const motifs::MotifMatrix& motif, bool reverse) {
  return motifs::consensus(reverse ? motifs::reverse_complement(motif) : motif);
}

/// The matches of one query that are kept, most significant first: copies, as the few that most
/// queries have would hold the memory of all.
std::vector<motifs::MotifMatch> kept(const std::vector<motifs::MotifMatch>& all, const CompareRequest& request,
                                     const std::vector<motifs::MotifMatrix>& targets) {
  std::vector<motifs::MotifMatch> matches;
  std::copy_if(all.begin(), all.end(), std::back_inserter(matches),
               [&](const motifs::MotifMatch& match) { return number_of(match, request.by) <= request.threshold; });
  motifs::sort_matches(matches, targets);
  if (request.best > 0 && static_cast<std::size_t>(request.best) < matches.size()) matches.resize(static_cast<std::size_t>(request.best));
  return matches;
}

std::string to_tsv(const std::vector<ComparedPair>& pairs) {
  std::string text =
      "Query_ID\tTarget_ID\tOptimal_offset\tp-value\tE-value\tq-value\tOverlap\tQuery_consensus\tTarget_consensus\tOrientation\n";
  for (const ComparedPair& pair : pairs)
    text += format("{}\t{}\t{}\t{:g}\t{:g}\t{:g}\t{}\t{}\t{}\t{}\n", pair.query, pair.target, pair.match.offset, pair.match.p_value,
                   pair.match.e_value, pair.match.q_value, pair.match.overlap, pair.query_consensus, pair.target_consensus,
                   pair.match.reverse ? '-' : '+');
  return text;
}

void add_notes(const CompareRequest& request, CompareResult& result) {
  if (static_cast<std::size_t>(result.targets) < kFewTargets)
    result.notes.push_back(
        format("{} has {} motifs: p-values are made from the columns of the targets, and from fewer than {} motifs they depend much on "
               "which these are",
               request.target, result.targets, kFewTargets));
  if (result.pairs.empty())
    result.notes.push_back(format("no match has {} <= {}; --threshold {} keeps all", name_of(request.by), request.threshold,
                                  request.by == Significance::e_value ? result.targets : 1));
}

}  // namespace

void describe(Visitor& v, CompareRequest& o) {
  v("query", o.query, "file of motifs (MEME, JASPAR, TRANSFAC, HOMER), or a collection by name", required());
  v("target", o.target, "motifs to compare with, likewise", required());
  describe_flags(v, o);
}

void describe_flags(Visitor& v, CompareRequest& o) {
  v("out", o.out, "table of matches (TSV, columns as Tomtom's)");
  v("threshold", o.threshold, "largest E-value, q-value or p-value of a match", non_negative());
  v("by", o.by, "what the threshold is for");
  v("best", o.best, "matches of each query, at most; 0 for all", counted(0));
  v("rows", o.rows, "what rows of numbers without letters are, in JASPAR and HOMER files");
  describe(v, o.options);
}

CompareResult compare_motifs(const CompareRequest& request) {
  require_apart({{"query", request.query}, {"target", request.target}}, {{"out", request.out}});
  CompareResult result;
  const std::vector<motifs::MotifMatrix> queries = load_motif_source(request.query, result.notes, request.rows).motifs;
  motifs::CompareOptions options = request.options;
  // One background for both sides, that of the queries and alike on both strands, as MEME takes it.
  if (options.background.empty()) {
    const motifs::BaseVector& b = queries.front().background;
    const double at = (b[0] + b[3]) / 2, cg = (b[1] + b[2]) / 2;
    options.background = {at, cg, cg, at};
  }
  const motifs::MotifComparison comparison(load_motif_source(request.target, result.notes, request.rows).motifs, options);
  const std::vector<motifs::MotifMatrix>& targets = comparison.targets();
  result.queries = static_cast<std::int64_t>(queries.size());
  result.targets = static_cast<std::int64_t>(targets.size());

  std::vector<std::vector<motifs::MotifMatch>> matches(queries.size());
  {
    Progress progress("comparing", result.queries, "motifs");
    comparison.each_query(queries, [&](std::int64_t query, const std::vector<motifs::MotifMatch>& all) {
      matches[static_cast<std::size_t>(query)] = kept(all, request, targets);
      progress.advance();
    });
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    result.matched += !matches[i].empty();
    const std::string consensus = motifs::consensus(queries[i]);
    for (const motifs::MotifMatch& match : matches[i]) {
      const motifs::MotifMatrix& target = targets[static_cast<std::size_t>(match.target)];
      result.pairs.push_back({queries[i].name, target.name, target.description, match, consensus, consensus_of(target, match.reverse)});
    }
  }
  add_notes(request, result);
  if (!request.out.empty()) {
    write_file(request.out, to_tsv(result.pairs));
    result.files.push_back(request.out);
  }
  return result;
}

}  // namespace basewise::annotate
