#include "basewise/methylation/deepcpg_writer.h"

#include <cmath>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/methylation/deepcpg_file.h"
#include "basewise/methylation/neighbours.h"

namespace basewise::methylation {
namespace {

constexpr int kGzip = 1;
constexpr std::int8_t kMissing = -1;

/// Rows of one file.
class Rows {
 public:
  Rows(io::H5Writer& file, const DeepCpgSource& source, std::int64_t first, std::int64_t end) : file_(file), source_(source) {
    for (std::int64_t row = first; row < end; ++row) rows_.push_back(row);
    chrom_ = source.sites[first].chrom;
    if (source.sites[end - 1].chrom != chrom_) throw ArgumentError("a file of DeepCpG has sites of one chromosome");
  }

  void places() {
    std::vector<std::int32_t> positions;
    for (const std::int64_t row : rows_) positions.push_back(static_cast<std::int32_t>(source_.sites[row].position + 1));
    file_.write_text("chromo", std::vector<std::string>(rows_.size(), without_chr(source_.table.chromosomes()[chrom_])), true);
    put<std::int32_t>("pos", positions, {});
  }

  void dna() {
    if (!source_.sequence) return;
    const std::int64_t place = source_.sequence->places_of({source_.table.chromosomes()[chrom_]}).front();
    const auto width = static_cast<std::size_t>(source_.options.dna);
    std::vector<seq::Token> tokens(width);
    std::vector<std::int8_t> codes;
    codes.reserve(rows_.size() * width);
    for (const std::int64_t row : rows_) {
      const std::int64_t position = source_.sites[row].position;
      source_.sequence->read(place, position - source_.options.dna / 2, tokens);
      if (source_.options.unknown_bases == UnknownBases::random) choose_bases(tokens, position);
      for (const seq::Token token : tokens) codes.push_back(kDeepCpgCodes[token]);
    }
    put<std::int8_t>("inputs/dna", codes, {source_.options.dna});
  }

  void neighbours() {
    if (source_.options.each_side == 0) return;
    const Neighbours neighbours(source_.table, source_.sites, source_.options.each_side);
    std::vector<float> states(rows_.size() * static_cast<std::size_t>(neighbours.width()));
    std::vector<std::int32_t> distances(states.size());
    for (std::size_t cell = 0; cell < source_.table.cells().size(); ++cell) {
      neighbours.fill_cell(cell, rows_, states, distances);
      const std::string group = "inputs/cpg/" + source_.table.cells()[cell];
      put_numbers(group + "/state", states, {neighbours.width()}, source_.table.is_binary(cell));
      put<std::int32_t>(group + "/dist", distances, {neighbours.width()});
    }
  }

  void annotations() {
    for (const Annotation& annotation : source_.annotations) {
      std::vector<std::int8_t> inside;
      for (const std::int64_t row : rows_) inside.push_back(annotation.contains(source_.sites[row]) ? 1 : 0);
      put<std::int8_t>("inputs/annos/" + annotation.name(), inside, {});
    }
  }

  void labels() {
    for (std::size_t cell = 0; cell < source_.table.cells().size(); ++cell) {
      std::vector<std::int8_t> labels;
      for (const std::int64_t row : rows_) {
        const float share = source_.table.at(cell, chrom_).share_at(source_.sites[row].position);
        labels.push_back(std::isnan(share) ? kMissing : static_cast<std::int8_t>(std::nearbyint(share)));
      }
      put<std::int8_t>("outputs/cpg/" + source_.table.cells()[cell], labels, {});
    }
  }

  void statistics() {
    const AcrossCells across(source_.table, source_.sites);
    const DeepCpgOptions& o = source_.options;
    if (!o.site_statistics.empty())
      put_statistics("outputs/cpg_stats", o.site_statistics, across.at_sites(rows_, o.site_statistics, o.least_cells));
    if (o.window_statistics.empty()) return;
    for (const std::int64_t width : o.windows)
      put_statistics(format("outputs/win_stats/{}", width), o.window_statistics, across.in_windows(rows_, o.window_statistics, width));
  }

 private:
  void choose_bases(std::span<seq::Token> tokens, std::int64_t position) const {
    Stream random(source_.options.seed, chrom_, static_cast<std::uint64_t>(position));
    for (seq::Token& token : tokens)
      if (token == seq::kN) token = static_cast<seq::Token>(random.below(seq::kN));
  }

  void put_statistics(const std::string& group, std::span<const Statistic> statistics, const std::vector<float>& values) {
    std::vector<float> column(rows_.size());
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      for (std::size_t row = 0; row < rows_.size(); ++row) {
        const float value = values[row * statistics.size() + i];
        column[row] = std::isnan(value) ? float{kMissing} : value;
      }
      put_numbers(format("{}/{}", group, statistics[i]), column, {}, is_integer(statistics[i]));
    }
  }

  /// As float32, or as int8 where all are whole numbers.
  void put_numbers(const std::string& name, const std::vector<float>& values, const std::vector<std::int64_t>& row_shape, bool whole) {
    if (!whole) return put<float>(name, values, row_shape);
    std::vector<std::int8_t> numbers;
    numbers.reserve(values.size());
    for (const float value : values) numbers.push_back(static_cast<std::int8_t>(value));
    put<std::int8_t>(name, numbers, row_shape);
  }

  template <class T>
  void put(const std::string& name, const std::vector<T>& values, std::vector<std::int64_t> row_shape) {
    row_shape.insert(row_shape.begin(), std::ssize(rows_));
    file_.write<T>(name, values, row_shape, {.gzip = kGzip});
  }

  io::H5Writer& file_;
  const DeepCpgSource& source_;
  std::vector<std::int64_t> rows_ = {};
  std::size_t chrom_ = 0;
};

}  // namespace

std::string without_chr(std::string_view chromosome) {
  constexpr std::string_view kPrefix = "chr";
  return std::string(chromosome.starts_with(kPrefix) && chromosome.size() > kPrefix.size() ? chromosome.substr(kPrefix.size())
                                                                                           : chromosome);
}

void write_deepcpg(const std::filesystem::path& path, const DeepCpgSource& source, std::int64_t first, std::int64_t end) {
  if (first >= end) throw ArgumentError(format("{}: a file of DeepCpG has sites, and there are none", path.string()));
  io::H5Writer file(path);
  Rows rows(file, source, first, end);
  rows.places();
  rows.dna();
  rows.neighbours();
  rows.annotations();
  rows.labels();
  rows.statistics();
  file.close();
}

}  // namespace basewise::methylation
