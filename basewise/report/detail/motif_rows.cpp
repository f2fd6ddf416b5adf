#include "basewise/report/detail/motif_rows.h"

#include <algorithm>
#include <cmath>

#include "basewise/annotate/collections.h"
#include "basewise/core/error.h"
#include "basewise/core/files.h"

namespace basewise::report::detail {
namespace {

using motifs::BaseVector;

/// Agreement of the columns that lie over each other.
double agreement(const std::vector<BaseVector>& a, const std::vector<BaseVector>& b, std::int64_t offset) {
  double sum = 0;
  for (std::int64_t j = std::max<std::int64_t>(0, -offset); j < std::ssize(b) && j + offset < std::ssize(a); ++j)
    for (std::size_t l = 0; l < 4; ++l)
      sum += (a[static_cast<std::size_t>(j + offset)][l] - 0.25) * (b[static_cast<std::size_t>(j)][l] - 0.25);
  return sum;
}

}  // namespace

std::vector<TableColumn> match_columns() {
  return {{.name = "match", .title = "Most alike", .type = ColumnType::text},
          {.name = "match_p", .title = "p", .type = ColumnType::number, .format = ".2~g"},
          {.name = "match_e",
           .title = "E",
           .type = ColumnType::number,
           .format = ".2~g",
           .help = "expected number of motifs as alike by chance"},
          {.name = "match_q", .title = "q", .type = ColumnType::number, .format = ".2~g"}};
}

void add_match(std::vector<Json>& row, const Match& match) {
  const bool none = match.name.empty();
  row.insert(row.end(), {Json(match.name), none ? Json() : short_number(match.p), none ? Json() : short_number(match.e),
                         none ? Json() : short_number(match.q)});
}

std::string match_title(const Match& match) {
  std::string title = match.name;
  const auto add = [&](const char* name, double value) {
    if (std::isfinite(value)) title += format(", {} {:.2g}", name, value);
  };
  add("p", match.p), add("E", match.e), add("q", match.q);
  return title;
}

std::vector<motifs::MotifMatrix> known_motifs(const fs::path& folder, const std::string& source, std::vector<std::string>& notes) {
  const fs::path own = folder / "matches.meme";  // for folders that travel without their collection
  std::error_code none;
  const std::string from = fs::is_regular_file(own, none) ? own.string() : source;
  if (from.empty()) return {};
  try {
    std::vector<std::string> of_the_reader;
    return annotate::load_motifs(from, of_the_reader);
  } catch (const Error& e) {
    notes.push_back(format("Names of matches have no logos: {}", e.what()));
    return {};
  }
}

const motifs::MotifMatrix* find_motif(const std::vector<motifs::MotifMatrix>& known, const std::string& match) {
  if (match.empty()) return nullptr;
  for (const auto& motif : known)
    if (motif.name == match || motif.name + " " + motif.description == match) return &motif;
  return nullptr;
}

Alignment align(const std::vector<BaseVector>& motif, const motifs::MotifMatrix& other) {
  Alignment best;
  double most = -INFINITY;
  for (const bool reverse : {false, true}) {
    const std::vector<BaseVector> rows = motifs::probabilities(reverse ? motifs::reverse_complement(other) : other);
    const std::int64_t shared = (std::min(std::ssize(motif), std::ssize(rows)) + 1) / 2;
    for (std::int64_t offset = shared - std::ssize(rows); offset <= std::ssize(motif) - shared; ++offset)
      if (const double sum = agreement(motif, rows, offset); sum > most) {
        most = sum;
        best = {rows, offset, reverse};
      }
  }
  return best;
}

std::vector<BaseVector> information_heights(const std::vector<BaseVector>& probabilities) {
  std::vector<BaseVector> heights;
  for (const BaseVector& p : probabilities) {
    double bits = 2;
    for (const double x : p)
      if (x > 0) bits += x * std::log2(x);
    heights.push_back({p[0] * bits, p[1] * bits, p[2] * bits, p[3] * bits});
  }
  return heights;
}

std::string consensus_text(const std::vector<BaseVector>& probabilities) {
  std::string text;
  for (const BaseVector& p : probabilities) {
    const auto most = std::max_element(p.begin(), p.end());
    text += *most < 0.5 ? 'N' : "ACGT"[most - p.begin()];
  }
  return text;
}

DataTable letter_table(const std::string& height_title, const std::string& unit) {
  return {"letters", {{.name = "row"}, {.name = "position"}, {.name = "letter"}, {.name = "height", .title = height_title, .unit = unit}}};
}

void add_letters(DataTable& letters, const std::string& row, const std::vector<BaseVector>& heights, std::int64_t first, std::int64_t begin,
                 std::int64_t end) {
  double largest = 0;
  for (const BaseVector& column : heights)
    for (const double h : column) largest = std::max(largest, std::abs(h));
  for (std::int64_t i = std::max<std::int64_t>(0, begin); i < std::min<std::int64_t>(end, std::ssize(heights)); ++i)
    for (std::size_t l = 0; l < 4; ++l)
      if (const double h = heights[static_cast<std::size_t>(i)][l]; std::abs(h) > largest / 1000)
        letters.add({row, first + i, std::string(1, "ACGT"[l]), std::stod(format("{:.4g}", h))});
}

std::pair<double, double> stack_ends(const std::vector<BaseVector>& heights) {
  double low = 0, high = 0;
  for (const BaseVector& column : heights) {
    double down = 0, up = 0;
    for (const double h : column) (h < 0 ? down : up) += h;
    low = std::min(low, down), high = std::max(high, up);
  }
  if (low == high) return {0, 1};
  const double step = std::pow(10, std::floor(std::log10(std::max(-low, high))) - 1);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step};
}

}  // namespace basewise::report::detail
