#include "basewise/interpret/mutagenesis.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/progress.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret {
namespace {

at::Tensor explained(const Readout& readout, const Bundle& outputs) {
  const at::Tensor y = readout(outputs);
  const std::int64_t n = batch_size(outputs);
  if (y.numel() != n)
    throw ArgumentError(format("mutagenesis explains one number for each sequence: {} were given for {} sequences", y.numel(), n));
  return y.reshape({n}).to(at::kDouble);
}

at::Tensor tokens_in(const Bundle& inputs, const std::string& name) {
  const at::Tensor& x = inputs.at(name);
  if (is_tokens(x)) return x.contiguous();
  const auto found = x.dim() == 3 && x.size(1) == 4 ? tokens_of(x.to(at::kFloat)) : std::nullopt;
  if (!found)
    throw ArgumentError(
        format("input '{}' is mutated letter by letter, but it is no DNA: one-hot rows (N, 4, length) or tokens (N, length)", name));
  return found->contiguous();
}

}  // namespace

void describe(Visitor& v, MutagenesisOptions& o) {
  v("form", o.form, "what is made of the differences of a position");
  v("begin", o.begin, "first position that is mutated", non_negative());
  v("end", o.end, "position behind the last one; 0: the end of the sequence", non_negative());
  v.group("edits", o.edits, "how edited sequences are computed");
}

MutagenesisResult mutagenesis(const nn::ModelPtr& model, const Bundle& inputs, const Readout& readout, const MutagenesisOptions& options,
                              infer::StrandStrategy strands, infer::OutputForms forms) {
  const at::NoGradGuard no_grad;
  const at::Tensor tokens = tokens_in(inputs, options.edits.input);
  const std::int64_t n = tokens.size(0), length = tokens.size(1), end = options.end > 0 ? options.end : length;
  if (options.begin < 0 || options.begin >= end || end > length)
    throw ArgumentError(format("positions [{}, {}) are to be mutated, but sequences have {} letters", options.begin, end, length));
  MutagenesisResult result;
  std::vector<Edit> edits;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint8_t* row = tokens.const_data_ptr<std::uint8_t>() + i * length;
    const std::vector<std::uint8_t> letters(row, row + length);
    for (Edit& e : substitutions(letters, i, options.begin, end)) edits.push_back(std::move(e));
    result.unknown += std::count_if(letters.begin() + options.begin, letters.begin() + end, [](std::uint8_t t) { return t > 3; });
  }
  result.delta = at::zeros({n, 4, length}, at::kFloat);
  at::Tensor mutants = at::zeros({static_cast<std::int64_t>(edits.size())}, at::kDouble);
  std::optional<Progress> progress;
  if (!options.progress.empty()) progress.emplace(options.progress, static_cast<std::int64_t>(edits.size()), "edits");
  EditScorer scorer(model, strands, std::move(forms), options.edits);
  Bundle references;
  result.report = scorer(
      inputs, edits,
      [&](std::int64_t first, const Bundle& outputs) {
        const at::Tensor y = explained(readout, outputs);
        mutants.slice(0, first, first + y.size(0)).copy_(y);
        if (progress) progress->advance(y.size(0));
      },
      &references);
  const at::Tensor reference = n > 0 ? explained(readout, references) : at::zeros({0}, at::kDouble);
  result.reference = reference.to(at::kFloat);
  const double* f = reference.const_data_ptr<double>();
  const double* g = mutants.const_data_ptr<double>();
  float* delta = result.delta.mutable_data_ptr<float>();
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const Edit& e = edits[i];
    delta[(e.sequence * 4 + e.letters.front()) * length + e.position] = static_cast<float>(g[i] - f[e.sequence]);
  }
  result.scores = in_form(options.form, result.delta, one_hot_of(tokens, at::kFloat).contiguous());
  if (result.unknown > 0)
    result.report.notes.push_back(
        format("{} positions with N: all four letters were put there, and none is the one that is there", result.unknown));
  return result;
}

at::Tensor in_form(MutagenesisForm form, const at::Tensor& delta, const at::Tensor& one_hot) {
  if (delta.dim() != 3 || delta.size(1) != 4 || delta.sizes() != one_hot.sizes())
    throw ShapeError("differences and sequences are (N, 4, length) both");
  switch (form) {
    case MutagenesisForm::delta:
      return delta;
    case MutagenesisForm::hypothetical:
      return delta - delta.mean(1, true);
    case MutagenesisForm::projected:
      return (delta - delta.mean(1, true)) * one_hot;
    case MutagenesisForm::norm:
      return delta.square().sum(1, true).sqrt() * one_hot;
  }
  throw InternalError("unknown form of mutagenesis");
}

}  // namespace basewise::interpret
