#include "basewise/interpret/detail/perturb_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/seq/shuffle.h"

namespace basewise::interpret::detail {
namespace {

/// Combinations double with each motif.
constexpr std::size_t kMostOfProduct = 10;

std::optional<Tokens> tokens_of_text(const std::string& text) {
  Tokens tokens;
  for (const char letter : text) {
    const auto at = std::string_view("ACGTN").find(static_cast<char>(std::toupper(static_cast<unsigned char>(letter))));
    if (at == std::string_view::npos) return std::nullopt;
    tokens.push_back(static_cast<seq::Token>(at));
  }
  return tokens.empty() ? std::nullopt : std::optional(tokens);
}

Tokens turned(const Tokens& tokens) {
  Tokens other(tokens.rbegin(), tokens.rend());
  for (seq::Token& t : other)
    if (static_cast<int>(t) < 4) t = static_cast<seq::Token>(3 - static_cast<int>(t));
  return other;
}

std::pair<std::int64_t, std::int64_t> span_of(const std::string& text, std::int64_t length) {
  std::int64_t begin = -1, end = -1;
  if (const auto dash = text.find('-'); dash != std::string::npos) {
    std::from_chars(text.data(), text.data() + dash, begin);
    std::from_chars(text.data() + dash + 1, text.data() + text.size(), end);
  }
  if (begin < 0 || end <= begin || text != format("{}-{}", begin, end))
    throw ArgumentError(format("span is \"{}\"; expected begin-end with begin < end, 0-based and half-open, such as 490-511", text));
  if (end > length) throw ArgumentError(format("span {} ends behind the sequences, which have {} bases", text, length));
  return {begin, end};
}

void check_inside(const Condition& condition, const std::vector<Insert>& inserts, std::int64_t length) {
  for (const Placed& placed : condition.placed) {
    const Insert& insert = inserts[placed.insert];
    if (placed.start < 0 || placed.start + insert.width() > length)
      throw ArgumentError(format("motif '{}' would lie at [{}, {}), outside of the sequences, which have {} bases", insert.name,
                                 placed.start, placed.start + insert.width(), length));
  }
}

std::vector<Condition> ablations(const PerturbOptions& o, const std::vector<Insert>& inserts, std::int64_t length) {
  if (inserts.empty() == o.span.empty())
    throw ArgumentError("ablate needs what is destroyed: either a span, or motifs whose hits are");
  if (!o.span.empty()) {
    const auto [begin, end] = span_of(o.span, length);
    return {{.text = format("[{}, {})", begin, end), .begin = begin, .end = end}};
  }
  std::vector<Condition> conditions;
  for (std::size_t m = 0; m < inserts.size(); ++m) conditions.push_back({.text = format("hits of {}", inserts[m].name), .hits = m});
  return conditions;
}

std::vector<Condition> pairs(const PerturbOptions& o, const std::vector<Insert>& inserts, std::int64_t length) {
  if (inserts.size() != 2) throw ArgumentError(format("space needs two motifs; {} are given", inserts.size()));
  if (o.distances.empty()) throw ArgumentError("space needs distances");
  std::vector<Condition> conditions;
  for (const std::int64_t distance : o.distances) {
    if (distance < 0) throw ArgumentError(format("distance {} between motifs is negative: they would overlap", distance));
    const std::int64_t both = inserts[0].width() + distance + inserts[1].width();
    const std::int64_t start = o.position.value_or(length / 2 - both / 2);
    for (const auto& [word, first, second] : {std::tuple{"++", false, false}, {"+-", false, true}, {"-+", true, false}, {"--", true, true}})
      conditions.push_back({.text = format("{} + {}", inserts[0].name, inserts[1].name),
                            .orientation = word,
                            .distance = distance,
                            .placed = {{0, start, first}, {1, start + inserts[0].width() + distance, second}}});
  }
  return conditions;
}

/// Motifs side by side, with the first distance between them.
std::vector<Condition> combinations(const PerturbOptions& o, const std::vector<Insert>& inserts, std::int64_t length) {
  if (inserts.size() > kMostOfProduct)
    throw ArgumentError(format("product of {} motifs: {} are the most, since each doubles the combinations", inserts.size(),
                               kMostOfProduct));
  const std::int64_t gap = o.distances.empty() ? 0 : o.distances.back();
  std::int64_t all = gap * (std::ssize(inserts) - 1);
  for (const Insert& insert : inserts) all += insert.width();
  std::vector<std::int64_t> starts;
  std::int64_t at = o.position.value_or(length / 2 - all / 2);
  for (const Insert& insert : inserts) {
    starts.push_back(at);
    at += insert.width() + gap;
  }
  std::vector<Condition> conditions;
  for (std::size_t bits = 1; bits < std::size_t{1} << inserts.size(); ++bits) {
    Condition condition;
    std::vector<std::string> names;
    for (std::size_t m = 0; m < inserts.size(); ++m) {
      if ((bits >> m & 1) == 0) continue;
      names.push_back(inserts[m].name);
      condition.placed.push_back({m, starts[m], false});
    }
    condition.text = format("{}", fmt::join(names, " + "));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

void shuffle_span(Tokens& tokens, std::int64_t begin, std::int64_t end, Stream& stream) {
  stream.shuffle(std::span(tokens).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

/// A start for a span of `width` bases that meets none of `taken`, uniform over all there are.
std::optional<std::int64_t> elsewhere(std::int64_t length, std::int64_t width,
                                      const Spans& taken, Stream& stream) {
  std::vector<std::int64_t> starts;
  for (std::int64_t start = 0; start + width <= length; ++start)
    if (std::none_of(taken.begin(), taken.end(), [&](const auto& span) { return start < span.second && span.first < start + width; }))
      starts.push_back(start);
  if (starts.empty()) return std::nullopt;
  return starts[stream.below(starts.size())];
}

}  // namespace

std::vector<Insert> inserts_of(const std::vector<std::string>& texts, const std::vector<motifs::MotifMatrix>& motifs) {
  std::vector<Insert> inserts;
  std::vector<std::string> names;
  for (const auto& motif : motifs) names.push_back(motif.name);
  for (const std::string& text : texts) {
    const auto found = std::find_if(motifs.begin(), motifs.end(), [&](const auto& m) { return m.name == text || m.description == text; });
    if (found != motifs.end()) {
      inserts.push_back({text, *tokens_of_text(motifs::consensus(*found)), *found});
      continue;
    }
    const auto letters = tokens_of_text(text);
    if (!letters) {
      const auto near = nearest(text, names);
      throw ArgumentError(format("motif '{}' is neither letters (A, C, G, T, N) nor the name of a motif of the collection{}", text,
                                 near ? format("; did you mean '{}'?", *near) : motifs.empty() ? "; give one (collection)" : ""));
    }
    inserts.push_back({text, *letters, std::nullopt});
  }
  return inserts;
}

std::vector<Condition> conditions_of(const PerturbOptions& o, const std::vector<Insert>& inserts, std::int64_t length) {
  if (o.experiment != Experiment::ablate && inserts.empty()) throw ArgumentError(format("{} needs motifs", o.experiment));
  if (o.experiment != Experiment::ablate && !o.span.empty()) throw ArgumentError(format("span means nothing for {}", o.experiment));
  std::vector<Condition> conditions;
  switch (o.experiment) {
    case Experiment::marginalize:
      for (std::size_t m = 0; m < inserts.size(); ++m)
        conditions.push_back({.text = inserts[m].name,
                              .placed = {{m, o.position.value_or(length / 2 - inserts[m].width() / 2), false}}});
      break;
    case Experiment::ablate:
      conditions = ablations(o, inserts, length);
      break;
    case Experiment::space:
      conditions = pairs(o, inserts, length);
      break;
    case Experiment::product:
      conditions = combinations(o, inserts, length);
      break;
  }
  for (const Condition& condition : conditions) check_inside(condition, inserts, length);
  return conditions;
}

Tokens background_of(std::span<const seq::Token> tokens, Background kind, Stream& stream) {
  switch (kind) {
    case Background::given:
      return {tokens.begin(), tokens.end()};
    case Background::dinucleotide:
      return seq::dinucleotide_shuffle(tokens, stream);
    case Background::permuted:
      return seq::shuffle(tokens, stream);
  }
  throw InternalError("unknown background");
}

Spans spans_of(const Condition& condition, const std::vector<Insert>& inserts,
                                                            std::span<const seq::Token> tokens, double hit) {
  if (!condition.hits) return {{condition.begin, condition.end}};
  const Insert& insert = inserts[*condition.hits];
  const std::int64_t width = insert.width();
  Spans spans;
  const auto add = [&](std::int64_t start) {
    if (!spans.empty() && start < spans.back().second)
      spans.back().second = std::max(spans.back().second, start + width);
    else
      spans.emplace_back(start, start + width);
  };
  if (insert.matrix) {
    const motifs::Pwm pwm = motifs::log_odds(*insert.matrix);
    const auto forward = motifs::scan(tokens, pwm), back = motifs::scan(tokens, motifs::reverse_complement(pwm));
    for (std::size_t i = 0; i < forward.size(); ++i)
      if (std::max(forward[i], back[i]) >= hit * pwm.best()) add(static_cast<std::int64_t>(i));
    return spans;
  }
  const Tokens other = turned(insert.letters);
  const auto is_at = [&](const Tokens& letters, std::int64_t start) {
    for (std::int64_t i = 0; i < width; ++i) {
      const seq::Token wanted = letters[static_cast<std::size_t>(i)];
      if (static_cast<int>(wanted) < 4 && wanted != tokens[static_cast<std::size_t>(start + i)]) return false;
    }
    return true;
  };
  for (std::int64_t start = 0; start + width <= std::ssize(tokens); ++start)
    if (is_at(insert.letters, start) || is_at(other, start)) add(start);
  return spans;
}

Tokens with_motifs(std::span<const seq::Token> tokens, const Condition& condition, const std::vector<Insert>& inserts, bool sampled,
                   bool control, Stream& stream) {
  Tokens changed(tokens.begin(), tokens.end());
  for (const Placed& placed : condition.placed) {
    const Insert& insert = inserts[placed.insert];
    Tokens letters = sampled && insert.matrix ? motifs::sample(*insert.matrix, stream) : insert.letters;
    if (control) stream.shuffle(std::span(letters));
    if (placed.reverse) letters = turned(letters);
    for (std::size_t i = 0; i < letters.size(); ++i)
      if (static_cast<int>(letters[i]) < 4) changed[static_cast<std::size_t>(placed.start) + i] = letters[i];
  }
  return changed;
}

std::optional<Tokens> without_spans(std::span<const seq::Token> tokens, const Spans& spans,
                                    bool control, Stream& stream) {
  Tokens changed(tokens.begin(), tokens.end());
  auto taken = spans;
  for (const auto& [begin, end] : spans) {
    if (!control) {
      shuffle_span(changed, begin, end, stream);
      continue;
    }
    const auto start = elsewhere(std::ssize(tokens), end - begin, taken, stream);
    if (!start) return std::nullopt;
    taken.emplace_back(*start, *start + end - begin);
    shuffle_span(changed, *start, *start + end - begin, stream);
  }
  return changed;
}

}  // namespace basewise::interpret::detail
