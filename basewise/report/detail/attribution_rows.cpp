#include "basewise/report/detail/attribution_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/npz.h"
#include "basewise/io/tsv.h"

namespace basewise::report::detail {
namespace {

constexpr std::string_view kReverse = "-";  // strand of loci.tsv
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kBatchNumbers = 1 << 22;  // of one reading: 16 MiB

/// The array of a file that holds one.
struct Rows {
  explicit Rows(const fs::path& path) : file(path), where(path.string()) {
    name = file.contains("arr_0") || file.names().empty() ? "arr_0" : file.names()[0];
    layout = file.layout(name);
    if (layout.shape.size() != 3 || layout.shape[1] != 4)
      throw DataError(format("{}: an array of shape {}; (examples, 4, length) was expected", where, io::shape_text(layout.shape)));
  }
  std::vector<float> read(std::int64_t begin, std::int64_t end) const { return file.rows(name, begin, end); }

  io::NpzFile file;
  std::string where;
  std::string name;
  io::NpzFile::Layout layout;
};

/// Letter of a one-hot column; 4: none.
std::size_t letter_of(const float* one_hot, std::int64_t length, std::int64_t position) {
  for (std::size_t l = 0; l < 4; ++l)
    if (one_hot[static_cast<std::int64_t>(l) * length + position] > 0.5F) return l;
  return 4;
}

DrawnExample example_of(std::int64_t number, const float* one_hot, const float* scores, std::int64_t length) {
  DrawnExample e{.number = number, .sum = 0, .letters = std::string(static_cast<std::size_t>(length), 'N'), .projected = {}, .scores = {}};
  e.projected.assign(static_cast<std::size_t>(length), 0);
  for (std::int64_t p = 0; p < length; ++p) {
    const std::size_t l = letter_of(one_hot, length, p);
    if (l == 4) continue;
    e.letters[static_cast<std::size_t>(p)] = "ACGT"[l];
    e.projected[static_cast<std::size_t>(p)] = scores[static_cast<std::int64_t>(l) * length + p];
    e.sum += e.projected[static_cast<std::size_t>(p)];
  }
  e.scores.assign(scores, scores + 4 * length);
  return e;
}

}  // namespace

std::vector<ExampleRow> read_examples(const fs::path& file) {
  std::vector<ExampleRow> rows;
  io::TsvReader table(file, io::plain_table());
  const auto text = [&](const char* name) { return table.has(name) ? std::string(table.text(name)) : std::string(); };
  const auto value = [&](const char* name) { return table.has(name) ? table.optional_number(name).value_or(kNone) : kNone; };
  while (table.next()) {
    ExampleRow row{.name = text("name"), .chrom = text("chrom"), .prediction = value("prediction"), .convergence = value("convergence")};
    if (!row.chrom.empty()) {
      row.start = table.integer("start");
      row.end = table.integer("end");
      row.reverse = text("strand") == kReverse;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

AttributionRows read_attribution_rows(const fs::path& folder, std::size_t most, std::int64_t most_looked_at) {
  const Rows sequences(folder / "sequences.npz"), scores(folder / "attributions.npz");
  if (sequences.layout.shape != scores.layout.shape)
    throw DataError(format("{}: shape {} does not fit {} of {}", scores.where, io::shape_text(scores.layout.shape),
                           io::shape_text(sequences.layout.shape), sequences.where));
  AttributionRows out{.examples = scores.layout.shape[0], .length = scores.layout.shape[2], .sums = {}, .drawn = {}};
  const std::int64_t row = 4 * out.length;
  // A packed array has to be unpacked as a whole each time.
  const bool by_rows = scores.layout.by_rows && sequences.layout.by_rows;
  const std::int64_t batch = by_rows ? std::max<std::int64_t>(1, kBatchNumbers / std::max<std::int64_t>(1, row)) : out.examples;
  const std::int64_t stride =
      by_rows ? std::max<std::int64_t>(1, (out.examples + most_looked_at - 1) / std::max<std::int64_t>(1, most_looked_at)) : 1;
  const auto weaker = [](const DrawnExample& a, const DrawnExample& b) {
    return std::abs(a.sum) != std::abs(b.sum) ? std::abs(a.sum) > std::abs(b.sum) : a.number < b.number;
  };
  const auto look = [&](std::int64_t begin, std::int64_t end) {
    const std::vector<float> one_hot = sequences.read(begin, end), values = scores.read(begin, end);
    for (std::int64_t i = begin; i < end; ++i) {
      DrawnExample e = example_of(i, one_hot.data() + (i - begin) * row, values.data() + (i - begin) * row, out.length);
      if (!std::isfinite(e.sum)) throw DataError(format("{}: the attributions of example {} are not finite", scores.where, i));
      out.sums.push_back(e.sum);
      out.drawn.push_back(std::move(e));
      std::push_heap(out.drawn.begin(), out.drawn.end(), weaker);
      if (out.drawn.size() <= most) continue;
      std::pop_heap(out.drawn.begin(), out.drawn.end(), weaker);
      out.drawn.pop_back();
    }
  };
  if (stride > 1)
    for (std::int64_t i = 0; i < out.examples; i += stride) look(i, i + 1);
  else
    for (std::int64_t i = 0; i < out.examples; i += batch) look(i, std::min(out.examples, i + batch));
  out.looked_at = std::ssize(out.sums);
  std::sort(out.drawn.begin(), out.drawn.end(), weaker);
  return out;
}

std::vector<NamedSpan> read_spans(const fs::path& folder, const std::vector<ExampleRow>& examples) {
  std::vector<NamedSpan> spans;
  if (const fs::path bed = folder / "seqlets.bed"; fs::exists(bed)) {
    io::TsvReader table(bed, io::plain_table());
    while (table.next()) {
      NamedSpan span{table.integer("example"), table.integer("start"), table.integer("end"), std::string(table.text("name"))};
      if (span.example >= 0 && span.example < std::ssize(examples)) {
        const ExampleRow& e = examples[static_cast<std::size_t>(span.example)];
        const std::int64_t start = span.start, end = span.end;
        span.start = e.reverse ? e.end - end : start - e.start;
        span.end = e.reverse ? e.end - start : end - e.start;
      }
      spans.push_back(std::move(span));
    }
  } else if (const fs::path tsv = folder / "seqlets.tsv"; fs::exists(tsv)) {
    io::TsvReader table(tsv, io::plain_table());
    while (table.next())
      spans.push_back({table.integer("example_idx"), table.integer("start"), table.integer("end"),
                       table.has("motif")                ? std::string(table.text("motif"))
                       : table.number("attribution") < 0 ? "negative"
                                                         : "positive"});
  }
  return spans;
}

}  // namespace basewise::report::detail
