// Packs a bigWig, bedGraph or .w5 file into the pages of a packed track.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/bedgraph.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/detail/track_pages.h"
#include "basewise/io/w5.h"

namespace basewise::io::detail {

/// Takes the bytes behind the header, in order and in pieces.
using WriteBytes = std::function<void(std::string_view)>;

/// Puts pages into the order of a packed track, keeps its tables and its checksum.
class TrackPacker {
 public:
  explicit TrackPacker(WriteBytes write) : write_(std::move(write)) {}

  /// The next chromosome; its pages follow.
  void begin(std::string name);

  /// Pages side by side, whose places count from the beginning of `bytes` (a multiple of 32).
  void add(std::string_view bytes, std::span<const PageEntry> pages);

  /// Bases of the chromosome that was begun last.
  void end(std::int64_t length);

  /// Writes the tables and returns the header, which stands before everything else. `source` is the
  /// SHA-256 of the file that was packed, in hexadecimal digits (64).
  std::string finish(std::string_view source);

 private:
  void emit(std::string_view bytes);

  struct Entry {
    std::string name;
    std::uint64_t first_page = 0;
    std::int64_t length = 0;
  };
  WriteBytes write_;
  Checksum checksum_;
  std::uint64_t at_ = kTrackHeaderBytes;
  std::vector<PageEntry> pages_;
  std::vector<Entry> chromosomes_;
};

/// All chromosomes of a bigWig file, by all threads. Returns what `TrackPacker::finish` returns.
std::string pack_bigwig(const BigWigReader& reader, std::string_view source, const WriteBytes& write);

/// All chromosomes of a bedGraph file, each as long as its last stretch reaches; in one pass, with
/// memory that does not grow with the file.
/// Errors: those of `for_each_bedgraph_in_order`.
std::string pack_bedgraph(const std::filesystem::path& path, const LengthOf& length_of, std::string_view source,
                          const WriteBytes& write);

/// All chromosomes of a .w5 file; libhdf5 has one reader at a time.
std::string pack_w5(const W5Reader& reader, std::string_view source, const WriteBytes& write);

}  // namespace basewise::io::detail
