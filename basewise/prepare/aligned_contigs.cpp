#include "basewise/prepare/aligned_contigs.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/outputs.h"
#include "basewise/io/bed.h"
#include "basewise/prepare/alignment.h"
#include "basewise/prepare/contig_split.h"
#include "basewise/prepare/detail/genome_reader.h"

namespace basewise::prepare {
namespace {

constexpr double kLargestComponent = 0.5;  // of what a set lacks

std::string name_of(const std::filesystem::path& genome) {
  std::string name = genome.filename().string();
  for (const std::string_view ending : {".gz", ".fa", ".fasta", ".fna"})
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  return name;
}

void check_options(const AlignedContigsOptions& o) {
  AlignedContigsOptions copy = o;
  check(described(copy), "data contigs");
  if (o.genomes.size() != 2) throw ArgumentError(format("{} genomes are given; two are split together", o.genomes.size()));
  if (!o.gaps.empty() && o.gaps.size() != 2)
    throw ArgumentError(format("gaps are given for {} genomes; it is none or both", o.gaps.size()));
  if (name_of(o.genomes[0]) == name_of(o.genomes[1]))
    throw ArgumentError(format("both genomes are called {}, and so would be what is written of them", name_of(o.genomes[0])));
  if (o.folds == 1) throw ArgumentError("1 fold is no split; take 2 or more, or 0 for train, valid and test");
  if (o.longest_contig > 0 && o.longest_contig < o.length)
    throw ArgumentError(format("longest_contig is {}, which holds no sequence of {} bases", o.longest_contig, o.length));
  std::vector<GivenPath> inputs = {{"aligned", o.aligned}};
  for (const auto& genome : o.genomes) inputs.push_back({"genomes", genome});
  for (const auto& gaps : o.gaps) inputs.push_back({"gaps", gaps});
  for (const auto& genome : o.genomes) require_apart(inputs, {{"out", o.out / (name_of(genome) + ".contigs.bed")}});
}

std::vector<Contig> contigs_of(const AlignedContigsOptions& o, const std::vector<seq::ChromSizes>& genomes) {
  std::vector<Contig> contigs;
  for (std::size_t g = 0; g < genomes.size(); ++g) {
    std::vector<seq::Interval> gaps;
    if (!o.gaps.empty()) gaps = io::intervals(io::read_bed(o.gaps[g], genomes[g]).records);
    for (const Contig& contig : contigs_without_gaps(genomes[g], gaps, g))
      if (contig.length() >= o.length) contigs.push_back(contig);
  }
  return o.longest_contig > 0 ? broken(contigs, o.longest_contig, genomes) : contigs;
}

/// Bases of aligned regions in genome 0 by the sets of both sides: where a side lies in several
/// sets, that with most of its bases counts.
void count_aligned(const std::vector<AlignedRegion>& regions, const ContigSets& sets, AlignedContigsResult& result) {
  const auto set_of = [&](const Contig& region) -> std::pair<std::optional<std::size_t>, std::int64_t> {
    std::optional<std::size_t> best;
    std::int64_t most = 0;
    for (std::size_t set = 0; set < sets.names.size(); ++set) {
      std::int64_t bases = 0;
      for (const Contig& contig : sets.contigs[set]) bases += overlap(contig, region);
      if (bases > most) most = bases, best = set;
    }
    return {best, most};
  };
  result.aligned.assign(sets.names.size(), std::vector<std::int64_t>(sets.names.size(), 0));
  for (const AlignedRegion& region : regions) {
    const auto [first, bases] = set_of(region[0]);
    const auto [second, others] = set_of(region[1]);
    if (first && second) result.aligned[*first][*second] += bases;
  }
}

void write(const AlignedContigsOptions& o, const std::vector<seq::ChromSizes>& genomes, const ContigSets& sets,
           AlignedContigsResult& result) {
  for (std::size_t g = 0; g < genomes.size(); ++g) {
    std::string text;
    for (std::size_t set = 0; set < sets.names.size(); ++set)
      for (const Contig& c : sets.contigs[set])
        if (c.genome == g) text += format("{}\t{}\t{}\t{}\n", genomes[g][c.chrom].name, c.start, c.end, sets.names[set]);
    result.files.push_back(o.out / (name_of(o.genomes[g]) + ".contigs.bed"));
    write_file(result.files.back(), text);
  }
  std::string table = format("{}\t{}\tbases\n", name_of(o.genomes[0]), name_of(o.genomes[1]));
  for (std::size_t a = 0; a < sets.names.size(); ++a)
    for (std::size_t b = 0; b < sets.names.size(); ++b) table += format("{}\t{}\t{}\n", sets.names[a], sets.names[b], result.aligned[a][b]);
  result.files.push_back(o.out / "aligned.tsv");
  write_file(result.files.back(), table);
}

}  // namespace

void describe(Visitor& v, AlignedContigsOptions& o) {
  v("genomes", o.genomes, "two FASTA files", required());
  v("aligned", o.aligned, "what is aligned: a UCSC net, or a table as BEDPE (chrom, start, end of both genomes)", required());
  v("out", o.out, "folder for NAME.contigs.bed of each genome and aligned.tsv", required());
  v("gaps", o.gaps, "BED of gaps of each genome");
  v("length", o.length, "bases of a window: shorter contigs are left out", counted(1));
  v("longest_contig", o.longest_contig, "longer contigs are halved before they are split into sets; 0: none is", counted(0));
  v("least_region", o.least_region, "aligned regions that are shorter in one of the genomes count for nothing", counted(1));
  v("least_overlap", o.least_overlap, "a contig belongs to a region if they share more bases than this", counted(0));
  v("validation_fraction", o.validation_fraction, "share of the bases to validate with", fraction());
  v("test_fraction", o.test_fraction, "share of the bases to test with", fraction());
  v("folds", o.folds, "number of equal sets in place of train, valid and test; 0: none", counted(0));
  v("seed", o.seed, "seed of the split; the published sets have 44", between(0, 4'294'967'295));
}

AlignedContigsResult split_aligned(const AlignedContigsOptions& o) {
  check_options(o);
  std::vector<seq::ChromSizes> genomes;
  for (const auto& genome : o.genomes) genomes.push_back(detail::GenomeReader(genome).sizes());
  const AlignmentResult alignment = read_alignment(o.aligned, genomes, o.least_region);
  const auto components = connected(contigs_of(o, genomes), alignment.regions, genomes, o.least_overlap);
  NumpyRandom random(static_cast<std::uint32_t>(o.seed));
  ContigSets sets =
      o.folds > 0 ? split_to_folds(components, genomes, o.folds, random)
                  : split_by_fraction(components, genomes,
                                      {.validation = o.validation_fraction, .test = o.test_fraction, .largest = kLargestComponent}, random);
  AlignedContigsResult result;
  result.sets = sets.names;
  result.components = std::ssize(components);
  result.regions = std::ssize(alignment.regions);
  for (auto& set : sets.contigs) {
    set = rejoined(set);
    auto& bases = result.bases.emplace_back(std::array<std::int64_t, 2>{});
    for (const Contig& contig : set) bases[contig.genome] += contig.length();
  }
  if (alignment.small > 0) result.notes.push_back(format("{} aligned regions are shorter than {} bases", alignment.small, o.least_region));
  if (alignment.unknown > 0)
    result.notes.push_back(format("{} aligned regions lie on sequences that a genome does not have", alignment.unknown));
  count_aligned(alignment.regions, sets, result);
  write(o, genomes, sets, result);
  return result;
}

}  // namespace basewise::prepare
