#include "basewise/io/modisco_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"

namespace basewise::io {

using motifs::BaseVector;
using motifs::Pattern;
using motifs::Seqlet;

namespace {

constexpr std::int64_t kLetters = seq::kChannels;
constexpr std::pair<const char*, bool> kKinds[] = {{"pos_patterns", true}, {"neg_patterns", false}};

// Writing

void write_means(H5Writer& file, const std::string& path, const std::vector<BaseVector>& rows) {
  std::vector<double> values;
  for (const BaseVector& row : rows) values.insert(values.end(), row.begin(), row.end());
  file.write<double>(path, values, {static_cast<std::int64_t>(rows.size()), kLetters});
}

void check(const std::string& where, const Pattern& pattern, const motifs::AttributionSet& set) {
  const std::int64_t width = pattern.width();
  const auto fits = [&](const std::vector<BaseVector>& rows) { return static_cast<std::int64_t>(rows.size()) == width; };
  if (width == 0) throw ArgumentError(format("{} has no positions", where));
  if (!fits(pattern.contributions) || (!pattern.hypothetical.empty() && !fits(pattern.hypothetical)))
    throw ArgumentError(format("{} has {} positions of sequence, {} of contributions and {} of hypothetical ones", where, width,
                               pattern.contributions.size(), pattern.hypothetical.size()));
  for (std::size_t i = 0; i < pattern.seqlets.size(); ++i) {
    const Seqlet& s = pattern.seqlets[i];
    if (s.example < 0 || s.example >= set.examples || s.start < 0 || s.end > set.length || s.end - s.start != width)
      throw ArgumentError(format("{}: seqlet {} is [{}, {}) of example {}; {} positions within {} examples of length {} were expected",
                                 where, i, s.start, s.end, s.example, width, set.examples, set.length));
  }
}

// The arrays of seqlets, (n, W, 4), as they read in the direction of their pattern.
class SeqletArrays {
 public:
  SeqletArrays(const motifs::AttributionSet& set, const Pattern& pattern) : set_(set), pattern_(pattern) {}

  std::vector<float> sequence() const {
    return cut([&](const Seqlet& s, std::int64_t i, std::int64_t c) { return token(s, i) == c ? 1.0f : 0.0f; });
  }
  std::vector<float> contributions() const {
    return cut([&](const Seqlet& s, std::int64_t i, std::int64_t c) { return token(s, i) == c ? set_.contribution(s.example)[i] : 0.0f; });
  }
  std::vector<float> hypothetical() const {
    if (set_.hypothetical.empty()) return contributions();
    return cut([&](const Seqlet& s, std::int64_t i, std::int64_t c) {
      return set_.hypothetical[static_cast<std::size_t>((s.example * kLetters + c) * set_.length + i)];
    });
  }

 private:
  seq::Token token(const Seqlet& s, std::int64_t i) const { return set_.tokens[static_cast<std::size_t>(s.example * set_.length + i)]; }

  // `value` gives the number of letter c at position i of the seqlet's example.
  template <class F>
  std::vector<float> cut(F value) const {
    const std::int64_t width = pattern_.width();
    std::vector<float> out;
    out.reserve(pattern_.seqlets.size() * static_cast<std::size_t>(width * kLetters));
    for (const Seqlet& s : pattern_.seqlets)
      for (std::int64_t w = 0; w < width; ++w)
        for (std::int64_t c = 0; c < kLetters; ++c)
          out.push_back(s.reverse ? value(s, s.end - 1 - w, kLetters - 1 - c) : value(s, s.start + w, c));
    return out;
  }

  const motifs::AttributionSet& set_;
  const Pattern& pattern_;
};

template <class F>
std::vector<std::int64_t> column(const std::vector<Seqlet>& seqlets, F value) {
  std::vector<std::int64_t> out;
  for (const Seqlet& s : seqlets) out.push_back(value(s));
  return out;
}

void write_seqlets(H5Writer& file, const std::string& path, const Pattern& pattern, const motifs::AttributionSet& set) {
  const auto n = static_cast<std::int64_t>(pattern.seqlets.size()), width = pattern.width();
  const auto& seqlets = pattern.seqlets;
  file.write<std::int64_t>(path + "/n_seqlets", std::vector{n}, {1});
  file.write<std::int64_t>(path + "/start", column(seqlets, [](const Seqlet& s) { return s.start; }), {n});
  file.write<std::int64_t>(path + "/end", column(seqlets, [](const Seqlet& s) { return s.end; }), {n});
  file.write<std::int64_t>(path + "/example_idx", column(seqlets, [](const Seqlet& s) { return s.example; }), {n});
  const std::vector<std::int64_t> reverse = column(seqlets, [](const Seqlet& s) { return std::int64_t{s.reverse}; });
  file.write<std::int64_t>(path + "/is_revcomp", reverse, {n}, {.dtype = DType::boolean});
  const SeqletArrays arrays(set, pattern);
  // Packing a small array costs more than it saves.
  const H5Options packed{.gzip = n * width > 4096 ? 1 : 0};
  file.write<float>(path + "/sequence", arrays.sequence(), {n, width, kLetters}, packed);
  file.write<float>(path + "/contrib_scores", arrays.contributions(), {n, width, kLetters}, packed);
  file.write<float>(path + "/hypothetical_contribs", arrays.hypothetical(), {n, width, kLetters}, packed);
}

void write_pattern(H5Writer& file, const std::string& path, const Pattern& pattern, const motifs::AttributionSet& set) {
  check(format("pattern '{}' ({})", path, pattern.name), pattern, set);
  write_means(file, path + "/sequence", pattern.sequence);
  write_means(file, path + "/contrib_scores", pattern.contributions);
  write_means(file, path + "/hypothetical_contribs", pattern.hypothetical.empty() ? pattern.contributions : pattern.hypothetical);
  write_seqlets(file, path + "/seqlets", pattern, set);
  for (std::size_t i = 0; i < pattern.subpatterns.size(); ++i)
    write_pattern(file, format("{}/subpattern_{}", path, i), pattern.subpatterns[i], set);
}

// Reading

// A file and a place in it.
struct Reading {
  const H5File& file;
  bool hypothetical = true;
  std::int64_t without_seqlets = 0;
  std::int64_t without_arrays = 0;

