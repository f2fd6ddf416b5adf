// Windows of a genome with an allele of a variant in them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/random.h"
#include "basewise/io/vcf.h"
#include "basewise/seq/genome.h"

namespace basewise::corpus {

/// What stands behind an allele that is shorter than the one in the genome:
/// the window has the same length for all alleles.
enum class WindowFill { n, genome };
constexpr auto words_of(WindowFill) {
  return words<WindowFill>({{WindowFill::n, "n", "N at its right end, as Basenji and Baskerville do"},
                            {WindowFill::genome, "genome", "the bases that follow in the genome"}});
}

/// Whether an allele can be scored, and what is to be said of it.
enum class AlleleStatus {
  as_written,  ///< the genome holds the reference allele
  flipped,     ///< it holds an alternative one in its place
  mismatch,    ///< it holds neither
  outside,     ///< the position lies beyond the chromosome
  elsewhere,   ///< the genome has no such chromosome
  ambiguous,   ///< as io::AlleleKind from here on
  symbolic,
  breakend,
  overlapped,
  missing,
};
constexpr auto words_of(AlleleStatus) {
  return words<AlleleStatus>({{AlleleStatus::as_written, "as_written"},
                              {AlleleStatus::flipped, "flipped", "the genome has an alternative allele in the place of the reference"},
                              {AlleleStatus::mismatch, "mismatch", "the genome has none of the alleles"},
                              {AlleleStatus::outside, "outside", "beyond the end of the chromosome"},
                              {AlleleStatus::elsewhere, "elsewhere", "a chromosome that the genome has not"},
                              {AlleleStatus::ambiguous, "ambiguous", "letters other than A, C, G, T and N"},
                              {AlleleStatus::symbolic, "symbolic", "no letters, such as <DEL>"},
                              {AlleleStatus::breakend, "breakend", "joined to another place"},
                              {AlleleStatus::overlapped, "overlapped", "*, a deletion of another row is there"},
                              {AlleleStatus::missing, "missing", "., there is no allele"}});
}

/// Whether alleles of this status have a window.
constexpr bool has_window(AlleleStatus status) { return status == AlleleStatus::as_written || status == AlleleStatus::flipped; }

/// A row of a VCF file on a genome.
struct PlacedVariant {
  std::size_t chrom = 0;       ///< index in the chromosome sizes
  std::int64_t position = 0;   ///< of the first base of the alleles, 0-based
  std::string ref = {};        ///< reference allele as the row says
  std::string in_genome = {};  ///< the allele of the row that the genome has; "" where it has none
  std::vector<std::string> alts = {};
  std::vector<AlleleStatus> status = {};  ///< of `alts`
  bool padded = false;                    ///< the window of the allele in the genome leaves its chromosome

  /// Whether any alternative allele has a window; then the reference allele has one too.
  bool scored() const;
};

/// Bases around a variant in an order that is not the genome's.
struct ShuffledFlanks {
  std::vector<seq::Token> left = {};   ///< in front of its alleles
  std::vector<seq::Token> right = {};  ///< behind them
};

/// Windows of `length` bases around variants of a genome, which must outlive this. With
/// left = length / 2 - 1, the window of an allele holds the `left` bases in front of the variant,
/// the letters of the allele, and what follows in the genome behind the allele that the genome has:
/// the first base of every allele is at index `left`. So insertions push what follows out at the
/// right end, deletions draw it in (Basenji and Baskerville; `WindowFill` says what comes behind
/// it). Outside of linear chromosomes there is N.
///
/// Where the genome has an alternative allele and not the reference (alleles that were swapped, or
/// another assembly), it stays as it is and the letters of the reference are put in its place: the
/// windows of such a row and of the same row with REF and ALT swapped are the same two.
class VariantWindows {
 public:
  /// Errors: ArgumentError for a length below 2.
  VariantWindows(const seq::Genome& genome, std::int64_t length, WindowFill fill = WindowFill::n);

  std::int64_t length() const { return length_; }
  std::int64_t left() const { return length_ / 2 - 1; }

  /// Finds a row on the genome. Names of chromosomes may be aliases (seq::ChromSizes::find). Where
  /// several alternative alleles fit the genome and the reference does not, the first counts.
  PlacedVariant place(const io::VcfRecord& record);

  /// The window of an allele, length() tokens. It begins `offset` bases further right in the
  /// sequence that has the allele: with the difference of the lengths as offset, what follows a
  /// longer allele lies as it does behind the shorter one (`compensation`).
  /// `flanks`: in place of the genome's bases; null: none.
  void read(const PlacedVariant& variant, std::string_view allele, std::int64_t offset, std::span<seq::Token> tokens,
            const ShuffledFlanks* flanks = nullptr) const;

  /// The bases on both sides of a variant that has a window, each side shuffled by itself with its
  /// dinucleotides kept (seq::DinucleotideShuffler), drawn from `stream`.
  ShuffledFlanks shuffled(const PlacedVariant& variant, const Stream& stream) const;

  /// Names of chromosomes in rows that the genome has not, each once.
  std::vector<std::string> unknown_names() const;

 private:
  bool genome_has(std::size_t chrom, std::int64_t position, std::string_view allele) const;
  void fill_from_genome(std::size_t chrom, std::int64_t start, std::span<seq::Token> tokens) const;

  const seq::Genome& genome_;
  std::int64_t length_;
  WindowFill fill_;
  std::map<std::string, std::optional<std::size_t>, std::less<>> places_ = {};
};

}  // namespace basewise::corpus
