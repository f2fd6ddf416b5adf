#include "basewise/run/detail/example_windows.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/run/detail/bed_rows.h"
#include "basewise/run/detail/predict_tracks.h"
#include "basewise/run/detail/row_writer.h"
#include "basewise/run/detail/window_batch.h"

namespace basewise::run::detail {
namespace {

/// Where a window lies.
struct Place {
  std::string name = {};
  std::size_t chrom = 0;
  std::int64_t middle = 0;
  bool reverse = false;
};

class WindowSource : public ExampleSource {
 public:
  WindowSource(const OpenRun& run, const ExampleOptions& options, std::int64_t central)
      : options_{.examples = options},
        job_{.options = options_, .run = run, .model = *run.model, .output = {}, .names = {}, .score = {}, .strands = {}},
        genome_((check_reads_sequence(job_), load_genome(options, said_))),
        windows_(genome_, window_length(job_)),
        step_(central > 0 && central < windows_.length() ? central : windows_.length()) {
    if (options_.examples.bed.empty()) regions_ = wanted_intervals(job_, genome_.sizes(), said_);
    rewind();
  }

  void rewind() override {
    if (!options_.examples.bed.empty()) rows_.emplace(job_, genome_.sizes());
    region_ = 0;
    piece_ = passed_ = left_out_ = 0;
  }

  std::optional<ExampleBatch> next(std::int64_t most, const Wanted& wanted) override {
    ExampleBatch batch;
    while (batch.size() < most) {
      const std::optional<Place> place = rows_ ? next_row() : next_of_regions();
      if (!place) break;
      if (!windows_.fits(place->chrom, place->middle, options_.examples.edges == infer::EdgeValues::pad)) {
        ++left_out_;
        continue;
      }
      const std::int64_t number = passed_++;
      if (!wanted(number)) continue;
      batch.numbers.push_back(number);
      batch.examples.push_back(example_of(*place));
      windows_.add(place->chrom, place->middle, place->reverse);
    }
    if (batch.size() == 0) return std::nullopt;
    batch.inputs = {{"sequence", windows_.take()}};
    return batch;
  }

  std::int64_t passed() const override { return passed_; }

  std::vector<std::string> notes() const override {
    PredictResult all = said_;
    if (rows_) rows_->note(all, "left out");
    if (left_out_ > 0)
      all.notes.push_back(format("{} of {} windows of {} bases leave their chromosome: left out (edges = \"pad\" fills them up with N)",
                                 left_out_, left_out_ + passed_, windows_.length()));
    return all.notes;
  }

  std::optional<seq::ChromSizes> chromosomes() const override { return genome_.sizes(); }

 private:
  Example example_of(const Place& place) const {
    const seq::Chrom& chrom = genome_.sizes()[place.chrom];
    std::int64_t start = windows_.start_of(place.middle);
    if (chrom.circular) start = (start % chrom.length + chrom.length) % chrom.length;
    return {.name = place.name, .chrom = chrom.name, .start = start, .end = start + windows_.length(), .reverse = place.reverse};
  }

  std::optional<Place> next_row() {
    for (BedRow row; rows_->next(row);) {
      if (!row.there) continue;
      const auto& name = row.record.name;
      return Place{.name = name.empty() ? seq::to_string(row.record.interval) : field_text(name),
                   .chrom = row.chrom,
                   .middle = row.middle,
                   .reverse = row.reverse};
    }
    return std::nullopt;
  }

  /// Window k of a region of n bases: its `step_` bases in the middle are piece k of the region,
  /// whose first and last pieces reach over its ends alike.
  std::optional<Place> next_of_regions() {
    if (region_ == regions_.size()) return std::nullopt;
    const seq::Interval& region = regions_[region_];
    const std::int64_t pieces = (region.length() + step_ - 1) / step_;
    const std::int64_t start = region.start - (pieces * step_ - region.length()) / 2 + piece_ * step_;
    const Place place{.name = seq::to_string({region.chrom, std::max(start, region.start), std::min(start + step_, region.end)}),
                      .chrom = genome_.sizes().index(region.chrom, "the request"),
                      .middle = start - (windows_.length() - step_) / 2 + windows_.length() / 2};
    if (++piece_ == pieces) ++region_, piece_ = 0;
    return place;
  }

  PredictOptions options_;
  PredictJob job_;
  PredictResult said_ = {};
  seq::Genome genome_;
  WindowBatch windows_;
  std::int64_t step_;
  std::optional<BedRows> rows_ = {};
  std::vector<seq::Interval> regions_ = {};
  std::size_t region_ = 0;
  std::int64_t piece_ = 0, passed_ = 0, left_out_ = 0;
};

}  // namespace

std::unique_ptr<ExampleSource> window_source(const OpenRun& run, const ExampleOptions& options, std::int64_t central) {
  return std::make_unique<WindowSource>(run, options, central);
}

}  // namespace basewise::run::detail
