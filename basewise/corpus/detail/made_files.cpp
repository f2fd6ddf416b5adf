#include "basewise/corpus/detail/made_files.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/numpy_random.h"
#include "basewise/io/motif_file.h"
#include "basewise/motifs/motif.h"

namespace basewise::corpus::detail {

namespace {

using motifs::BaseVector;

constexpr std::int64_t kLength = 200;

constexpr std::string_view kTask1[] = {"Arid3a", "CEBPB", "FOSL1", "Gabpa", "MAFK",  "MAX",
                                       "MEF2A",  "NFYB",  "SP1",   "SRF",   "STAT1", "YY1"};
constexpr std::string_view kCore[] = {"SP1", "Gabpa", "CEBPB", "MAX", "YY1"};

// The first 65 of a permutation of all motifs (seed 22), made a Python set, the first 50 of it: in
// the order that CPython keeps such a set.
constexpr std::string_view kBackground[] = {
    "HOXD13", "Arnt", "Ahr::Arnt", "Hoxd9", "MLX", "MLXIPL", "MYF6", "NEUROD2", "Gfi1", "HNF1A", "Pitx1", "IRF1", "MZF1(var.2)",
    "Nkx2-5", "Vdr", "ZIC3", "LHX9", "SPI1", "SRF", "SRY", "VENTX", "ZEB1", "Nkx3-1", "ZBED1", "ZNF410", "CUX1", "Pou5f1::Sox2", "Sox2",
    "ONECUT3", "ETV3", "ETV5", "NR4A2", "NFIC", "PLAG1", "Nr2e3", "Atoh1", "BHLHE40", "POU3F1", "E2F6", "Gata4", "JUN(var.2)",
    "JUND(var.2)", "MEIS1", "HEY1", "POU2F2", "TCF4", "SMAD2::SMAD3::SMAD4", "Rxra", "CEBPG", "FOXP2"};

struct Piece {
  std::string name;  ///< with the strand
  std::vector<BaseVector> rows;
};

struct Row {
  std::string letters;
  std::string planted;
  std::vector<std::uint32_t> pieces;  ///< of the pool
};

/// Both orientations of the first motif of each name, probabilities as NumPy divides counts.
std::vector<Piece> pool_of(const std::vector<motifs::MotifMatrix>& all, std::span<const std::string_view> names, const std::string& file) {
  std::vector<Piece> pool;
  for (const std::string_view name : names) {
    const auto motif = std::find_if(all.begin(), all.end(), [&](const motifs::MotifMatrix& m) { return m.description == name; });
    if (motif == all.end())
      throw DataError(format("{}: has no motif '{}', which the data set is made of; `basewise data check jaspar2016_vertebrates` tells "
                             "whether the file is the right one",
                             file, name));
    Piece forward{std::string(name) + "+", motif->rows};
    for (BaseVector& row : forward.rows) {
      const double sum = row[0] + row[1] + row[2] + row[3];
      for (double& value : row) value /= sum;
    }
    Piece reverse{std::string(name) + "-", {forward.rows.rbegin(), forward.rows.rend()}};
    for (BaseVector& row : reverse.rows) std::reverse(row.begin(), row.end());
    pool.push_back(std::move(forward));
    pool.push_back(std::move(reverse));
  }
  return pool;
}

class Painter {
 public:
  Painter(const std::vector<Piece>& pool, std::uint32_t fewest) : pool_(pool), fewest_(fewest) {}

  Row draw(NumpyRandom& random) const {
    Row row;
    std::int64_t width = 0;
    do {
      row.pieces = pieces(random);
      width = 0;
      for (const std::uint32_t p : row.pieces) width += size_of(p);
    } while (width >= kLength);
    const std::vector<std::int64_t> gaps = spread(random, row.pieces.size() + 1, kLength - width);
    std::vector<BaseVector> columns(static_cast<std::size_t>(gaps[0]), motifs::kUniform);
    for (std::size_t i = 0; i < row.pieces.size(); ++i) {
      const Piece& piece = pool_[row.pieces[i]];
      row.planted += format("{}{}-{}:{}", i == 0 ? "" : ";", columns.size(), columns.size() + piece.rows.size(), piece.name);
      columns.insert(columns.end(), piece.rows.begin(), piece.rows.end());
      columns.resize(columns.size() + static_cast<std::size_t>(gaps[i + 1]), motifs::kUniform);
    }
    for (const BaseVector& column : columns) row.letters += letter(column, random.uniform());
    return row;
  }

 private:
  std::int64_t size_of(std::uint32_t p) const { return static_cast<std::int64_t>(pool_[p].rows.size()); }

