#include "basewise/io/attribution_writer.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "basewise/io/detail/convert_numbers.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/npz_writer.h"

namespace basewise::io {

namespace {

constexpr std::int64_t kLetters = seq::kChannels;

// Counts examples, and checks a batch before any of it is written.
class Batches {
 public:
  Batches(std::int64_t length, bool hypothetical, float largest) : length_(length), hypothetical_(hypothetical), largest_(largest) {
    if (length <= 0) throw ArgumentError(format("examples of {} positions", length));
  }

  std::int64_t length() const { return length_; }

  void add(std::span<const seq::Token> tokens, std::span<const float> scores) {
    if (static_cast<std::int64_t>(tokens.size()) % length_ != 0 || scores.size() != tokens.size() * kLetters)
      throw ArgumentError(format("{} letters and {} attributions are no examples of {} positions", tokens.size(), scores.size(), length_));
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (!(std::fabs(scores[i]) <= largest_)) fail(i, scores[i], "which the file does not hold");
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (tokens[i] > seq::kN) throw ArgumentError(format("letter {} is token {}; 0 to 4 were expected", i, tokens[i]));
    if (!hypothetical_) check_projected(tokens, scores);
    examples_ += static_cast<std::int64_t>(tokens.size()) / length_;
  }

 private:
  [[noreturn]] void fail(std::size_t i, float value, const char* why) const {
    const auto at = static_cast<std::int64_t>(i);
    throw ArgumentError(format("example {}, letter {}, position {}: the attribution is {}, {}", examples_ + at / (kLetters * length_),
                               seq::kLetters[static_cast<std::size_t>(at / length_ % kLetters)], at % length_, value, why));
  }

  void check_projected(std::span<const seq::Token> tokens, std::span<const float> scores) const {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i), example = at / (kLetters * length_);
      const seq::Token token = tokens[static_cast<std::size_t>(example * length_ + at % length_)];
      if (scores[i] != 0.0f && token != at / length_ % kLetters)
        fail(i, scores[i], "but its letter is not there, and scores are said to be projected");
    }
  }

  std::int64_t length_;
  bool hypothetical_;
  float largest_;
  std::int64_t examples_ = 0;
};

float largest(DType type) {
  if (type != DType::f32 && type != DType::f16)
    throw ArgumentError(format("attributions are written as float32 or float16, not {}", name(type)));
  return type == DType::f16 ? kLargestHalf : std::numeric_limits<float>::max();
}

// (n, L) tokens as (n, 4, L).
std::vector<std::int8_t> one_hot(std::span<const seq::Token> tokens, std::int64_t length) {
  std::vector<std::int8_t> out(tokens.size() * kLetters);
  const auto step = static_cast<std::size_t>(length);
  for (std::size_t at = 0; at < tokens.size(); at += step)
    seq::one_hot(tokens.subspan(at, step), std::span(out).subspan(at * kLetters, step * kLetters));
  return out;
}

// Scores of the letters that are there, 0 for the others.
std::vector<float> projected(std::span<const seq::Token> tokens, std::span<const float> scores, std::int64_t length) {
  std::vector<float> out(scores.size(), 0.0f);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == seq::kN) continue;
    const auto l = static_cast<std::size_t>(length), at = (i / l * kLetters + tokens[i]) * l + i % l;
    out[at] = scores[at];
  }
  return out;
}

}  // namespace

struct AttributionPairWriter::State {
  State(const std::filesystem::path& s, const std::filesystem::path& a, std::int64_t length, const AttributionWriteOptions& options)
      : batches(length, options.hypothetical, largest(options.pair_type)), type(options.pair_type), sequences(s), attributions(a) {
    sequences.begin("arr_0", DType::i8, {-1, kLetters, length});
    attributions.begin("arr_0", type, {-1, kLetters, length});
  }

  Batches batches;
  DType type;
  NpzWriter sequences;
  NpzWriter attributions;
  bool closed = false;
};

AttributionPairWriter::AttributionPairWriter(const std::filesystem::path& sequences, const std::filesystem::path& attributions,
                                             std::int64_t length, const AttributionWriteOptions& options)
    : state_(std::make_unique<State>(sequences, attributions, length, options)) {}
AttributionPairWriter::~AttributionPairWriter() = default;

void AttributionPairWriter::append(std::span<const seq::Token> tokens, std::span<const float> scores) {
  State& s = *state_;
  s.batches.add(tokens, scores);
  s.sequences.append(std::as_bytes(std::span<const std::int8_t>(one_hot(tokens, s.batches.length()))));
  if (s.type == DType::f32) return s.attributions.append(std::as_bytes(scores));
  std::vector<std::byte> raw(scores.size() * size_of(s.type));
  detail::convert_numbers<float>(scores, s.type, raw);
  s.attributions.append(raw);
}

void AttributionPairWriter::close() {
  State& s = *state_;
  if (s.closed) return;
  s.closed = true;
  s.sequences.end();
  s.attributions.end();
  s.sequences.close();
  s.attributions.close();
}

struct AttributionH5Writer::State {
  State(const std::filesystem::path& path, std::int64_t length, const AttributionWriteOptions& options)
      : batches(length, options.hypothetical, kLargestHalf), hypothetical(options.hypothetical), file(path) {
    const std::vector<std::int64_t> row = {kLetters, length};
    file.begin("raw/seq", row, {.dtype = DType::i8, .gzip = options.gzip});
    if (hypothetical) file.begin("shap/seq", row, {.dtype = DType::f16, .gzip = options.gzip});
    file.begin("projected_shap/seq", row, {.dtype = DType::f16, .gzip = options.gzip});
  }

  Batches batches;
  bool hypothetical;
  H5Writer file;
};

AttributionH5Writer::AttributionH5Writer(const std::filesystem::path& path, std::int64_t length, const AttributionWriteOptions& options)
    : state_(std::make_unique<State>(path, length, options)) {}
AttributionH5Writer::~AttributionH5Writer() = default;

void AttributionH5Writer::append(std::span<const seq::Token> tokens, std::span<const float> scores) {
  State& s = *state_;
  const std::int64_t length = s.batches.length();
  s.batches.add(tokens, scores);
  s.file.append<std::int8_t>("raw/seq", one_hot(tokens, length));
  if (s.hypothetical) s.file.append<float>("shap/seq", scores);
  s.file.append<float>("projected_shap/seq", projected(tokens, scores, length));
}

void AttributionH5Writer::close() { state_->file.close(); }

}  // namespace basewise::io
