#include "basewise/annotate/detail/scan_motifs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "basewise/annotate/collections.h"
#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/core/printable.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/line_reader.h"
#include "basewise/motifs/score_distribution.h"

namespace basewise::annotate::detail {
namespace {

using motifs::BaseVector;
using motifs::MotifMatrix;

/// Backgrounds that have a word; `other` is a file or numbers.
enum class OwnBackground { uniform, motifs, sequence, other };
constexpr auto words_of(OwnBackground) {
  return words<OwnBackground>(
      {{OwnBackground::uniform, "uniform"}, {OwnBackground::motifs, "motifs"}, {OwnBackground::sequence, "sequence"}});
}

/// Fields of a text that blanks, tabs or commas part.
std::vector<std::string_view> fields_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t,";
  std::vector<std::string_view> fields;
  while (true) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return fields;
    text.remove_prefix(begin);
    fields.push_back(text.substr(0, text.find_first_of(kBlanks)));
    text.remove_prefix(fields.back().size());
  }
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<BaseVector> four_numbers(std::string_view text) {
  const auto fields = fields_of(text);
  BaseVector result{};
  if (fields.size() != 4) return std::nullopt;
  for (std::size_t c = 0; c < 4; ++c) {
    const auto value = number_of(fields[c]);
    if (!value) return std::nullopt;
    result[c] = *value;
  }
  return result;
}

BaseVector of_motifs(const std::vector<MotifMatrix>& motifs) {
  const BaseVector& first = motifs.front().background;
  for (const MotifMatrix& motif : motifs)
    for (std::size_t c = 0; c < 4; ++c)
      if (std::abs(motif.background[c] - first[c]) > 1e-9)
        throw ArgumentError(format("background = \"motifs\": those of '{}' and '{}' differ; give four numbers, or scan them apart",
                                   motifs.front().name, motif.name));
  return first;
}

BaseVector of_sequences(const ScanInput& input) {
  std::array<std::int64_t, 256> counts{};
  input.each([&](const ScanSequence& sequence) {
    for (const char letter : sequence.letters) ++counts[static_cast<unsigned char>(letter)];
  });
  const auto times = [&](char letter) { return counts[static_cast<unsigned char>(letter)]; };
  const std::array<std::int64_t, 4> bases = {times('A') + times('a'), times('C') + times('c'), times('G') + times('g'),
                                             times('T') + times('t') + times('U') + times('u')};
  const auto sum = static_cast<double>(bases[0] + bases[1] + bases[2] + bases[3]);
  // One of each letter more, so that one that never occurs is rare and not impossible.
  BaseVector result{};
  for (std::size_t c = 0; c < 4; ++c) result[c] = (static_cast<double>(bases[c]) + 1) / (sum + 4);
  if (sum == 0) throw DataError("background = \"sequence\": what is scanned holds no A, C, G or T");
  return result;
}

BaseVector of_file(const ScanOptions& options, std::vector<std::string>& notes) {
  const auto path = corpus::resolve_path(options.background);
  if (!is_regular_file(path))
    throw ArgumentError(format("background = \"{}\"; expected {}, four numbers for A, C, G, T, or a file that exists", options.background,
                               fmt::join(all_words<OwnBackground>(), ", ")));
  io::LineReader lines(path);
  std::array<std::optional<double>, 4> values;
  std::int64_t longer = 0;
  for (std::string_view line; lines.next(line);) {
    const auto fields = fields_of(line);
    if (fields.empty() || fields[0].starts_with('#')) continue;
    const auto value = fields.size() == 2 ? number_of(fields[1]) : std::nullopt;
    if (!value) lines.fail("expected a word and its frequency, as in 'A 0.3'");
    longer += fields[0].size() > 1;
    if (fields[0].size() > 1) continue;
    const auto letter = std::string_view("ACGTacgt").find(fields[0]);
    if (letter == std::string_view::npos) lines.fail(format("the letter {}; expected A, C, G or T", printable(fields[0])));
    const std::size_t base = letter % 4;
    if (values[base]) lines.fail(format("a second frequency of {}", seq::kLetters[base]));
    values[base] = *value;
  }
  BaseVector result{};
  for (std::size_t c = 0; c < 4; ++c) {
    if (!values[c])
      throw DataError(format("{}: no frequency of {}; expected lines 'A 0.3' for all four letters", path.string(), seq::kLetters[c]));
    result[c] = *values[c];
  }
  if (longer > 0)
    notes.push_back(format("{}: {} words of two letters and more are not used; letters are taken as independent",
                           options.background, longer));
  return result;
}

BaseVector asked_for(const ScanOptions& options, const std::vector<MotifMatrix>& motifs, const ScanInput& input,
                     std::vector<std::string>& notes) {
  switch (find_choice<OwnBackground>(options.background).value_or(OwnBackground::other)) {
    case OwnBackground::uniform: return motifs::kUniform;
    case OwnBackground::motifs: return of_motifs(motifs);
    case OwnBackground::sequence: return of_sequences(input);
    case OwnBackground::other: break;
  }
  if (const auto numbers = four_numbers(options.background)) return *numbers;
  return of_file(options, notes);
}

/// Names of which `name` is a part ("CTCF" of "CTCF.H13CORE.0.P.B"), else the nearest one.
std::string advice(const std::string& name, const std::vector<std::string>& names) {
  std::vector<std::string> longer;
  for (const std::string& known : names)
    if (known.find(name) != std::string::npos && std::find(longer.begin(), longer.end(), known) == longer.end()) longer.push_back(known);
  if (!longer.empty()) return format("; there are {}", some_of(longer, "", 5));
  const auto similar = nearest(name, names);
  return similar ? format("; did you mean '{}'?", *similar) : "";
}

}  // namespace

std::vector<MotifMatrix> scan_motifs(const ScanOptions& options, std::vector<std::string>& notes) {
  std::vector<MotifMatrix> all = load_motifs(options.motifs, notes);
  if (options.motif.empty()) return all;
  for (const std::string& name : options.motif) {
    const auto is_it = [&](const MotifMatrix& m) { return m.name == name || m.description == name; };
    if (std::any_of(all.begin(), all.end(), is_it)) continue;
    std::vector<std::string> names;
    for (const MotifMatrix& m : all) {
      names.push_back(m.name);
      if (!m.description.empty()) names.push_back(m.description);
    }
    throw ArgumentError(format("{} has no motif '{}' among its {}{}", options.motifs, name, all.size(), advice(name, names)));
  }
  std::erase_if(all, [&](const MotifMatrix& m) {
    const auto names_it = [&](const std::string& name) { return m.name == name || m.description == name; };
    return std::none_of(options.motif.begin(), options.motif.end(), names_it);
  });
  return all;
}

BaseVector scan_background(const ScanOptions& options, const std::vector<MotifMatrix>& motifs, const ScanInput& input,
                           std::vector<std::string>& notes) {
  const BaseVector given = asked_for(options, motifs, input, notes);
  motifs::check_background(given);
  if (options.strands == motifs::ScanStrands::forward) return given;
  const BaseVector result = motifs::both_strands(given);
  for (std::size_t c = 0; c < 2; ++c)
    if (std::abs(given[c] - result[c]) > 1e-3) {
      notes.push_back(format("both strands are scanned, so the background [{:.4g}] is taken as the mean of both: [{:.4g}]",
                             fmt::join(given, ", "), fmt::join(result, ", ")));
      break;
    }
  return result;
}

}  // namespace basewise::annotate::detail
