#include "basewise/spec/series.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

namespace basewise::spec {
namespace {

enum class SeriesWord { from, to, times, rounded, multiples, of };
constexpr auto words_of(SeriesWord) {
  return words<SeriesWord>({{SeriesWord::from, "from"},
                            {SeriesWord::to, "to"},
                            {SeriesWord::times, "times"},
                            {SeriesWord::rounded, "rounded"},
                            {SeriesWord::multiples, "multiples"},
                            {SeriesWord::of, "of"}});
}

struct Series {
  double first = 0;
  std::optional<double> last;
  double factor = 1;
  double multiple = 1;
  bool rounded = false;
};

// Words without blanks and commas; at most a dozen are looked at.
std::vector<std::string_view> words_in(std::string_view text) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size() && words.size() < kMost;) {
    const std::size_t begin = text.find_first_not_of(" ,", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" ,", begin), text.size());
    words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

std::optional<double> number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value) || value <= 0) return std::nullopt;
  return value;
}

// "from A to B" or "from A times B", then "rounded" or "multiples of C".
std::optional<Series> parsed(std::string_view text) {
  const std::vector<std::string_view> words = words_in(text);
  const auto is = [&](std::size_t i, SeriesWord word) { return find_choice<SeriesWord>(words[i]) == word; };
  if (words.size() < 4 || !is(0, SeriesWord::from)) return std::nullopt;
  const auto first = number(words[1]), second = number(words[3]);
  if (!first || !second) return std::nullopt;
  Series series;
  series.first = *first;
  if (is(2, SeriesWord::to))
    series.last = *second;
  else if (is(2, SeriesWord::times))
    series.factor = *second;
  else
    return std::nullopt;
  if (words.size() == 4) return series;
  if (words.size() == 5 && is(4, SeriesWord::rounded)) return series.rounded = true, series;
  if (words.size() != 7 || !is(4, SeriesWord::multiples) || !is(5, SeriesWord::of)) return std::nullopt;
  const auto multiple = number(words[6]);
  if (!multiple || *multiple != std::floor(*multiple)) return std::nullopt;
  series.multiple = *multiple;
  return series;
}

// Halves to the even neighbour, whatever the rounding mode of the process is.
double to_even(double x) {
  const double below = std::floor(x), part = x - below;
  if (part != 0.5) return part < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

double value_at(const Series& series, std::int64_t i, std::int64_t count) {
  double factor = series.factor;
  if (series.last && count > 1) factor = std::exp(std::log(*series.last / series.first) / static_cast<double>(count - 1));
  double value = series.first;
  for (std::int64_t step = 0; step < i; ++step) {
    value *= factor;
    if (series.rounded) value = to_even(value);
  }
  return to_even(value / series.multiple) * series.multiple;
}

}  // namespace

bool is_series(std::string_view text) { return text.starts_with("from "); }

std::int64_t series_value(std::string_view text, std::int64_t i, std::int64_t count, const FilePosition& where, const std::string& owner) {
  const std::optional<Series> series = parsed(text);
  if (!series)
    throw_spec_error(where, format("{} is \"{}\"; expected \"from A to B\" or \"from A times B\" with numbers above 0, and behind it "
                                   "\", multiples of C\" or \", rounded\" if wanted",
                                   owner, text));
  const double value = value_at(*series, i, count);
  if (!(value >= 1 && value <= 1e9))
    throw_spec_error(where, format("{} is \"{}\", which gives {} for repetition {}; expected 1 to 1,000,000,000", owner, text, value, i));
  return static_cast<std::int64_t>(value);
}

}  // namespace basewise::spec
