// Batches per second of the loader, and how long a training step waits for it. Run from the root of
// the repository; BASEWISE_DATA names the data sets (default ../shared/data).
//
//   data_path_loader_benchmark [--benchmark_filter=ecoli] [--benchmark_format=json]
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include <benchmark/benchmark.h>

#include "basewise/core/log.h"
#include "basewise/data/build.h"
#include "basewise/data/loader.h"

namespace {

using namespace basewise;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

data::DataSplits ecoli() {
  data::DataOptions o;
  o.kind = "genome";
  o.genome.fasta = "data:ecoli_tss/open/NC_000913.3.fna.gz";
  o.genome.circular = true;
  o.genome.per_base = true;
  o.genome.window = 2048;
  o.genome.context = 160;
  o.genome.sites.file = "data:ecoli_tss/derived_open/tss_open_NC_000913.3.tsv.gz";
  o.genome.sites.format = corpus::SiteFormat::table;
  o.genome.sites.position = "pos1";
  o.genome.sites.position_base = 1;
  o.genome.sites.strand = "strand";
  o.genome.sites.where = {"source=cappable_ettwiller2016"};
  o.split.by = corpus::SplitBy::ranges;
  o.split.test_ranges = {{"NC_000913.3", 2738785, 3667115}};
  o.split.validation_ranges = {{"NC_000913.3", 3667115, 4131280}};
  o.augment.reverse_complement = 0.5;
  o.check_duplicates = false;
  return data::build_data(o, 1);
}

// 2,114 bases in, 1,000 out, two strands, as BPNet is trained.
data::DatasetPtr bpnet(bool tokens) {
  data::DataOptions o;
  o.kind = "genome";
  o.encoding = tokens ? data::Encoding::tokens : data::Encoding::one_hot;
  o.genome.fasta = "data:hg19_chr21/chr21.fa.gz";
  o.genome.per_base = true;
  o.genome.window = 1000;
  o.genome.context = 557;
  o.genome.tracks.files = {"data:hg19_chr21/proseq_k562/K562.chr21.plus.bw", "data:hg19_chr21/proseq_k562/K562.chr21.minus.bw"};
  o.genome.tracks.paired = true;
  o.split.by = corpus::SplitBy::ranges;
  o.split.test_ranges = {{"chr21", 40000000, 44000000}};
  o.split.validation_ranges = {{"chr21", 44000000, 48000000}};
  o.augment.reverse_complement = 0.5;
  o.check_duplicates = false;
  return data::build_data(o, 1).train;
}

void epochs(benchmark::State& state, const data::DatasetPtr& set, std::int64_t batch_size) {
  data::Loader loader(set, {.batch_size = batch_size, .workers = state.range(0)});
  std::int64_t epoch = 0;
  loader.start(epoch);
  for (auto _ : state) {
    auto batch = loader.next();
    if (!batch) {
      loader.start(++epoch);
      batch = loader.next();
    }
    benchmark::DoNotOptimize(batch->at("sequence").const_data_ptr());
  }
  state.counters["batches"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// Steps that keep `cores` processors busy for `milliseconds`, as a training step does, with one
// worker of the loader beside them.
void steps(benchmark::State& state, const data::DatasetPtr& set, std::int64_t batch_size) {
  const auto length = std::chrono::milliseconds(state.range(0));
  std::atomic<bool> stop = false;
  std::thread other([&] {
    while (!stop) benchmark::DoNotOptimize(stop.load());
  });
  data::Loader loader(set, {.batch_size = batch_size, .workers = 1});
  double waited = 0, total = 0;
  for (auto _ : state) {
    loader.start(state.iterations());
    const auto begin = Clock::now();
    for (int step = 0; step < 20; ++step) {
      auto batch = loader.next();
      if (!batch) break;
      for (const auto work = Clock::now(); Clock::now() - work < length;) benchmark::DoNotOptimize(batch->at("sequence").const_data_ptr());
    }
    total += seconds_since(begin);
    waited += loader.seconds_waited();
  }
  stop = true;
  other.join();
  state.counters["waiting_percent"] = 100 * waited / total;
}

const data::DatasetPtr& ecoli_set() {
  static const data::DatasetPtr set = ecoli().train;
  return set;
}
const data::DatasetPtr& bpnet_set(bool tokens) {
  static const data::DatasetPtr sets[2] = {bpnet(false), bpnet(true)};
  return sets[tokens];
}

void ecoli_batches(benchmark::State& state) { epochs(state, ecoli_set(), 8); }
void bpnet_batches(benchmark::State& state) { epochs(state, bpnet_set(false), 64); }
void bpnet_token_batches(benchmark::State& state) { epochs(state, bpnet_set(true), 64); }
BENCHMARK(ecoli_batches)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(bpnet_batches)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(bpnet_token_batches)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();

void ecoli_steps(benchmark::State& state) { steps(state, ecoli_set(), 8); }
void bpnet_steps(benchmark::State& state) { steps(state, bpnet_set(false), 64); }
BENCHMARK(ecoli_steps)->Arg(50)->Iterations(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(bpnet_steps)->Arg(50)->Arg(200)->Iterations(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  set_log_level(LogLevel::warning);
  at::set_num_threads(1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
