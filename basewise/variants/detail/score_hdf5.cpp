#include "basewise/variants/detail/score_hdf5.h"

#include <cmath>
#include <limits>

namespace basewise::variants::detail {
namespace {

constexpr std::int64_t kRows = 1024;  // that are written at once

}  // namespace

ScoreHdf5::ScoreHdf5(const std::filesystem::path& file, const ScoreLayout& layout) : file_(file), layout_(layout) {
  file_.write_text("target_ids", layout_.tracks);
  file_.write_text("target_labels", layout_.tracks);
  for (const ScoreLayout::Place& place : layout_.places) {
    if (!rows_.try_emplace(place.name).second) continue;
    file_.begin(place.name, {std::ssize(layout_.tracks)}, {.dtype = io::DType::f32, .gzip = 1});
  }
}

void ScoreHdf5::add(const io::VcfRecord& record, const std::string& alt, const std::vector<double>& scores) {
  ids_.push_back(record.id.empty() ? "." : record.id);
  chroms_.push_back(record.chrom);
  positions_.push_back(record.position + 1);
  refs_.push_back(record.ref);
  alts_.push_back(alt);
  for (auto& [name, rows] : rows_) rows.resize(rows.size() + layout_.tracks.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t f = 0; f < layout_.places.size() && !scores.empty(); ++f) {
    std::vector<float>& rows = rows_.at(layout_.places[f].name);
    rows[rows.size() - layout_.tracks.size() + layout_.places[f].track] = static_cast<float>(scores[f]);
  }
  if (++waiting_ == kRows) write_rows();
}

void ScoreHdf5::write_rows() {
  for (auto& [name, rows] : rows_) {
    file_.append(name, std::span<const float>(rows));
    rows.clear();
  }
  waiting_ = 0;
}

void ScoreHdf5::close() {
  write_rows();
  file_.write_text("snp", ids_);
  file_.write_text("chr", chroms_);
  file_.write("pos", std::span<const std::int64_t>(positions_), {std::ssize(positions_)});
  file_.write_text("ref_allele", refs_);
  file_.write_text("alt_allele", alts_);
  file_.close();
}

}  // namespace basewise::variants::detail
