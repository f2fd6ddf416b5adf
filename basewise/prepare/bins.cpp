#include "basewise/prepare/bins.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/npy.h"
#include "basewise/prepare/detail/bins_hdf5.h"
#include "basewise/prepare/detail/bins_records.h"

namespace basewise::prepare {

using namespace detail;

namespace {

constexpr std::int64_t kCoverageBytes = std::int64_t{2} << 30;  // of targets that are read at the same time
constexpr int kCoverageGzip = 1;
constexpr std::int64_t kRowsAtOnce = 64;  // of coverage, converted together

/// Files that are named "data:..." as paths.
BinsOptions with_registered_files(BinsOptions o) {
  for (auto* file : {&o.targets, &o.genome, &o.gaps, &o.limit, &o.contigs, &o.blacklist, &o.unmappable})
    *file = corpus::resolve_path(file->string());
  return o;
}

void write_once(const std::filesystem::path& path, std::string_view text) {
  if (!std::filesystem::exists(path)) write_file(path, text);
}

void write_plan(const ExampleSource& source) {
  const BinsFolder& folder = source.folder;
  const seq::ChromSizes& sizes = source.genome.sizes();
  if (source.options.split == BinsSplit::contigs) write_once(folder.file("contigs.bed"), contigs_text(source.plan, sizes));
  write_once(folder.file("sequences.bed"), sequences_text(source.plan, sizes));
  write_once(folder.file("targets.txt"), read_file(source.options.targets));
  const auto masks = folder.file("mseqs_unmap.npy");
  if (source.plan.unmapped.empty() || std::filesystem::exists(masks)) return;
  io::write_npy(masks,
                {io::DType::boolean, {std::ssize(source.plan.windows), source.bins()}, std::as_bytes(std::span(source.plan.unmapped))});
}

void write_statistics(const ExampleSource& source) {
  nlohmann::ordered_json facts = {
      {"num_targets", source.target_count()}, {"seq_length", source.options.length}, {"seq_1hot", true},
      {"pool_width", source.options.width},   {"crop_bp", source.options.crop},      {"target_length", source.bins()}};
  for (std::size_t set = 0; set < source.plan.sets.names.size(); ++set) {
    const auto [first, behind] = source.plan.range(set);
    facts[source.plan.sets.names[set] + "_seqs"] = behind - first;
  }
  write_file(source.folder.statistics(), json_text(facts, 4) + "\n");
}

/// The tracks of targets whose coverage is not there yet.
class CoverageStep {
 public:
  CoverageStep(const ExampleSource& source, BinsResult& result)
      : source_(source),
        result_(result),
        rules_(coverage_rules(source.options)),
        black_(widened_blacklist(read_regions(source.options.blacklist, source.genome.sizes(), "blacklist", result.notes),
                                 source.genome.sizes())) {
    for (std::size_t i = 0; i < source.targets.targets.size(); ++i)
      if (!std::filesystem::exists(source.folder.coverage(i))) left_.push_back(i);
  }

  void run() {
    if (left_.empty()) return;
    Progress progress("coverage", std::ssize(left_) * std::ssize(source_.plan.windows), "windows");
    const std::int64_t bytes = std::ssize(source_.plan.windows) * source_.bins() * static_cast<std::int64_t>(sizeof(std::uint16_t));
    const std::int64_t at_once = std::clamp<std::int64_t>(kCoverageBytes / std::max<std::int64_t>(1, bytes), 1, threads());
    for (std::int64_t first = 0; first < std::ssize(left_); first += at_once)
      parallel_for(std::min(at_once, std::ssize(left_) - first), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) read(left_[static_cast<std::size_t>(first + i)], progress);
      });
    result_.targets_read = std::ssize(left_);
    const auto note = [&](std::int64_t count, std::string_view what) {
      if (count > 0) result_.notes.push_back(format("{} {}", count, what));
    };
    note(lacking_, "windows of targets lie on chromosomes that their track does not have; their bins are 0");
    note(clipped_, "bins of targets were beyond clip_percentile or half precision");
    note(empty_, "targets are 0 in all bins");
  }

 private:
  void read(std::size_t i, Progress& progress) {
    const BinTarget& target = source_.targets.targets[i];
    with_context(source_.targets.place(i), [&] {
      const auto track = open_coverage(target.file, source_.genome.sizes());
      const TargetCoverage coverage = cover(*track, source_.plan.windows, source_.genome.sizes(), black_, target.transform, rules_,
                                            [&](std::int64_t windows) { progress.advance(windows); });
      lacking_ += coverage.lacking;
      clipped_ += coverage.clipped;
      if (std::all_of(coverage.bins.begin(), coverage.bins.end(), [](std::uint16_t bin) { return (bin & 0x7fff) == 0; })) ++empty_;
      write(source_.folder.coverage(i), coverage);
    });
  }

