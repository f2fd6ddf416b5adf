// Pages of a packed track and the file that holds them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/bigwig.h"

namespace basewise::io::detail {

inline constexpr std::int64_t kPageBases = 4096;

/// Where a page lies and how it is stored: its place in units of 8 bytes, and its form.
struct PageEntry {
  static constexpr std::uint64_t kDense = 0xffff;    // one float per base, NaN where nothing was measured
  static constexpr std::uint64_t kGapless = 0xfffe;  // the same, all measured
  std::uint64_t bits = 0;

  static PageEntry make(std::uint64_t place, std::uint64_t form) { return {place << 16 | form}; }
  std::uint64_t place() const { return bits >> 16; }
  /// Number of stretches (0: nothing measured), or one of the two constants.
  std::uint64_t form() const { return bits & 0xffff; }
  std::uint64_t bytes() const { return form() >= kGapless ? 4 * kPageBases : 8 * ((form() + 1) / 2 * 2); }
};

/// Appends a page of values (NaN: not measured; at most kPageBases) to `out` and returns its form.
/// Stretches are stored as n first bases (16 bits), n last bases (16 bits) and n values, padded to
/// 16 bytes.
std::uint64_t put_page(std::span<const float> values, std::string& out);

/// Writes bases [first, first + out.size()) of a page, which holds `bytes`; `out` is not touched
/// where nothing was measured, unless the page is dense.
void get_page(PageEntry entry, const char* bytes, std::int64_t first, std::span<float> out, float missing);

/// What bases [begin, end) of a page hold.
struct PageFacts {
  std::int64_t measured = 0;   ///< bases
  std::int64_t infinite = -1;  ///< the first base of the page with an infinite value; -1: none
};
PageFacts look_through(PageEntry entry, const char* bytes, std::int64_t begin, std::int64_t end);

/// Fills up with zero bytes to a multiple of `unit`.
void pad_to(std::string& out, std::size_t unit);

/// A sum over bytes that shows damage: 8 bytes at a time in four lanes, as fast as memory is read.
class Checksum {
 public:
  /// `bytes` in multiples of 32.
  void update(std::string_view bytes);
  std::uint64_t value() const;

 private:
  std::array<std::uint64_t, 4> lanes_{0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu, 0x2545f4914f6cdd1du};
};

inline constexpr std::string_view kTrackMagic = "bwtrack1";
inline constexpr std::uint64_t kTrackHeaderBytes = 128;

/// A packed track in memory, as its tables say.
struct TrackTables {
  TrackChromosomes chromosomes;
  std::vector<std::size_t> first_page;  // of each chromosome
  std::span<const PageEntry> pages;
};

/// Reads the tables. Returns why the bytes are no sound track of `source`, or "" when they are;
/// `proved` asks for the checksum.
std::string read_tables(std::span<const char> bytes, std::string_view source, bool proved, TrackTables& tables);

}  // namespace basewise::io::detail