  /// `fewest` to `fewest` + 4 of them with probabilities 0.5, 0.25, 0.17, 0.05, 0.03.
  std::vector<std::uint32_t> pieces(NumpyRandom& random) const {
    const double u = random.uniform();
    std::uint32_t count = fewest_;
    double beyond = 0;
    for (const double share : {0.5, 0.25, 0.17, 0.05}) count += u > (beyond += share) ? 1 : 0;
    std::vector<std::uint32_t> chosen(count);
    for (std::uint32_t& p : chosen) p = random.below(static_cast<std::uint32_t>(pool_.size()));
    return chosen;
  }

  /// Uniform shares of `free` places, rounded; drawn again until they add up.
  static std::vector<std::int64_t> spread(NumpyRandom& random, std::size_t parts, std::int64_t free) {
    std::vector<double> shares(parts);
    std::vector<std::int64_t> gaps(parts);
    for (std::int64_t found = -1; found != free;) {
      double sum = 0;
      for (double& share : shares) sum += share = random.uniform();
      found = 0;
      for (std::size_t i = 0; i < parts; ++i)
        found += gaps[i] = static_cast<std::int64_t>(std::nearbyint(shares[i] / sum * static_cast<double>(free)));
    }
    return gaps;
  }

  static char letter(const BaseVector& column, double u) {
    double below = 0;
    for (std::size_t b = 0; b < 3; ++b)
      if (u < (below += column[b])) return "ACGT"[b];
    return 'T';
  }

  const std::vector<Piece>& pool_;
  std::uint32_t fewest_;
};

/// The rows in random order: 70 % training, 10 % validation, 20 % test.
std::string table(const std::vector<Row>& rows, const std::vector<std::string>& labels, NumpyRandom& random) {
  const std::vector<std::uint32_t> order = random.permutation(static_cast<std::uint32_t>(rows.size()));
  std::string text = "index\tsplit\tlabel\tsequence\tplanted\n";
  for (std::size_t i = 0; i < order.size(); ++i) {
    const char* set = i * 10 < rows.size() * 7 ? "train" : i * 10 < rows.size() * 8 ? "valid" : "test";
    const Row& row = rows[order[i]];
    text += format("{}\t{}\t{}\t{}\t{}\n", order[i], set, labels[order[i]], row.letters, row.planted);
  }
  return text;
}

std::string koo_task1(const std::vector<motifs::MotifMatrix>& all, const std::string& file) {
  const std::vector<Piece> pool = pool_of(all, kTask1, file);
  const Painter painter(pool, 1);
  NumpyRandom random(33);
  std::vector<Row> rows;
  std::vector<std::string> labels;
  while (rows.size() < 30'000) {
    rows.push_back(painter.draw(random));
    std::string& label = labels.emplace_back(std::size(kTask1), '0');
    for (const std::uint32_t p : rows.back().pieces) label[p / 2] = '1';
  }
  return table(rows, labels, random);
}

std::string koo_task3(const std::vector<motifs::MotifMatrix>& all, const std::string& file) {
  const std::vector<Piece> core = pool_of(all, kCore, file);
  std::vector<Piece> background = pool_of(all, kBackground, file);
  background.insert(background.begin(), core.begin(), core.end());
  NumpyRandom random(22);
  random.permutation(static_cast<std::uint32_t>(all.size()));  // that the 50 are taken from
  std::vector<Row> rows;
  std::vector<std::string> labels;
  for (const bool positive : {true, false}) {
    const Painter painter(positive ? core : background, 3);
    for (int i = 0; i < 10'000; ++i) {
      rows.push_back(painter.draw(random));
      labels.emplace_back(positive ? "1" : "0");
    }
  }
  return table(rows, labels, random);
}

struct Maker {
  std::string_view name;
  std::string (*make)(const std::vector<motifs::MotifMatrix>& all, const std::string& file);
};
constexpr Maker kMakers[] = {{"koo_task1", koo_task1}, {"koo_task3", koo_task3}};

const Maker* maker_of(std::string_view what) {
  for (const Maker& maker : kMakers)
    if (maker.name == what) return &maker;
  return nullptr;
}

}  // namespace

bool can_be_made(std::string_view what) { return maker_of(what) != nullptr; }

std::string make_file(std::string_view what, const std::filesystem::path& motifs) {
  const Maker* maker = maker_of(what);
  if (!maker) throw InternalError(format("nothing makes '{}'", what));
  return maker->make(io::read_motifs(motifs).motifs, motifs.string());
}

}  // namespace basewise::corpus::detail
