#include "basewise/interpret/detail/attribution_pieces.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "basewise/core/error.h"
#include "basewise/io/npz.h"
#include "basewise/io/npz_writer.h"
#include "basewise/seq/interval.h"

namespace basewise::interpret::detail {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::vector<run::Example>& examples) {
  std::string text;
  for (const run::Example& e : examples) text += format("{}\t{}\t{}\t{}\t{}\n", e.name, e.chrom, e.start, e.end, e.reverse ? '-' : '+');
  return text;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) throw DataError(format("'{}' is no position", text));
  return value;
}

/// The next field of a line that ends at `stop`, which is taken away.
std::string_view field(std::string_view& text, char stop) {
  const auto at = text.find(stop);
  if (at == std::string_view::npos) throw DataError("the table of examples is cut off");
  const std::string_view found = text.substr(0, at);
  text.remove_prefix(at + 1);
  return found;
}

std::vector<run::Example> examples_in(std::string_view text) {
  std::vector<run::Example> examples;
  while (!text.empty()) {
    run::Example& e = examples.emplace_back();
    e.name = field(text, '\t');
    e.chrom = field(text, '\t');
    e.start = number_of(field(text, '\t'));
    e.end = number_of(field(text, '\t'));
    e.reverse = seq::find_strand(field(text, '\n')) == seq::Strand::reverse;
  }
  return examples;
}

template <class T>
std::vector<T> values_of(const io::NpzFile& file, std::string_view name) {
  const io::Array array = file.read(name);
  const auto values = array.as<T>();
  return {values.begin(), values.end()};
}

std::string characters_of(const io::NpzFile& file, std::string_view name) {
  const auto bytes = values_of<std::uint8_t>(file, name);
  return {bytes.begin(), bytes.end()};
}

io::TensorView bytes_of(const std::string& text) {
  return {io::DType::u8, {std::ssize(text)}, std::as_bytes(std::span(text))};
}

}  // namespace

std::int64_t piece_size(std::int64_t length) {
  constexpr std::int64_t kMost = 256, kBases = std::int64_t{2} << 20;
  return std::clamp<std::int64_t>(kBases / std::max<std::int64_t>(length, 1), 1, kMost);
}

Pieces::Pieces(fs::path folder, std::int64_t examples, std::int64_t piece_size)
    : folder_(std::move(folder)), examples_(examples), size_(piece_size) {}

std::int64_t Pieces::size_of(std::int64_t piece) const { return std::min(size_, examples_ - piece * size_); }

fs::path Pieces::file(std::int64_t piece) const { return folder_ / format("{:06}.npz", piece); }

bool Pieces::is_there(std::int64_t piece) const { return fs::exists(file(piece)); }

std::vector<std::int64_t> Pieces::missing() const {
  std::vector<std::int64_t> all;
  for (std::int64_t piece = 0; piece < count(); ++piece)
    if (!is_there(piece)) all.push_back(piece);
  return all;
}

void Pieces::write(std::int64_t piece, const ScoredPiece& c) const {
  const std::string loci = text_of(c.examples);
  const std::vector<double> check{static_cast<double>(c.checked), c.difference};
  const std::int64_t n = c.size();
  io::NpzWriter out(file(piece));
  out.add("tokens", io::TensorView::of(std::span<const seq::Token>(c.tokens), {n, c.length}));
  out.add("scores", io::TensorView::of(std::span<const float>(c.scores), {n, 4, c.length}));
  out.add("predictions", io::TensorView::of(std::span<const double>(c.predictions), {n}));
  out.add("convergence", io::TensorView::of(std::span<const double>(c.convergence), {std::ssize(c.convergence)}));
  out.add("check", io::TensorView::of(std::span<const double>(check), {2}));
  out.add("loci", bytes_of(loci));
  out.add("note", bytes_of(c.note));
  out.close();
}

ScoredPiece Pieces::read(std::int64_t piece) const {
  try {
    const io::NpzFile in(file(piece));
    ScoredPiece c;
    c.examples = examples_in(characters_of(in, "loci"));
    c.tokens = values_of<seq::Token>(in, "tokens");
    c.scores = values_of<float>(in, "scores");
    c.predictions = values_of<double>(in, "predictions");
    c.convergence = values_of<double>(in, "convergence");
    c.note = characters_of(in, "note");
    const auto check = values_of<double>(in, "check");
    const auto n = static_cast<std::size_t>(size_of(piece));
    const bool fits = c.examples.size() == n && c.predictions.size() == n && c.tokens.size() % n == 0 &&
                      c.scores.size() == 4 * c.tokens.size() && (c.convergence.empty() || c.convergence.size() == n) && check.size() == 2;
    if (!fits) throw DataError(format("expected {} examples", n));
    c.length = static_cast<std::int64_t>(c.tokens.size() / n);
    c.checked = static_cast<std::int64_t>(check[0]);
    c.difference = check[1];
    return c;
  } catch (const DataError& e) {
    throw DataError(format("{}: {}; remove the file and call again with --resume: its examples are computed anew", file(piece).string(),
                           e.what()));
  }
}

void Pieces::each(const std::function<void(std::int64_t first, const ScoredPiece& content)>& use) const {
  std::int64_t length = -1;
  for (std::int64_t piece = 0; piece < count(); ++piece) {
    const ScoredPiece content = read(piece);
    if (length >= 0 && content.length != length)
      throw DataError(format("{}: examples of {} bases, those before it have {}; remove the file and call again with --resume",
                             file(piece).string(), content.length, length));
    length = content.length;
    use(piece * size_, content);
  }
}

}  // namespace basewise::interpret::detail
