// What is attributed: one number per example, made of the outputs of a model.
// Written once, used by every method.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/nn/model.h"
#include "basewise/run/open_run.h"
#include "basewise/tensor/bundle.h"

namespace basewise::interpret {

/// What becomes of the numbers that a term takes.
enum class TargetForm { sum, mean, log_sum, variance, profile, probability };
constexpr auto words_of(TargetForm) {
  return words<TargetForm>(
      {{TargetForm::sum, "sum", "the sum of the numbers"},
       {TargetForm::mean, "mean", "their mean: over positions, bins, tasks or cells"},
       {TargetForm::log_sum, "log_sum", "the natural logarithm of their sum"},
       {TargetForm::variance, "variance", "mean of the squares minus square of the mean"},
       {TargetForm::profile, "profile", "logits minus their mean, weighted by their softmax, which is held constant"},
       {TargetForm::probability, "probability", "the sum of the probabilities that logits stand for, 1 / (1 + exp(-x))"}});
}

/// Some numbers of one output, as one number per example.
struct TargetTerm {
  std::string output = {};                  ///< name of the head
  std::vector<std::int64_t> channels = {};  ///< empty: all
  std::int64_t begin = 0;                   ///< positions [begin, end) of the output, 0-based
  std::int64_t end = -1;                    ///< -1: to its end
  TargetForm form = TargetForm::sum;
  double factor = 1;
};

/// Names of channels by output, as `run::OpenRun::names` has them.
using ChannelNames = std::map<std::string, std::vector<std::string>>;

/// How a target applies functions of single numbers and takes constants. Attribution by differences
/// from a reference puts its own rules here; without them both are what they say.
struct TargetRules {
  using Function = at::Tensor (*)(const at::Tensor&);
  std::function<at::Tensor(Function function, const at::Tensor& x)> elementwise = {};
  std::function<at::Tensor(const at::Tensor& x)> constant = {};
};

/// The sum of terms, each with its factor. A value: copy it.
class Target {
 public:
  /// Errors: ArgumentError for no terms.
  explicit Target(std::vector<TargetTerm> terms, std::string text = {});

  /// One number per example (N), from outputs (N, C) or (N, C, L) by name. Differentiable.
  /// Errors: ArgumentError for channels and positions that an output does not have, and for a
  /// logarithm of what is not positive.
  at::Tensor operator()(const Bundle& outputs) const { return operator()(outputs, TargetRules{}); }
  at::Tensor operator()(const Bundle& outputs, const TargetRules& rules) const;

  /// Heads that it reads, each once.
  std::vector<std::string> outputs() const;
  const std::vector<TargetTerm>& terms() const { return terms_; }

  /// As a user writes it: "logits:3 - logits:5".
  const std::string& text() const { return text_; }

 private:
  std::vector<TargetTerm> terms_;
  std::string text_;
};

/// Reads a target:
///
///   TARGET = TERM, or TERM + TERM, TERM - TERM, ... (blanks around + and -)
///   TERM   = [NUMBER*]NUMBERS, or [NUMBER*]FUNCTION(NUMBERS)
///   NUMBERS = HEAD, HEAD:CHANNELS, with [BEGIN:END] behind for a range of output positions
///   CHANNELS = indices from 0 or names, with commas between
///   FUNCTION = sum, mean, log_sum, variance, profile, probability
///
/// "logits", "logits:3", "logits:CTCF,MYC", "counts", "mean(tracks:0[450:500])", "log_sum(rates)",
/// "logits:0 - logits:1", "profile(profile)". Without a function the numbers are summed.
/// Errors: ArgumentError for an unknown head or channel (the nearest name, what there is), and for
/// text that is none of this.
Target parse_target(std::string_view text, const nn::Model& model, const ChannelNames& names = {});

/// The text, or where it is empty the usual target of a run: the only number of a single output, or
/// the counts of a run with a profile.
/// Errors: those of `parse_target`; ArgumentError where the run has no usual target.
Target target_of(const run::OpenRun& run, std::string_view text = {});

/// The same for a model by itself.
Target usual_target(const nn::Model& model, const ChannelNames& names = {});

}  // namespace basewise::interpret
