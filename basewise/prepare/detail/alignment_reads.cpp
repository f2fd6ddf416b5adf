#include "basewise/prepare/detail/alignment_reads.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::prepare::detail {
namespace {

constexpr int kInflaters = 4;  // more threads wait for the one that reads
constexpr std::int64_t kShown = 1 << 14;

/// One file while it is read.
class Alignments {
 public:
  Alignments(ReadCounter& counter, const std::filesystem::path& file)
      : counter_(counter), o_(counter.options), reader_(file, {.threads = std::min(threads(), kInflaters)}) {
    match(file.string());
  }
  void read(const std::string& file);

 private:
  void match(const std::string& file);
  std::optional<std::string> unwanted(const io::Alignment& a) const;
  void take(const io::Alignment& a);
  void take_fragment(const io::Alignment& a, std::size_t chrom);
  void take_multi(const io::Alignment& a);
  bool shares() const { return o_.multi == MultiReads::share || o_.multi == MultiReads::model; }
  Lane lane_of(const io::Alignment& a, std::size_t chrom, bool reverse, bool multi) const {
    const bool counted_reverse = counted_strand(o_.strand_of, reverse, a.paired, a.second);
    return {.chrom = chrom, .reverse = reverse, .counted_reverse = counted_reverse, .multi = multi};
  }

  ReadCounter& counter_;
  const CoverageOptions& o_;
  io::AlignmentReader reader_;
  std::vector<std::optional<std::size_t>> places_;  // of the genome, by chromosome of the file
};

void Alignments::match(const std::string& file) {
  const seq::ChromSizes& sizes = counter_.sizes;
  std::vector<std::string> names;
  for (const auto& [name, length] : reader_.chromosomes()) names.push_back(name);
  const seq::NameMatch match = seq::match_names(sizes, names, file);
  places_ = match.places;
  if (std::none_of(places_.begin(), places_.end(), [](const auto& p) { return p.has_value(); }))
    throw DataError(sizes.missing_text(match.unmatched, file));
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto& [name, length] = reader_.chromosomes()[i];
    if (places_[i] && sizes[*places_[i]].length != length)
      throw DataError(format("{}: {} has {} bases there, but {} in {}; reads and genome must be of the same assembly", file, name, length,
                             sizes[*places_[i]].length, sizes.source()));
  }
  if (!match.translated.empty()) counter_.tally.remarks.push_back(format("{}: {}", file, match.translated));
}

void Alignments::read(const std::string& file) {
  Progress progress(format("reading {}", std::filesystem::path(file).filename().string()), -1, "alignments");
  io::Alignment a;
  std::int64_t n = 0;
  for (; reader_.next(a); ++n) {
    if (n % kShown == kShown - 1) progress.advance(kShown);
    take(a);
  }
  progress.advance(n % kShown);
  counter_.tally.records += n;
  for (const auto& [what, times] : reader_.report().notes) counter_.tally.notes[what] += times;
  for (const std::string& remark : reader_.report().remarks) counter_.tally.remarks.push_back(format("{}: {}", file, remark));
}

// Why a record does not count; nothing where it does.
std::optional<std::string> Alignments::unwanted(const io::Alignment& a) const {
  if (a.chromosome < 0) return "not aligned";
  if (!places_[static_cast<std::size_t>(a.chromosome)]) return "on a chromosome that is not used";
  if (a.supplementary) return "supplementary alignment";
  if (a.secondary && !(shares() && a.hits_stated && a.hits > 1)) return "secondary alignment";
  if (a.failed) return "failed quality checks";
  if (a.duplicate && !o_.keep_duplicates) return "marked as duplicate";
  if (o_.mates != Mates::both && a.second != (o_.mates == Mates::second)) return "other read of the pair";
  if (a.hits > 1 && o_.multi == MultiReads::leave_out) return "several places";
  if (a.hits > o_.max_places && shares()) return format("more than {} places", o_.max_places);
  if (a.quality < o_.min_quality && !(a.hits > 1 && shares())) return format("mapping quality below {}", o_.min_quality);
  if (o_.proper_pairs && !a.proper) return "no proper pair";
  const std::int64_t length = std::abs(a.template_length);
  if (o_.min_fragment > 0 && length < o_.min_fragment) return format("fragment shorter than {}, or not known", o_.min_fragment);
  if (o_.max_fragment > 0 && (length > o_.max_fragment || length == 0))
    return format("fragment longer than {}, or not known", o_.max_fragment);
  return std::nullopt;
}

void Alignments::take(const io::Alignment& a) {
  if (const auto why = unwanted(a)) return counter_.leave_out(*why);
  const std::size_t chrom = *places_[static_cast<std::size_t>(a.chromosome)];
  if (a.template_length > 0 && a.proper && !a.secondary) {
    ++counter_.tally.templates;
    counter_.tally.template_bases += static_cast<double>(a.template_length);
  }
  if (a.hits > 1 && shares()) return take_multi(a);
  if (o_.count == ReadCount::fragments) return take_fragment(a, chrom);
  ++counter_.tally.used;
  counter_.add_read(lane_of(a, chrom, a.reverse, false), a.blocks, a.stretch, 1);
}

// A fragment of a pair is counted with the read that lies left, for the strand of the first read.
void Alignments::take_fragment(const io::Alignment& a, std::size_t chrom) {
  Lane lane = lane_of(a, chrom, a.reverse, false);
  io::AlignedStretch whole;
  if (a.paired) {
    if (!a.proper || a.template_length == 0) return counter_.leave_out("no proper pair, so no fragment");
    if (a.template_length < 0) return;
    if (o_.strand_of == StrandOf::read) lane.counted_reverse = counted_strand(StrandOf::first_read, a.reverse, true, a.second);
    whole = {a.stretch.start, std::min(counter_.sizes[chrom].length, a.stretch.start + a.template_length)};
  } else {
    whole = counter_.extended(lane, a.stretch);
  }
  counter_.add_fragment(lane, whole, 1);
}

void Alignments::take_multi(const io::Alignment& a) {
  if (o_.count == ReadCount::fragments) return counter_.leave_out("several places, and fragments are counted");
  if (!a.secondary) {
    ++counter_.tally.used;
    ++counter_.tally.multi;
  }
  std::vector<Place> places;
  const auto take_place = [&](std::int32_t chromosome, const io::AlignedStretch& stretch, bool reverse,
                              const std::vector<io::AlignedStretch>& blocks) {
    const auto there = places_[static_cast<std::size_t>(chromosome)];
    if (!there) {
      ++counter_.tally.notes["a place of a read is on a chromosome that is not used"];
      return;
    }
    const Lane lane = lane_of(a, *there, reverse, true);
    if (o_.multi == MultiReads::share) return counter_.add_read(lane, blocks, stretch, 1.0 / static_cast<double>(a.hits));
    places.push_back({static_cast<std::uint32_t>(*there), static_cast<std::uint32_t>(reverse ? stretch.end - 1 : stretch.start), reverse,
                      lane.counted_reverse});
  };
  take_place(a.chromosome, a.stretch, a.reverse, a.blocks);
  if (!a.hits_stated)
    for (const io::OtherPlace& other : a.others) take_place(other.chromosome, other.stretch, other.reverse, {other.stretch});
  if (places.empty()) return;
  if (a.hits_stated)
    counter_.multi.add_record(read_number(a.name, a.second), places.front());
  else
    counter_.multi.add_read(places);
}

}  // namespace

void count_alignments(ReadCounter& counter, const std::filesystem::path& file) { Alignments(counter, file).read(file.string()); }

}  // namespace basewise::prepare::detail
