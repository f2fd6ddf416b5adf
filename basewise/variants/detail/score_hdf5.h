// Scores as an HDF5 file, with the names of Basenji (sad.h5) and Baskerville (scores.h5).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "basewise/io/hdf5_writer.h"
#include "basewise/io/vcf.h"
#include "basewise/variants/detail/score_layout.h"

namespace basewise::variants::detail {

/// A row for each alternative allele: `snp`, `chr`, `pos` (from 1), `ref_allele`, `alt_allele`, and
/// for each score a data set of its name, (alleles, tracks) in single precision, NaN where there is
/// none; `target_ids` and `target_labels` name the tracks. Names and letters of all rows are held
/// until `close`.
class ScoreHdf5 {
 public:
  ScoreHdf5(const std::filesystem::path& file, const ScoreLayout& layout);

  /// `scores`: of the fields; empty: none.
  void add(const io::VcfRecord& record, const std::string& alt, const std::vector<double>& scores);
  void close();

 private:
  void write_rows();

  io::H5Writer file_;
  const ScoreLayout& layout_;
  std::vector<std::string> ids_ = {}, chroms_ = {}, refs_ = {}, alts_ = {};
  std::vector<std::int64_t> positions_ = {};
  std::map<std::string, std::vector<float>> rows_ = {};  ///< by data set: that wait to be written
  std::int64_t waiting_ = 0;
};

}  // namespace basewise::variants::detail
