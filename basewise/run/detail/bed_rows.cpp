#include "basewise/run/detail/bed_rows.h"

#include "basewise/core/error.h"
#include "basewise/data/profile_data.h"

namespace basewise::run::detail {
namespace {

PredictPoint point_of(corpus::SitePoint point) {
  switch (point) {
    case corpus::SitePoint::centre:
      return PredictPoint::centre;
    case corpus::SitePoint::summit:
      return PredictPoint::summit;
    case corpus::SitePoint::start:
      return PredictPoint::start;
  }
  throw InternalError("a site without a point");
}

/// Windows of profiles are read as the genome is written; they have counts of both strands.
bool reads_forward(const PredictJob& job) {
  switch (job.options.turn) {
    case PredictTurn::forward:
      return true;
    case PredictTurn::column:
      return false;
    case PredictTurn::automatic:
      return job.run.recipe.data.kind == data::kProfileKind.name;
  }
  throw InternalError("a window of no strand");
}

}  // namespace

BedRows::BedRows(const PredictJob& job, const seq::ChromSizes& sizes)
    : job_(job), sizes_(sizes), reader_(job.options.bed), forward_(reads_forward(job)) {}

PredictPoint BedRows::point() const {
  return job_.options.point == PredictPoint::automatic ? point_of(job_.run.recipe.data.genome.sites.point) : job_.options.point;
}

bool BedRows::next(BedRow& row) {
  row = {};
  if (!reader_.next(row.record)) {
    if (rows_ > 0 && elsewhere_ == rows_) sizes_.index(unknown_, job_.options.bed.string());  // which says what there is
    return false;
  }
  ++rows_;
  seq::Interval& interval = row.record.interval;
  const auto chrom = sizes_.find(interval.chrom);
  if (!chrom) {
    if (elsewhere_++ == 0) unknown_ = interval.chrom;
    return true;
  }
  interval.chrom = sizes_[*chrom].name;
  if (!sizes_.fits(interval)) {
    ++outside_;
    return true;
  }
  row.there = true;
  row.chrom = *chrom;
  row.reverse = !forward_ && interval.strand == seq::Strand::reverse;
  row.middle = interval.centre();
  if (point() == PredictPoint::summit) {
    row.middle = row.record.focus();
    without_summit_ += !row.record.summit;
  } else if (point() == PredictPoint::start) {
    row.middle = interval.strand == seq::Strand::reverse ? interval.end - 1 : interval.start;
  }
  return true;
}

void BedRows::note(PredictResult& result, const std::string& what) const {
  const std::string bed = job_.options.bed.string();
  if (elsewhere_ > 0)
    result.notes.push_back(format("{}: {} of {} rows lie on chromosomes that {} has not, the first on '{}': {}", bed, elsewhere_, rows_,
                                  sizes_.source(), unknown_, what));
  if (outside_ > 0)
    result.notes.push_back(format("{}: {} of {} rows lie beyond the end of their chromosome: {}", bed, outside_, rows_, what));
  if (without_summit_ > 0)
    result.notes.push_back(format("{}: {} of {} rows have no summit: their middle was taken", bed, without_summit_, rows_));
}

}  // namespace basewise::run::detail
