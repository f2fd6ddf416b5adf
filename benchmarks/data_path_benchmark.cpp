// Rates of the data path: files to tokens, windows, batches. Run from the root of the repository;
// BASEWISE_DATA names the data sets (default ../shared/data), BASEWISE_BENCH a folder for files
// that are made (default build/bench-data).
//
//   data_path_benchmark [--benchmark_filter=windows] [--benchmark_format=json]
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include <benchmark/benchmark.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/corpus/loci.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "basewise/io/packed_track.h"
#include "basewise/seq/shuffle.h"

namespace {

namespace fs = std::filesystem;
using namespace basewise;

constexpr std::int64_t kWindow = 2114;
constexpr std::int64_t kWindows = 10000;

fs::path folder(const char* variable, const char* otherwise) {
  const char* text = std::getenv(variable);
  return text && *text ? text : otherwise;
}
fs::path data(const char* name) { return folder("BASEWISE_DATA", "../shared/data") / name; }
fs::path chr21_bgzip() { return data("hg19_chr21/chr21.fa.gz"); }
std::vector<fs::path> proseq() {
  return {data("hg19_chr21/proseq_k562/K562.chr21.plus.bw"), data("hg19_chr21/proseq_k562/K562.chr21.minus.bw")};
}
fs::path yeast() { return data("yeast_stripeseq/S288C_WT_1.plus.bw"); }

// chr21 uncompressed, made once, with its index beside it.
fs::path chr21_plain() {
  const fs::path path = folder("BASEWISE_BENCH", "build/bench-data") / "chr21.fa";
  if (!fs::exists(path)) {
    fs::create_directories(path.parent_path());
    AtomicFile file(path);
    file.stream() << ">chr21\n";
    const auto letters = io::read_fasta(chr21_bgzip()).records.front().sequence;
    for (std::size_t i = 0; i < letters.size(); i += 50) file.stream() << letters.substr(i, 50) << '\n';
    file.commit();
  }
  const io::IndexedFasta indexed(path, io::WriteIndex::beside);
  return path;
}

// Made by the gzip of the system, as most files are.
std::string gzip_command(const fs::path& from, const fs::path& to) { return "gzip -6 -c '" + from.string() + "' > '" + to.string() + "'"; }

// The same places as in data_path_peers.py: a fixed rule, so that no file has to be shared.
std::vector<std::int64_t> places(std::int64_t low, std::int64_t high) {
  std::vector<std::int64_t> starts;
  std::uint64_t state = 12345;
  while (static_cast<std::int64_t>(starts.size()) < kWindows) {
    state = (state * 6364136223846793005u + 1442695040888963407u);
    starts.push_back(low + static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(high - low)));
  }
  return starts;
}

void rate(benchmark::State& state, const char* name, double per_round) {
  state.counters[name] = benchmark::Counter(per_round * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void fasta(benchmark::State& state, const fs::path& path) {
  double bases = 0;
  for (auto _ : state) {
    const auto loaded = io::load_genome(path);
    bases = static_cast<double>(loaded.genome.sizes().total_length());
    benchmark::DoNotOptimize(loaded.genome.sequence(std::size_t{0}).data());
  }
  rate(state, "bases", bases);
}
void fasta_plain(benchmark::State& state) { fasta(state, chr21_plain()); }
void fasta_bgzip(benchmark::State& state) { fasta(state, chr21_bgzip()); }
BENCHMARK(fasta_plain)->Unit(benchmark::kMillisecond)->UseRealTime();
// gzip is one stream: no block of it can be inflated before the one in front.
void fasta_gzip(benchmark::State& state) {
  const fs::path path = chr21_plain().parent_path() / "chr21.one.fa.gz";
  if (!fs::exists(path)) {
    AtomicFile file(path);
    if (std::system(gzip_command(chr21_plain(), file.temporary()).c_str()) != 0) return state.SkipWithError("no gzip");
    file.commit();
  }
  fasta(state, path);
}
BENCHMARK(fasta_gzip)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(fasta_bgzip)->Unit(benchmark::kMillisecond)->UseRealTime();

void one_hot_of_chr21(benchmark::State& state) {
  const std::string letters = io::read_fasta(chr21_bgzip()).records.front().sequence;
  for (auto _ : state) {
    RawArray<std::int8_t> out(4 * letters.size());
    std::vector<seq::Token> piece(1 << 14);
    for (std::size_t i = 0; i < letters.size(); i += piece.size()) {
      const auto part = std::string_view(letters).substr(i, piece.size());
      seq::encode(part, std::span(piece).first(part.size()));
      benchmark::DoNotOptimize(piece.data());
    }
  }
  rate(state, "bases", static_cast<double>(letters.size()));
}
BENCHMARK(one_hot_of_chr21)->Unit(benchmark::kMillisecond)->UseRealTime();

// 1,000 sequences x 20 shuffles, tokens in and out.
void shuffles(benchmark::State& state) {
  std::vector<seq::Token> tokens(1000 * kWindow);
  Stream letters(1);
  for (seq::Token& t : tokens) t = static_cast<seq::Token>(letters.below(4));
  for (auto _ : state) {
    RawArray<seq::Token> out(tokens.size() * 20);
    seq::dinucleotide_shuffles(tokens, kWindow, 20, Stream(2), out.span());
    benchmark::DoNotOptimize(out.data());
  }
  rate(state, "sequences", 20000);
}
BENCHMARK(shuffles)->Unit(benchmark::kMillisecond)->UseRealTime();

std::vector<io::TrackWindow> yeast_windows(const io::TrackChromosomes& chromosomes) {
  std::vector<io::TrackWindow> windows;
  std::vector<std::int64_t> ends;
  std::int64_t total = 0;
  for (const auto& [name, length] : chromosomes) ends.push_back(total += std::max<std::int64_t>(0, length - kWindow));
  for (const std::int64_t place : places(0, total)) {
    const auto c = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), place) - ends.begin());
    windows.push_back({c, place - (c == 0 ? 0 : ends[c - 1])});
  }
  return windows;
}