  [[noreturn]] void fail(const std::string& path, const std::string& message) const {
    throw DataError(format("{}: '{}' {}", file.path().string(), path, message));
  }
};

std::vector<BaseVector> read_means(const Reading& reading, const std::string& path) {
  const std::vector<std::int64_t> shape = reading.file.info(path).shape;
  if (shape.size() != 2 || shape[0] == 0 || shape[1] != kLetters)
    reading.fail(path, format("has shape {}; (positions, 4) was expected", shape_text(shape)));
  const std::vector<double> values = reading.file.read<double>(path);
  std::vector<BaseVector> rows(static_cast<std::size_t>(shape[0]));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) reading.fail(path, format("holds {} at position {}", values[i], i / kLetters));
    rows[i / kLetters][i % kLetters] = values[i];
  }
  return rows;
}

std::vector<std::int64_t> read_column(const Reading& reading, const std::string& path, std::optional<std::size_t> count) {
  const std::vector<std::int64_t> shape = reading.file.info(path).shape;
  if (shape.size() != 1) reading.fail(path, format("has shape {}; one number for each seqlet was expected", shape_text(shape)));
  std::vector<std::int64_t> values = reading.file.read<std::int64_t>(path);
  if (count && values.size() != *count) reading.fail(path, format("has {} numbers, but there are {} seqlets", values.size(), *count));
  return values;
}

// Sums of the attributions of each seqlet.
std::vector<double> read_sums(const Reading& reading, const std::string& path, std::size_t count, std::int64_t width) {
  const std::vector<std::int64_t> shape = reading.file.info(path).shape;
  const auto n = static_cast<std::int64_t>(count);
  if (shape != std::vector<std::int64_t>{n, width, kLetters})
    reading.fail(path,
                 format("has shape {}; {} was expected", shape_text(shape), shape_text(std::vector<std::int64_t>{n, width, kLetters})));
  constexpr std::int64_t kBatch = 4096;
  std::vector<double> sums;
  std::vector<float> values;
  for (std::int64_t at = 0; at < n; at += kBatch) {
    const std::int64_t end = std::min(at + kBatch, n), row = width * kLetters;
    values.resize(static_cast<std::size_t>((end - at) * row));
    reading.file.read_rows<float>(path, at, end, std::span<float>(values));
    for (std::int64_t s = 0; s < end - at; ++s) {
      double sum = 0;
      for (std::int64_t i = 0; i < row; ++i) sum += static_cast<double>(values[static_cast<std::size_t>(s * row + i)]);
      if (!std::isfinite(sum)) reading.fail(path, format("has numbers that are not finite in seqlet {}", at + s));
      sums.push_back(sum);
    }
  }
  return sums;
}

std::vector<Seqlet> read_seqlets(Reading& reading, const std::string& path, std::int64_t width) {
  if (!reading.file.contains(path + "/start")) {
    ++reading.without_seqlets;
    return {};
  }
  const std::vector<std::int64_t> starts = read_column(reading, path + "/start", std::nullopt);
  const std::size_t n = starts.size();
  const std::vector<std::int64_t> ends = read_column(reading, path + "/end", n), examples = read_column(reading, path + "/example_idx", n),
                                  reverse = read_column(reading, path + "/is_revcomp", n);
  if (reading.file.contains(path + "/n_seqlets"))
    if (const auto said = read_column(reading, path + "/n_seqlets", 1); said[0] != static_cast<std::int64_t>(n))
      reading.fail(path, format("has n_seqlets {}, but {} starts", said[0], n));
  std::vector<double> sums(n, 0.0);
  if (reading.file.contains(path + "/contrib_scores"))
    sums = read_sums(reading, path + "/contrib_scores", n, width);
  else
    ++reading.without_arrays;
  std::vector<Seqlet> seqlets;
  for (std::size_t i = 0; i < n; ++i) {
    if (starts[i] < 0 || ends[i] < starts[i] || ends[i] - starts[i] != width || examples[i] < 0 || reverse[i] < 0 || reverse[i] > 1)
      reading.fail(path, format("has seqlet {} at [{}, {}) of example {}, is_revcomp {}; {} positions from 0 were expected", i, starts[i],
                                ends[i], examples[i], reverse[i], width));
    seqlets.push_back({examples[i], starts[i], ends[i], reverse[i] == 1, sums[i], 1});
  }
  return seqlets;
}

