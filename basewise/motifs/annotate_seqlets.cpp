#include "basewise/motifs/annotate_seqlets.h"

#include <map>
#include <string>

#include "basewise/core/error.h"
#include "basewise/motifs/compare.h"

namespace basewise::motifs {
namespace {

std::span<const seq::Token> tokens_of(const AttributionSet& set, const Seqlet& seqlet) {
  if (seqlet.example < 0 || seqlet.example >= set.examples || seqlet.start < 0 || seqlet.end <= seqlet.start || seqlet.end > set.length)
    throw ArgumentError(format("a seqlet is [{}, {}) of example {}; there are {} examples of {} positions", seqlet.start, seqlet.end,
                               seqlet.example, set.examples, set.length));
  return std::span(set.tokens).subspan(seqlet.example * set.length + seqlet.start, seqlet.end - seqlet.start);
}

}  // namespace

MotifMatrix letters_of(const AttributionSet& set, const Seqlet& seqlet) {
  MotifMatrix motif;
  const std::span<const seq::Token> tokens = tokens_of(set, seqlet);
  motif.name = seq::decode(tokens);
  for (const seq::Token t : tokens) {
    BaseVector row = t < 4 ? BaseVector{} : kUniform;
    if (t < 4) row[t] = 1;
    motif.rows.push_back(row);
  }
  motif.nsites = 1;
  return motif;
}

std::vector<SeqletMatch> annotate_seqlets(const AttributionSet& set, std::span<const Seqlet> seqlets, std::span<const MotifMatrix> motifs,
                                          const std::function<void(std::int64_t)>& done) {
  std::vector<SeqletMatch> matches(seqlets.size());
  if (motifs.empty() || seqlets.empty()) return matches;
  // The same letters have the same match: each word is compared once.
  std::map<std::string, std::int64_t> known;
  std::vector<MotifMatrix> words;
  std::vector<std::int64_t> word_of;
  for (const Seqlet& s : seqlets) {
    const auto [place, is_new] = known.try_emplace(seq::decode(tokens_of(set, s)), static_cast<std::int64_t>(words.size()));
    if (is_new) words.push_back(letters_of(set, s));
    word_of.push_back(place->second);
  }
  const MotifComparison comparison({motifs.begin(), motifs.end()});
  const std::vector<std::vector<MotifMatch>> found = comparison.best_matches(words, 1, done);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    if (found[word_of[i]].empty()) continue;
    const MotifMatch& best = found[word_of[i]].front();
    matches[i] = {.motif = best.target, .reverse = best.reverse, .p_value = best.p_value};
  }
  return matches;
}

}  // namespace basewise::motifs