  void write(const std::filesystem::path& path, const TargetCoverage& coverage) const {
    io::H5Writer file(path);
    const std::int64_t bins = source_.bins(), rows = std::ssize(source_.plan.windows);
    const std::int64_t chunk = std::min({kRowsAtOnce, rows_at_once(source_.options, source_.target_count()), rows});
    file.begin("targets", {bins}, {.dtype = io::DType::f16, .gzip = kCoverageGzip, .chunk_rows = chunk});
    std::vector<float> values;
    for (std::int64_t row = 0; row < rows; row += kRowsAtOnce) {
      const std::int64_t count = std::min(kRowsAtOnce, rows - row);
      values.resize(static_cast<std::size_t>(count * bins));
      io::half_to_float(std::span(coverage.bins).subspan(static_cast<std::size_t>(row * bins), values.size()), values);
      file.append("targets", std::span<const float>(values));
    }
    file.close();
  }

  const ExampleSource& source_;
  BinsResult& result_;
  CoverageRules rules_;
  Blacklist black_;
  std::vector<std::size_t> left_ = {};
  std::atomic<std::int64_t> lacking_ = 0, clipped_ = 0, empty_ = 0;
};

std::vector<ExampleFile> example_files(const ExampleSource& source) {
  if (source.options.format == BinsFormat::tfrecord) return record_files(source);
  return {{source.folder.file("data.h5"), 0, std::ssize(source.plan.windows)}};
}

void write_examples(const ExampleSource& source, const std::vector<ExampleFile>& files) {
  std::int64_t rows = 0;
  for (const ExampleFile& file : files) rows += file.behind - file.first;
  Progress progress("examples", rows, "sequences");
  parallel_for(std::ssize(files), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const ExampleFile& file = files[static_cast<std::size_t>(i)];
      source.options.format == BinsFormat::tfrecord ? write_records(source, file) : write_hdf5(source, file.path);
      progress.advance(file.behind - file.first);
    }
  });
}

void fill_result(const ExampleSource& source, BinsResult& result) {
  const BinsPlan& plan = source.plan;
  for (std::size_t set = 0; set < plan.sets.names.size(); ++set) {
    const auto [first, behind] = plan.range(set);
    result.sets.push_back({plan.sets.names[set], std::ssize(plan.sets.contigs[set]), total_length(plan.sets.contigs[set]), behind - first,
                           plan.dropped[set]});
  }
  result.targets = source.target_count();
  result.bins = source.bins();
  result.unmappable_bins = std::count(plan.unmapped.begin(), plan.unmapped.end(), 1);
  const auto& from_targets = source.targets.notes;
  result.notes.insert(result.notes.end(), from_targets.begin(), from_targets.end());
  result.notes.insert(result.notes.end(), plan.notes.begin(), plan.notes.end());
}

/// What lacks in the folder.
void make(const ExampleSource& source, BinsResult& result) {
  write_plan(source);
  if (source.options.plan_only) return;
  const std::vector<ExampleFile> files = example_files(source);
  for (const ExampleFile& file : files) result.files.push_back(file.path);
  std::vector<ExampleFile> left;
  std::copy_if(files.begin(), files.end(), std::back_inserter(left), [](const auto& file) { return !std::filesystem::exists(file.path); });
  result.complete = left.empty() && std::filesystem::exists(source.folder.statistics());
  if (!left.empty()) {
    CoverageStep(source, result).run();
    write_examples(source, left);
    result.files_written = std::ssize(left);
  }
  if (!result.complete) write_statistics(source);
  if (!source.options.keep_coverage) source.folder.remove_coverage();
}

}  // namespace

BinsResult prepare_bins(const BinsOptions& given) {
  const auto start = std::chrono::steady_clock::now();
  const BinsOptions options = with_registered_files(given);
  check(options);
  const TargetsTable targets = read_targets(options.targets, options.transform);
  const BinsFolder folder(options, targets);
  const GenomeReader genome(options.genome);
  const BinsPlan plan = plan_bins(options, targets, genome.sizes());
  const ExampleSource source{options, targets, plan, genome, folder};
  BinsResult result;
  fill_result(source, result);
  make(source, result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace basewise::prepare
