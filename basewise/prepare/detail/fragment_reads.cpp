#include "basewise/prepare/detail/fragment_reads.h"

#include <algorithm>
#include <map>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/io/fragments.h"
#include "basewise/io/line_reader.h"
#include "basewise/seq/chrom_match.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::int64_t kShown = 1 << 14;

/// One file while it is read.
class Lines {
 public:
  Lines(ReadCounter& counter, const std::filesystem::path& file, const std::set<std::string>& barcodes)
      : counter_(counter), o_(counter.options), file_(file.string()), reader_(file, counter.options.text_format), barcodes_(barcodes) {}
  void read();

 private:
  void take(const io::Fragment& f);
  void take_whole(const io::Fragment& f, std::int64_t times);
  void take_read(const io::FragmentRead& read, bool paired, bool second, std::int64_t times);
  std::optional<std::size_t> chrom_of(const io::FragmentRead& read);
  bool fits(const io::Fragment& f);
  void check_names() const;

  ReadCounter& counter_;
  const CoverageOptions& o_;
  std::string file_;
  io::FragmentReader reader_;
  const std::set<std::string>& barcodes_;
  std::map<std::string, std::optional<std::size_t>, std::less<>> chroms_;  // by the names of the file
};

// The chromosome of a read; nothing for one that is not used.
std::optional<std::size_t> Lines::chrom_of(const io::FragmentRead& read) {
  auto known = chroms_.find(read.chromosome);
  if (known == chroms_.end()) known = chroms_.emplace(read.chromosome, counter_.sizes.look_up(read.chromosome).place).first;
  if (!known->second) return std::nullopt;
  const seq::Chrom& chrom = counter_.sizes[*known->second];
  if (read.end > chrom.length)
    throw DataError(format("{}: {}-{} ends behind the {} bases of {} in {}", reader_.where(), read.start, read.end, chrom.length,
                           read.chromosome, counter_.sizes.source()));
  return known->second;
}

// Names were looked up one by one; all of them together may say something else.
void Lines::check_names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : chroms_) names.push_back(name);
  const seq::NameMatch match = seq::match_names(counter_.sizes, names, file_);
  if (!names.empty() && std::all_of(chroms_.begin(), chroms_.end(), [](const auto& c) { return !c.second; }))
    throw DataError(counter_.sizes.missing_text(match.unmatched, file_));
  for (std::size_t i = 0; i < names.size(); ++i)
    if (match.places[i] != chroms_.at(names[i]))
      throw DataError(format("{}: '{}' and another name there would be the same sequence of {}; rename one of them", file_, names[i],
                             counter_.sizes.source()));
  if (!match.translated.empty()) counter_.tally.remarks.push_back(format("{}: {}", file_, match.translated));
}

// Whether a pair passes the limits of its length.
bool Lines::fits(const io::Fragment& f) {
  const std::int64_t length = f.is_pair ? std::max(f.first.end, f.second.end) - std::min(f.first.start, f.second.start) : 0;
  if (o_.min_fragment > 0 && length < o_.min_fragment)
    return counter_.leave_out(format("fragment shorter than {}, or not known", o_.min_fragment)), false;
  if (o_.max_fragment > 0 && (length > o_.max_fragment || length == 0))
    return counter_.leave_out(format("fragment longer than {}, or not known", o_.max_fragment)), false;
  return true;
}

void Lines::take(const io::Fragment& f) {
  if (!barcodes_.empty() && !barcodes_.contains(f.barcode)) return counter_.leave_out("barcode that is not listed");
  if (o_.proper_pairs && !f.is_pair) return counter_.leave_out("no proper pair");
  if (!fits(f)) return;
  const std::int64_t times = o_.weigh_by_count ? f.count : 1;
  if (o_.count == ReadCount::fragments) return take_whole(f, times);
  if (o_.count == ReadCount::reads && reader_.format() == io::FragmentFormat::fragments)
    throw ArgumentError(format("count: {} holds fragments, and does not say how long their reads are; count ends or fragments", file_));
  const bool paired = !f.first.chromosome.empty() && !f.second.chromosome.empty();
  if (f.is_pair && chrom_of(f.first)) {
    ++counter_.tally.templates;
    counter_.tally.template_bases += static_cast<double>(std::max(f.first.end, f.second.end) - std::min(f.first.start, f.second.start));
  }
  for (const bool second : {false, true}) {
    const io::FragmentRead& read = second ? f.second : f.first;
    if (read.chromosome.empty()) continue;
    if (o_.mates != Mates::both && second != (o_.mates == Mates::second))
      counter_.leave_out("other read of the pair");
    else
      take_read(read, paired, second, times);
  }
}

void Lines::take_read(const io::FragmentRead& read, bool paired, bool second, std::int64_t times) {
  const auto chrom = chrom_of(read);
  if (!chrom) return counter_.leave_out("on a chromosome that is not used");
  if (read.strand == seq::Strand::none) throw DataError(format("{}: a read without a strand; its 5' end is not known", reader_.where()));
  const bool reverse = read.strand == seq::Strand::reverse;
  const io::AlignedStretch stretch = {read.start, read.end};
  counter_.tally.used += times;
  counter_.add_read({*chrom, reverse, counted_strand(o_.strand_of, reverse, paired, second), false}, {stretch}, stretch,
                    static_cast<double>(times));
}

void Lines::take_whole(const io::Fragment& f, std::int64_t times) {
  const io::FragmentRead& one = f.first.chromosome.empty() ? f.second : f.first;
  if (one.chromosome.empty()) return counter_.leave_out("not aligned");
  const auto chrom = chrom_of(one);
  if (!chrom) return counter_.leave_out("on a chromosome that is not used");
  const bool reverse = one.strand == seq::Strand::reverse;
  const Lane lane = {*chrom, reverse, counted_strand(o_.strand_of, reverse, f.is_pair, &one == &f.second), false};
  io::AlignedStretch whole = {one.start, one.end};
  if (f.is_pair) {
    chrom_of(f.second);
    whole = {std::min(f.first.start, f.second.start), std::max(f.first.end, f.second.end)};
  } else if (reader_.format() == io::FragmentFormat::pairs) {
    return counter_.leave_out("no proper pair, so no fragment");
  } else {
    whole = counter_.extended(lane, whole);
  }
  counter_.add_fragment(lane, whole, times);
}

void Lines::read() {
  Progress progress(format("reading {}", std::filesystem::path(file_).filename().string()), -1, "lines");
  io::Fragment f;
  std::int64_t n = 0;
  for (; reader_.next(f); ++n) {
    if (n % kShown == kShown - 1) progress.advance(kShown);
    take(f);
  }
  progress.advance(n % kShown);
  check_names();
  counter_.tally.records += n;
  for (const auto& [what, times] : reader_.report().notes) counter_.tally.notes[what] += times;
}

}  // namespace

std::set<std::string> read_barcodes(const std::filesystem::path& file) {
  std::set<std::string> barcodes;
  io::LineReader lines(file);
  for (std::string_view line; lines.next(line);)
    if (const auto end = line.find_first_of("\t ,"); !line.substr(0, end).empty()) barcodes.emplace(line.substr(0, end));
  if (barcodes.empty()) throw DataError(format("{}: holds no barcode", file.string()));
  return barcodes;
}

void count_fragments(ReadCounter& counter, const std::filesystem::path& file, const std::set<std::string>& barcodes) {
  Lines(counter, file, barcodes).read();
}

}  // namespace basewise::prepare::detail