// "pattern_12" is 12 behind "pattern_".
std::optional<std::int64_t> number_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number < 0) return std::nullopt;
  return number;
}

// Groups "<prefix>12" of a group, in the order of their numbers.
std::vector<std::string> numbered(const H5File& file, const std::string& group, std::string_view prefix) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const H5Entry& entry : file.list(group))
    if (const auto number = number_of(entry.name, prefix); number && entry.kind == H5Kind::group) found.emplace_back(*number, entry.name);
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (auto& [number, name] : found) names.push_back(std::move(name));
  return names;
}

Pattern read_pattern(Reading& reading, const std::string& path, const std::string& name, bool positive, bool top) {
  Pattern pattern;
  pattern.name = name;
  pattern.positive = positive;
  pattern.sequence = read_means(reading, path + "/sequence");
  pattern.contributions = read_means(reading, path + "/contrib_scores");
  if (reading.hypothetical) pattern.hypothetical = read_means(reading, path + "/hypothetical_contribs");
  if (pattern.contributions.size() != pattern.sequence.size() ||
      (reading.hypothetical && pattern.hypothetical.size() != pattern.sequence.size()))
    reading.fail(path, format("has {} positions of sequence, but {} of contrib_scores and {} of hypothetical_contribs",
                              pattern.sequence.size(), pattern.contributions.size(), pattern.hypothetical.size()));
  pattern.seqlets = read_seqlets(reading, path + "/seqlets", pattern.width());
  // Patterns of patterns of patterns are not a thing: a file that nests deeper is not followed.
  if (top)
    for (const std::string& below : numbered(reading.file, path, "subpattern_"))
      pattern.subpatterns.push_back(read_pattern(reading, path + "/" + below, name + "." + below, positive, false));
  return pattern;
}

}  // namespace

void write_modisco(const std::filesystem::path& path, const std::vector<Pattern>& patterns, const motifs::AttributionSet& set) {
  H5Writer file(path);
  file.attribute("", "window_size", set.length);
  if (set.hypothetical.empty()) file.attribute("", "hypothetical", std::int64_t{0});
  for (const auto& [kind, positive] : kKinds) {
    std::int64_t k = 0;
    for (const Pattern& pattern : patterns)
      if (pattern.positive == positive) write_pattern(file, format("{}/pattern_{}", kind, k++), pattern, set);
  }
  file.close();
}

ModiscoFile read_modisco(const std::filesystem::path& path) {
  const H5File file(path);
  ModiscoFile out;
  Reading reading{file};
  const std::vector<std::string> attributes = file.attributes();
  const auto number = [&](const char* name) -> std::optional<std::int64_t> {
    if (std::find(attributes.begin(), attributes.end(), name) == attributes.end()) return std::nullopt;
    const std::vector<std::int64_t> values = file.attribute<std::int64_t>("", name);
    if (values.size() != 1 || values[0] < 0) throw DataError(format("{}: attribute '{}' is no single number from 0", path.string(), name));
    return values[0];
  };
  out.window = number("window_size").value_or(0);
  reading.hypothetical = number("hypothetical").value_or(1) != 0;
  bool any = false;
  for (const auto& [kind, positive] : kKinds) {
    if (!file.contains(kind)) continue;
    any = true;
    for (const std::string& name : numbered(file, kind, "pattern_"))
      out.patterns.push_back(read_pattern(reading, format("{}/{}", kind, name), format("{}.{}", kind, name), positive, true));
  }
  if (!any && attributes.empty())
    throw DataError(format("{}: has neither pos_patterns nor neg_patterns; a file of modisco was expected (older ones: modisco convert)",
                           path.string()));
  if (out.patterns.empty()) out.notes.push_back(format("{}: holds no patterns", path.string()));
  if (out.window == 0) out.notes.push_back(format("{}: does not say the length of the examples (window_size)", path.string()));
  if (reading.without_seqlets > 0) out.notes.push_back(format("{} patterns come without their seqlets", reading.without_seqlets));
  if (reading.without_arrays > 0)
    out.notes.push_back(format("{} patterns come without the attributions of their seqlets", reading.without_arrays));
  return out;
}

}  // namespace basewise::io
