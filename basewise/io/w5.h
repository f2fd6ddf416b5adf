// Coverage in HDF5 as Basenji keeps it (.w5): one data set per chromosome, one float16 per base.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "basewise/io/bigwig.h"

namespace basewise::io {

/// Reads a .w5 file: every data set of one axis in the root is a chromosome,
/// whatever the type of its numbers.
///
/// Errors: DataError naming the file: no HDF5 file, no such data set, and those of `H5File`.
class W5Reader {
 public:
  explicit W5Reader(const std::filesystem::path& path);
  ~W5Reader();
  W5Reader(W5Reader&&) noexcept;

  /// Name and length, in the order of the alphabet.
  const TrackChromosomes& chromosomes() const;

  /// Values of the bases from `start` on, as many as `out` holds.
  /// What the file holds as NaN was not measured.
  /// Errors: DataError for an unknown chromosome, and for bases outside of it.
  void values(std::string_view chromosome, std::int64_t start, std::span<float> out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes such a file, chromosome by chromosome. float16 holds 2,048 and smaller whole numbers
/// exactly, and nothing above 65,504: what is larger becomes that, and is counted.
///
/// The file appears at `close`; destroyed before that, the writer leaves nothing behind.
class W5Writer {
 public:
  explicit W5Writer(const std::filesystem::path& path);
  ~W5Writer();
  W5Writer(const W5Writer&) = delete;
  W5Writer& operator=(const W5Writer&) = delete;

  /// The next values of a chromosome; of a name that is new, its first.
  /// Errors: ArgumentError for a chromosome after another has followed it.
  void add(std::string_view chromosome, std::span<const float> values);
  void close();

  /// Values that were cut to the largest float16.
  std::int64_t cut() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
