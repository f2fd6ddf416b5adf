#include "basewise/annotate/detail/scan_input.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/bed.h"
#include "basewise/io/fasta.h"

namespace basewise::annotate::detail {
namespace {

constexpr io::FastaOptions kReading = {.ambiguity = seq::Ambiguity::as_n};

seq::ChromSizes sizes_of(const std::filesystem::path& path) {
  seq::ChromSizes sizes({}, path.string());
  io::FastaReader reader(path, kReading);
  for (io::FastaRecord record; reader.next(record);) sizes.add({record.name, static_cast<std::int64_t>(record.sequence.size()), false});
  return sizes;
}

void check_options(const ScanOptions& o) {
  if (o.genome.empty() == o.fasta.empty())
    throw ArgumentError(o.genome.empty() ? "nothing to scan: name sequences (--fasta) or a genome (--genome)"
                                         : "both --genome and --fasta are given; one of them is scanned at a time");
  if (!o.bed.empty() && o.genome.empty()) throw ArgumentError("--bed names parts of a genome; give it with --genome");
  if (!o.circular.empty() && o.genome.empty()) throw ArgumentError("--circular names sequences of a genome; give it with --genome");
  if (!o.circular.empty() && !o.bed.empty()) throw ArgumentError("--circular counts for whole sequences; it cannot be given with --bed");
}

}  // namespace

ScanInput::ScanInput(const ScanOptions& options, std::vector<std::string>& notes) : circular_(options.circular) {
  check_options(options);
  path_ = corpus::resolve_path((options.genome.empty() ? options.fasta : options.genome).string());
  all_circular_ = circular_ == std::vector<std::string>{"all"};
  if (options.bed.empty()) return;

  by_bed_ = true;
  const io::BedResult bed = io::read_bed(corpus::resolve_path(options.bed.string()), sizes_of(path_));
  for (const std::string& remark : bed.report.remarks) notes.push_back(remark);
  std::vector<seq::Interval> intervals = io::intervals(bed.records);
  const auto empty = std::count_if(intervals.begin(), intervals.end(), [](const seq::Interval& i) { return i.length() == 0; });
  if (empty > 0) notes.push_back(format("{}: {} intervals are empty and hold no site", options.bed.string(), empty));
  const std::size_t before = intervals.size() - static_cast<std::size_t>(empty);
  const std::vector<seq::Interval> merged = seq::merge(std::move(intervals));
  if (merged.size() < before)
    notes.push_back(format("{}: intervals that overlap or touch are joined, {} become {}; a site is written once",
                           options.bed.string(), before, merged.size()));
  for (const seq::Interval& interval : merged) parts_[interval.chrom].push_back(interval);
}

void ScanInput::each(const std::function<void(const ScanSequence&)>& use) const {
  io::FastaReader reader(path_, kReading);
  std::vector<std::string> missing = all_circular_ ? std::vector<std::string>{} : circular_;
  std::vector<std::string> names;
  for (io::FastaRecord record; reader.next(record);) {
    if (by_bed_) {
      const auto parts = parts_.find(record.name);
      if (parts == parts_.end()) continue;
      for (const seq::Interval& part : parts->second) {
        const auto start = static_cast<std::size_t>(part.start);
        use({record.name, std::string_view(record.sequence).substr(start, static_cast<std::size_t>(part.length())), part.start, false});
      }
      continue;
    }
    if (!circular_.empty()) names.push_back(record.name);
    const auto erased = std::erase(missing, record.name);
    use({record.name, record.sequence, 0, all_circular_ || erased > 0});
  }
  if (missing.empty()) return;
  const auto similar = nearest(missing.front(), names);
  throw ArgumentError(format("{} has no sequence '{}' that could be circular{}", path_.string(), missing.front(),
                             similar ? format("; did you mean '{}'?", *similar) : ""));
}

}  // namespace basewise::annotate::detail