// The file opened, read, and closed again.
void windows_from_file(benchmark::State& state) {
  for (auto _ : state) {
    const io::BigWigReader track(yeast());
    RawArray<float> out(kWindows * kWindow);
    track.windows(yeast_windows(track.chromosomes()), kWindow, out.span(), kWindow, 0);
    benchmark::DoNotOptimize(out.data());
  }
  rate(state, "windows", kWindows);
}
BENCHMARK(windows_from_file)->Unit(benchmark::kMillisecond)->UseRealTime();

void windows_reused(benchmark::State& state) {
  RawArray<float> out(kWindows * kWindow);
  for (auto _ : state) {
    const io::BigWigReader track(yeast());
    track.windows(yeast_windows(track.chromosomes()), kWindow, out.span(), kWindow, 0);
    benchmark::DoNotOptimize(out.data());
  }
  rate(state, "windows", kWindows);
}
BENCHMARK(windows_reused)->Unit(benchmark::kMillisecond)->UseRealTime();

// One after the other, as before there was a call for many.
void windows_one_by_one(benchmark::State& state) {
  const io::BigWigReader track(yeast());
  const auto windows = yeast_windows(track.chromosomes());
  std::vector<float> out(kWindow);
  for (auto _ : state)
    for (const auto& w : windows) track.values(track.chromosomes()[w.chromosome].first, w.start, out, 0);
  rate(state, "windows", kWindows);
}
BENCHMARK(windows_one_by_one)->Unit(benchmark::kMillisecond)->UseRealTime();

// What a loader does again and again: one thread, one window's memory.
void windows_packed(benchmark::State& state) {
  const auto track = io::PackedTrack::pack(yeast());
  const auto windows = yeast_windows(track.chromosomes());
  std::vector<float> out(kWindow);
  for (auto _ : state)
    for (const auto& w : windows) {
      track.values(w.chromosome, w.start, out, 0);
      benchmark::DoNotOptimize(out.data());
    }
  rate(state, "windows", kWindows);
  state.counters["bytes"] = static_cast<double>(track.bytes());
}
BENCHMARK(windows_packed)->Unit(benchmark::kMillisecond)->UseRealTime();

void windows_packed_all(benchmark::State& state) {
  const auto track = io::PackedTrack::pack(yeast());
  const auto windows = yeast_windows(track.chromosomes());
  RawArray<float> out(kWindows * kWindow);
  for (auto _ : state) {
    track.windows(windows, kWindow, out.span(), kWindow, 0);
    benchmark::DoNotOptimize(out.data());
  }
  rate(state, "windows", kWindows);
}
BENCHMARK(windows_packed_all)->Unit(benchmark::kMillisecond)->UseRealTime();

void pack(benchmark::State& state) {
  const auto files = proseq();
  for (auto _ : state) {
    const auto track = io::PackedTrack::pack(files[0]);
    state.counters["bytes"] = static_cast<double>(track.bytes());
  }
}
BENCHMARK(pack)->Unit(benchmark::kMillisecond)->UseRealTime();

// `again`: the memory of the arrays serves all rounds.
void loci(benchmark::State& state, const fs::path& genome, bool tokens, bool again = false) {
  std::vector<seq::Interval> places_of;
  for (const std::int64_t start : places(10000000, 48000000)) places_of.push_back({"chr21", start, start + 200, seq::Strand::none});
  const auto tracks = proseq();
  corpus::LociResult kept;
  for (auto _ : state) {
    corpus::LociResult fresh;
    corpus::LociResult& result = again ? kept : fresh;
    corpus::extract_loci(places_of, genome, tracks, {.tokens = tokens}, result);
    if (result.size() != kWindows) state.SkipWithError("loci were left out");
  }
  rate(state, "loci", kWindows);
}
void loci_one_hot(benchmark::State& state) { loci(state, chr21_plain(), false); }
void loci_tokens(benchmark::State& state) { loci(state, chr21_plain(), true); }
void loci_reused(benchmark::State& state) { loci(state, chr21_plain(), false, true); }
BENCHMARK(loci_reused)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(loci_one_hot)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(loci_tokens)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
