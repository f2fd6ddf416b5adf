// Raw files that `basewise new` looks into, small ones that it makes a recipe for.
#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/draft/draft.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

std::string letters(Draw& draw, std::size_t n) {
  std::string text;
  while (text.size() < n) text += "ACGT"[draw.below(4)];
  return text;
}

std::string fasta(std::string_view prefix, std::size_t records, std::size_t length) {
  Draw draw(prefix.size() + records);
  std::string text;
  for (std::size_t i = 0; i < records; ++i) text += format(">{}{}\n{}\n", prefix, i + 1, letters(draw, length));
  return text;
}

std::string peaks() {
  std::string text;
  for (std::size_t i = 0; i < 45; ++i)
    text += format("chr{}\t{}\t{}\tp{}\t9\t.\t2.5\t3\t1\t50\n", 1 + i % 3, 300 + 40 * i, 400 + 40 * i, i);
  return text;
}

std::string counts(std::size_t shift) {
  std::string text;
  for (std::size_t chrom = 1; chrom <= 3; ++chrom)
    for (std::size_t i = 0; i < 60; ++i)
      text += format("chr{}\t{}\t{}\t{}\n", chrom, 40 * i + shift, 40 * i + shift + 7, 1 + (i * i + chrom) % 9);
  return text;
}

std::string table() {
  Draw draw(7);
  std::string text = "name,sequence,bound,activity\n";
  for (std::size_t i = 0; i < 30; ++i)
    text += format("s{},{},{},{}\n", i, letters(draw, 40), i % 2 == 0 ? "TRUE" : "FALSE", 0.25 * static_cast<double>(i));
  return text;
}

draft::DraftRequest along(const fs::path& folder) { return {.genome = folder / "g.fa", .out = folder / "run.toml"}; }

/// The rarer of two files first.
std::vector<Files> beside_genome(const Files& files) {
  const std::pair<std::string, std::string> genome{"g.fa", fasta("chr", 3, 3000)};
  Files first = files, last = {genome};
  first.push_back(genome);
  last.insert(last.end(), files.begin(), files.end());
  return {first, last};
}

void draft_sites(const fs::path& folder) {
  draft::DraftRequest request = along(folder);
  request.sites = {folder / "x.bed"};
  draft::draft_recipe(request);
}

void draft_tracks(const fs::path& folder) {
  draft::DraftRequest request = along(folder);
  request.tracks = {folder / "a.bedgraph", folder / "b.bedgraph"};
  draft::draft_recipe(request);
}

void draft_profile(const fs::path& folder) {
  draft::DraftRequest request = along(folder);
  request.sites = {folder / "x.bed"};
  request.profile = {folder / "a.bedgraph", folder / "b.bedgraph"};
  draft::draft_recipe(request);
}

void draft_sequences(const fs::path& folder) {
  draft::draft_recipe({.fasta = {folder / "p.fa"}, .negatives = {folder / "n.fa"}, .out = folder / "run.toml"});
}

}  // namespace

std::vector<Reader> draft_readers() {
  const Files tracks = {{"a.bedgraph", counts(0)}, {"b.bedgraph", counts(3)}};
  Files profile = tracks;
  profile.emplace_back("x.bed", peaks());
  return {
      {"draft_of_sites", beside_genome({{"x.bed", peaks()}}), draft_sites},
      {"draft_of_tracks", beside_genome(tracks), draft_tracks},
      {"draft_of_profile", beside_genome(profile), draft_profile},
      {"draft_of_sequences", {{{"p.fa", fasta("p", 30, 50)}, {"n.fa", fasta("n", 30, 50)}}}, draft_sequences},
      {"draft_of_table",
       {{{"x.csv", table()}}},
       [](const fs::path& f) { draft::draft_recipe({.table = {f / "x.csv"}, .out = f / "run.toml"}); }},
  };
}

}  // namespace basewise::fuzz
