// The data files of DeepCpG (dcpg_data), read: examples of neighbouring sites in HDF5.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/hdf5.h"
#include "basewise/methylation/calls.h"
#include "basewise/seq/alphabet.h"

namespace basewise::methylation {

/// Codes of bases in these files, by token (A, C, G, T, N).
inline constexpr std::array<std::int8_t, 5> kDeepCpgCodes = {0, 3, 2, 1, 4};

/// Reads a file that `write_deepcpg` (deepcpg_writer.h) or the published program wrote. Cells are
/// in the order of the alphabet, as the file has them.
class DeepCpgFile {
 public:
  /// Errors: DataError that names the file and the data set: one that lacks, of another type or
  /// number of rows, cells of which only some have neighbours, neighbours of odd or different
  /// number.
  explicit DeepCpgFile(const std::filesystem::path& path);

  std::int64_t size() const { return std::ssize(positions_); }
  const std::vector<std::string>& cells() const { return cells_; }
  /// Neighbours of a site in one cell, both sides together; 0 without any.
  std::int64_t width() const { return width_; }
  std::int64_t dna() const { return dna_; }  ///< bases around a site; 0 without DNA
  const std::vector<std::string>& annotations() const { return annotations_; }

  const std::vector<std::string>& chromosomes() const { return chromosomes_; }  ///< of each site
  const std::vector<std::int64_t>& positions() const { return positions_; }     ///< of each site, 0-based

  /// Labels of a cell at sites [begin, end): 0, 1, or -1 where it was not measured.
  std::vector<std::int8_t> labels(std::size_t cell, std::int64_t begin, std::int64_t end) const;

  /// States and distances of a cell, (end - begin, width) each; -1 for what is missing.
  /// Errors: DataError also for a state or a distance that cannot be.
  void neighbours(std::size_t cell, std::int64_t begin, std::int64_t end, std::span<float> states, std::span<std::int32_t> distances) const;

  /// Tokens (A, C, G, T, N), (end - begin, dna). Errors: DataError for a code above 4.
  std::vector<seq::Token> tokens(std::int64_t begin, std::int64_t end) const;

  /// 1 for sites inside an annotation.
  std::vector<std::int8_t> annotation(std::string_view name, std::int64_t begin, std::int64_t end) const;

 private:
  std::vector<std::int8_t> numbers(const std::string& name, std::int64_t begin, std::int64_t end, std::int8_t least,
                                   std::int8_t most) const;
  void look_at_neighbours();

  io::H5File file_;
  std::vector<std::string> cells_ = {}, annotations_ = {}, chromosomes_ = {};
  std::vector<std::int64_t> positions_ = {};
  std::int64_t width_ = 0, dna_ = 0;
};

/// The labels of such files as calls of their cells, so that all that is done with coverage files
/// can be done with them; labels are rounded there. `chromosomes` as in `CallOptions`.
/// Errors: DataError for files of different cells, and sites that are not sorted or stand twice.
CallTable read_deepcpg_calls(const std::vector<std::filesystem::path>& files, const std::vector<std::string>& chromosomes = {});

}  // namespace basewise::methylation
