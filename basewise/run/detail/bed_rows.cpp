#include "basewise/run/detail/bed_rows.h"

#include <set>

#include "basewise/core/error.h"
#include "basewise/data/profile_data.h"
#include "basewise/seq/chrom_match.h"

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
  switch (job.options.examples.turn) {
    case PredictTurn::forward:
      return true;
    case PredictTurn::column:
      return false;
    case PredictTurn::automatic:
      return job.run.recipe.data.kind == data::kProfileKind.name;
  }
  throw InternalError("a window of no strand");
}

/// The chromosomes that a file names. One that can be read only once (a pipe) is not looked into.
std::vector<std::string> names_in(const std::filesystem::path& bed) {
  if (!std::filesystem::is_regular_file(bed)) return {};
  std::set<std::string> names;
  io::BedReader reader(bed);
  for (io::BedRecord record; reader.next(record);) names.insert(std::move(record.interval.chrom));
  return {names.begin(), names.end()};
}

}  // namespace

BedRows::BedRows(const PredictJob& job, const seq::ChromSizes& sizes)
    : job_(job), sizes_(sizes), reader_(job.options.examples.bed), forward_(reads_forward(job)) {
  const std::vector<std::string> names = names_in(job.options.examples.bed);
  const seq::NameMatch match = seq::match_names(sizes, names, job.options.examples.bed.string());
  for (std::size_t i = 0; i < names.size(); ++i) places_.emplace(names[i], match.places[i]);
  translated_ = match.translated;
}

std::optional<std::size_t> BedRows::place_of(const std::string& name) const {
  const auto known = places_.find(name);
  return known == places_.end() ? sizes_.find(name) : known->second;
}

PredictPoint BedRows::point() const {
  const PredictPoint asked = job_.options.examples.point;
  return asked == PredictPoint::automatic ? point_of(job_.run.recipe.data.genome.sites.point) : asked;
}

bool BedRows::next(BedRow& row) {
  row = {};
  if (!reader_.next(row.record)) {
    if (rows_ > 0 && elsewhere_ == rows_) throw DataError(sizes_.missing_text({unknown_}, job_.options.examples.bed.string()));
    return false;
  }
  ++rows_;
  seq::Interval& interval = row.record.interval;
  const auto chrom = place_of(interval.chrom);
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
  const std::string bed = job_.options.examples.bed.string();
  if (!translated_.empty()) result.notes.push_back(format("{}: {}", bed, translated_));
  if (elsewhere_ > 0)
    result.notes.push_back(format("{}: {} of {} rows lie on chromosomes that {} has not, the first on '{}': {}", bed, elsewhere_, rows_,
                                  sizes_.source(), unknown_, what));
  if (outside_ > 0)
    result.notes.push_back(format("{}: {} of {} rows lie beyond the end of their chromosome: {}", bed, outside_, rows_, what));
  if (without_summit_ > 0)
    result.notes.push_back(format("{}: {} of {} rows have no summit: their middle was taken", bed, without_summit_, rows_));
}

}  // namespace basewise::run::detail
