#include "basewise/corpus/loci.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/corpus/track_file.h"
#include "basewise/corpus/windows.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::corpus {
namespace {

// Windows of a genome, from a whole one or from a file by its index.
class SequenceSource {
 public:
  explicit SequenceSource(const std::filesystem::path& fasta) : indexed_(open(fasta)) {
    if (!indexed_) whole_.emplace(io::load_genome({.path = fasta, .ambiguity = seq::Ambiguity::as_n}).genome);
  }
  const seq::ChromSizes& sizes() const { return indexed_ ? indexed_->sizes() : whole_->sizes(); }

  void read(std::size_t chrom, std::int64_t start, std::span<seq::Token> tokens) const {
    if (indexed_)
      indexed_->read(chrom, start, tokens);
    else
      whole_->read(chrom, start, seq::Strand::none, tokens);
  }

 private:
  // gzip without blocks has no index at all, and one of bgzip costs more than reading the file
  // once.
  static std::unique_ptr<io::IndexedFasta> open(const std::filesystem::path& fasta) {
    if (fasta.extension() == ".gz") return nullptr;
    auto indexed = std::make_unique<io::IndexedFasta>(fasta);
    return indexed->compressed() ? nullptr : std::move(indexed);
  }

  std::unique_ptr<io::IndexedFasta> indexed_;
  std::optional<seq::Genome> whole_;
};

// Bases of sequence before a window of signal; the middles of both are the same base.
std::int64_t bases_before(const LociOptions& o) { return o.in_window / 2 - o.out_window / 2; }

// Windows of signal around loci that are read whole.
std::vector<Window> find_windows(std::span<const seq::Interval> loci, const seq::ChromSizes& sizes, bool with_signal,
                                 const LociOptions& o, LociResult& result) {
  std::vector<Locus> centres;
  for (std::size_t i = 0; i < loci.size(); ++i) {
    const seq::Interval& locus = loci[i];
    const std::size_t chrom =
        i > 0 && locus.chrom == loci[i - 1].chrom ? centres.back().chrom : sizes.index(locus.chrom, "the loci");
    centres.push_back({chrom, locus.centre(), locus.strand});
  }
  const WindowsPtr around = windows_around(std::move(centres), sizes, {.length = o.out_window});
  const Stream still(0);
  std::vector<Window> windows;
  for (std::int64_t i = 0; i < around->size(); ++i) {
    const Window window = around->window(i, still);
    const std::int64_t start = window.start - bases_before(o), length = sizes[window.chrom].length;
    const bool whole = start >= 0 && start + o.in_window <= length &&
                       (!with_signal || window.owned_end - window.owned_start == window.length);
    if (!whole) {
      ++result.outside;
      continue;
    }
    windows.push_back(window);
    result.kept.push_back(i);
  }
  return windows;
}

void read_sequences(const SequenceSource& source, const std::vector<Window>& windows, const LociOptions& o, std::int8_t* out) {
  const auto length = static_cast<std::size_t>(o.in_window);
  const std::size_t row = o.tokens ? length : 4 * length;
  parallel_for(std::ssize(windows), 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<seq::Token> tokens(length);
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      source.read(windows[i].chrom, windows[i].start - bases_before(o), tokens);
      if (windows[i].reverse) seq::reverse_complement_in_place(tokens);
      if (o.tokens)
        std::copy(tokens.begin(), tokens.end(), out + i * row);
      else
        seq::one_hot(std::span<const seq::Token>(tokens), std::span(out + i * row, row));
    }
  });
}

void read_signal(const std::filesystem::path& file, const std::vector<Window>& windows, const seq::ChromSizes& sizes, const LociOptions& o,
                 std::span<float> out, std::int64_t stride) {
  read_track_windows(file, sizes, windows, o.out_window, out, stride, o.zeros ? 0.0F : io::kMissing);
  for (std::size_t i = 0; i < windows.size(); ++i)
    if (const auto row = out.subspan(i * static_cast<std::size_t>(stride), static_cast<std::size_t>(o.out_window)); windows[i].reverse)
      std::reverse(row.begin(), row.end());
}

}  // namespace

void describe(Visitor& v, LociOptions& o) {
  v("in_window", o.in_window, "bases of sequence", counted(1));
  v("out_window", o.out_window, "bases of signal", counted(1));
  v("tokens", o.tokens, "sequence as tokens, one byte per base, in place of one-hot");
  v("zeros", o.zeros, "bases without signal become 0 in place of NaN");
}

LociResult extract_loci(std::span<const seq::Interval> loci, const std::filesystem::path& fasta,
                        const std::vector<std::filesystem::path>& tracks, const LociOptions& options) {
  LociResult result;
  extract_loci(loci, fasta, tracks, options, result);
  return result;
}

void extract_loci(std::span<const seq::Interval> loci, const std::filesystem::path& fasta,
                  const std::vector<std::filesystem::path>& tracks, const LociOptions& options, LociResult& result) {
  LociOptions o = options;
  check(described(o), "loci");
  result.kept.clear();
  result.outside = 0;
  const SequenceSource source(fasta);
  const std::vector<Window> windows = find_windows(loci, source.sizes(), !tracks.empty(), o, result);
  const auto count = windows.size();
  const auto in = static_cast<std::size_t>(o.in_window), out = static_cast<std::size_t>(o.out_window);
  result.sequence.resize(count * in * (o.tokens ? 1 : 4));
  result.signal.resize(count * tracks.size() * out);
  if (count == 0) return;
  read_sequences(source, windows, o, result.sequence.data());
  const auto stride = static_cast<std::int64_t>(tracks.size() * out);
  for (std::size_t t = 0; t < tracks.size(); ++t)
    read_signal(tracks[t], windows, source.sizes(), o, result.signal.span().subspan(t * out), stride);
}

}  // namespace basewise::corpus
