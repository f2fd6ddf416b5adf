#include "basewise/evaluate/gene_values.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::evaluate {

GeneValues::GeneValues(const std::vector<corpus::Gene>& genes, const seq::ChromSizes& sizes, bool within)
    : genes_(&genes), within_(within), bins_(genes.size()), covered_(genes.size()), unmeasured_(genes.size()) {
  for (std::size_t g = 0; g < genes.size(); ++g)
    for (const auto& [start, end] : genes[g].pieces) {
      const std::string& chrom = sizes[genes[g].chrom].name;
      pieces_[chrom].push_back({start, end, g});
      longest_[chrom] = std::max(longest_[chrom], end - start);
    }
  for (auto& [chrom, pieces] : pieces_)
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.start < b.start; });
}

void GeneValues::add(const BinnedExample& example) {
  if (example.chromosome.empty())
    throw ArgumentError("the examples have no places in a genome, so that there are no genes in them: use data of a genome");
  if (tracks_ == 0) {
    tracks_ = example.tracks;
    bin_ = example.bin;
    predicted_.assign(genes_->size() * tracks_, 0);
    measured_.assign(genes_->size() * tracks_, 0);
    if (within_) moments_.resize(genes_->size() * tracks_);
  }
  const auto found = pieces_.find(std::string(example.chromosome));
  if (found == pieces_.end()) return;
  const std::vector<Piece>& pieces = found->second;
  const std::int64_t end = example.start + static_cast<std::int64_t>(example.bins) * example.bin;
  const std::int64_t from = example.start - longest_.at(found->first);
  std::vector<std::size_t> genes;
  auto piece = std::lower_bound(pieces.begin(), pieces.end(), from, [](const Piece& p, std::int64_t at) { return p.start < at; });
  for (; piece != pieces.end() && piece->start < end; ++piece)
    if (piece->end > example.start) genes.push_back(piece->gene);
  std::sort(genes.begin(), genes.end());
  genes.erase(std::unique(genes.begin(), genes.end()), genes.end());
  for (const std::size_t gene : genes) add_gene(example, gene);
}

void GeneValues::add_gene(const BinnedExample& example, std::size_t gene) {
  const auto bins = static_cast<std::int64_t>(example.bins);
  std::int64_t next = 0;  // bins before it were counted: pieces rise, and two may share a bin
  for (const auto& [start, end] : (*genes_)[gene].pieces) {
    const std::int64_t first = std::max<std::int64_t>(0, (start - example.start) / example.bin - (start < example.start));
    for (std::int64_t b = first; b < bins; ++b) {
      const std::int64_t left = example.start + b * example.bin, right = left + example.bin;
      if (left >= end) break;
      if (right <= start || !example.fresh[static_cast<std::size_t>(b)]) continue;
      covered_[gene] += std::min(end, right) - std::max(start, left);
      if (b < next) continue;
      next = b + 1;
      ++bins_[gene];
      for (std::size_t t = 0; t < tracks_; ++t) {
        if (!example.is_known(t, static_cast<std::size_t>(b))) {
          unmeasured_[gene] = 1;
          continue;
        }
        const float prediction = example.prediction(t, static_cast<std::size_t>(b));
        const float measurement = example.measurement(t, static_cast<std::size_t>(b));
        predicted_[gene * tracks_ + t] += prediction;
        measured_[gene * tracks_ + t] += measurement;
        if (within_) moments_[gene * tracks_ + t].add(prediction, measurement);
      }
    }
  }
}

void GeneValues::merge(const GeneValues& other) {
  if (other.tracks_ == 0) return;
  if (tracks_ == 0) {
    *this = other;
    return;
  }
  if (tracks_ != other.tracks_ || bins_.size() != other.bins_.size())
    throw ArgumentError(format("{} genes of {} tracks are merged with {} of {}", bins_.size(), tracks_, other.bins_.size(), other.tracks_));
  for (std::size_t i = 0; i < predicted_.size(); ++i) {
    predicted_[i] += other.predicted_[i];
    measured_[i] += other.measured_[i];
  }
  for (std::size_t i = 0; i < moments_.size(); ++i) moments_[i].merge(other.moments_[i]);
  for (std::size_t g = 0; g < bins_.size(); ++g) {
    bins_[g] += other.bins_[g];
    covered_[g] += other.covered_[g];
    unmeasured_[g] |= other.unmeasured_[g];
  }
}

double GeneValues::value(std::size_t gene, std::size_t track, GeneStatistic statistic, const std::vector<double>& sums) const {
  const double sum = sums[gene * tracks_ + track];
  const auto bins = static_cast<double>(bins_[gene]);
  switch (statistic) {
    case GeneStatistic::sum:
      return sum;
    case GeneStatistic::mean:
      return sum / bins;
    case GeneStatistic::total:
      return sum / bins / static_cast<double>(bin_) * static_cast<double>((*genes_)[gene].bases());
  }
  throw InternalError(format("no statistic {}", statistic));
}

GeneTables GeneValues::finish(GeneStatistic statistic, const std::vector<std::pair<std::size_t, std::size_t>>& pairs) const {
  GeneTables found;
  std::vector<std::size_t> partner(tracks_), columns;
  std::iota(partner.begin(), partner.end(), std::size_t{0});
  std::vector<bool> second(tracks_);
  for (const auto& [forward, reverse] : pairs) partner.at(forward) = reverse, second.at(reverse) = true;
  for (std::size_t t = 0; t < tracks_; ++t)
    if (!second[t]) columns.push_back(t);
  for (std::size_t g = 0; g < genes_->size(); ++g) {
    if (bins_[g] == 0 || covered_[g] < (*genes_)[g].bases() || unmeasured_[g]) {
      ++(bins_[g] == 0 ? found.outside : covered_[g] < (*genes_)[g].bases() ? found.partial : found.unmeasured);
      continue;
    }
    found.genes.push_back(g);
    const seq::Strand strand = (*genes_)[g].strand;
    for (auto [table, sums] : {std::pair(&found.predicted, &predicted_), std::pair(&found.measured, &measured_)})
      for (const std::size_t t : columns) {
        double sum = value(g, strand == seq::Strand::reverse ? partner[t] : t, statistic, *sums);
        if (strand == seq::Strand::none && partner[t] != t) sum += value(g, partner[t], statistic, *sums);
        table->values.push_back(static_cast<float>(sum));
      }
    if (!within_) continue;
    found.within.emplace_back();
    for (const std::size_t t : columns)
      found.within.back().push_back(moments_[g * tracks_ + (strand == seq::Strand::reverse ? partner[t] : t)].pearson());
  }
  for (metrics::ValueTable* table : {&found.predicted, &found.measured}) {
    table->rows = found.genes.size();
    table->columns = columns.size();
  }
  return found;
}

}  // namespace basewise::evaluate
