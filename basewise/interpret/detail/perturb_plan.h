// The conditions of a perturbation experiment, and what they make of a sequence. No tensors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/interpret/perturb.h"
#include "basewise/motifs/motif.h"

namespace basewise::interpret::detail {

using Tokens = std::vector<seq::Token>;
using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;  ///< [begin, end) each

/// A motif to be put in: letters, and a matrix where it has one.
struct Insert {
  std::string name = {};
  Tokens letters = {};  ///< most probable ones; N leaves the base
  std::optional<motifs::MotifMatrix> matrix = {};

  std::int64_t width() const { return std::ssize(letters); }
};

struct Placed {
  std::size_t insert = 0;
  std::int64_t start = 0;
  bool reverse = false;
};

struct Condition {
  std::string text = {};
  std::string orientation = {};
  std::optional<std::int64_t> distance = {};
  std::vector<Placed> placed = {};     ///< put in
  std::optional<std::size_t> hits = {};  ///< ablate: hits of this insert
  std::int64_t begin = 0, end = 0;       ///< ablate without hits: this span
};

/// Letters, or names of motifs of `motifs`.
/// Errors: ArgumentError for text that is neither, with the nearest name.
std::vector<Insert> inserts_of(const std::vector<std::string>& texts, const std::vector<motifs::MotifMatrix>& motifs);

/// Conditions of an experiment on sequences of `length` bases.
/// Errors: ArgumentError, see `perturb_run`; for a motif that leaves the sequence it says where.
std::vector<Condition> conditions_of(const PerturbOptions& options, const std::vector<Insert>& inserts, std::int64_t length);

/// The sequence as the background of an experiment.
Tokens background_of(std::span<const seq::Token> tokens, Background kind, Stream& stream);

/// The spans that a condition destroys, in order, apart from each other;
/// none: the sequence has no hit.
Spans spans_of(const Condition& condition, const std::vector<Insert>& inserts,
                                                            std::span<const seq::Token> tokens, double hit);

/// The sequence with motifs put in; as a control each with its letters in random order.
Tokens with_motifs(std::span<const seq::Token> tokens, const Condition& condition, const std::vector<Insert>& inserts, bool sampled,
                   bool control, Stream& stream);

/// The sequence with the letters of each span in random order; as a control those of spans of the
/// same lengths that lie elsewhere. Nothing where there is no room for these.
std::optional<Tokens> without_spans(std::span<const seq::Token> tokens, const Spans& spans,
                                    bool control, Stream& stream);

}  // namespace basewise::interpret::detail
