#include "basewise/interpret/target.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/tensor/tensors.h"

namespace basewise::interpret {
namespace {

/// The numbers of a term, (N, channels) or (N, channels, positions).
at::Tensor numbers_of(const TargetTerm& term, const at::Tensor& output) {
  at::Tensor x = output;
  if (!term.channels.empty()) {
    if (x.dim() < 2) throw ShapeError(format("output '{}' {} has no channels", term.output, shape_text(x.sizes())));
    for (const std::int64_t channel : term.channels)
      if (channel < 0 || channel >= x.size(1))
        throw ArgumentError(format("output '{}' has no channel {}: there are {}, counted from 0", term.output, channel, x.size(1)));
    x = x.index_select(1, at::tensor(term.channels, at::TensorOptions().dtype(at::kLong)).to(x.device()));
  }
  if (term.begin == 0 && term.end < 0) return x;
  if (x.dim() < 3)
    throw ArgumentError(
        format("output '{}' {} has no positions, so that no range of them can be taken", term.output, shape_text(x.sizes())));
  const std::int64_t end = term.end < 0 ? x.size(2) : term.end;
  if (term.begin < 0 || term.begin >= end || end > x.size(2))
    throw ArgumentError(
        format("output '{}' has positions 0 to {}; the range [{}:{}] is not among them", term.output, x.size(2) - 1, term.begin, end));
  return x.slice(2, term.begin, end);
}

at::Tensor logarithm(const at::Tensor& x) { return x.log(); }
at::Tensor square(const at::Tensor& x) { return x.square(); }
at::Tensor logistic(const at::Tensor& x) { return x.sigmoid(); }

at::Tensor elementwise(const TargetRules& rules, TargetRules::Function function, const at::Tensor& x) {
  return rules.elementwise ? rules.elementwise(function, x) : function(x);
}

/// One number per example, (N, numbers) to (N).
at::Tensor made(const TargetTerm& term, const at::Tensor& x, const TargetRules& rules) {
  switch (term.form) {
    case TargetForm::sum:
      return x.sum(1);
    case TargetForm::mean:
      return x.mean(1);
    case TargetForm::log_sum: {
      const at::Tensor sum = x.sum(1);
      if ((sum <= 0).any().item<bool>())
        throw ArgumentError(
            format("log_sum({}): a sum is {:.4g}, and only what is positive has a logarithm; take sum, or an output of rates", term.output,
                   sum.min().item<double>()));
      return elementwise(rules, logarithm, sum);
    }
    case TargetForm::variance:
      return elementwise(rules, square, x).mean(1) - elementwise(rules, square, x.mean(1));
    case TargetForm::profile: {
      const at::Tensor weights = x.detach().softmax(1);
      return ((x - x.mean(1, /*keepdim=*/true)) * (rules.constant ? rules.constant(weights) : weights)).sum(1);
    }
    case TargetForm::probability:
      return elementwise(rules, logistic, x).sum(1);
  }
  throw InternalError("unknown form of a target");
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads the text of a target, one term after the other.
class TargetReader {
 public:
  TargetReader(std::string_view text, const nn::Model& model, const ChannelNames& names) : text_(text), model_(model), names_(names) {}

  std::vector<TargetTerm> terms() const {
    std::vector<TargetTerm> all;
    double sign = 1;
    std::size_t begin = 0;
    while (true) {
      const std::size_t end = std::min(text_.find(" + ", begin), text_.find(" - ", begin));
      all.push_back(term(trimmed(text_.substr(begin, end - begin)), sign));
      if (end == std::string_view::npos) return all;
      sign = text_[end + 1] == '-' ? -1 : 1;
      begin = end + 3;
    }
  }

 private:
  [[noreturn]] void refuse(std::string_view found, std::string_view wanted) const {
    throw ArgumentError(
        format("target '{}': '{}' is not {}; write HEAD, HEAD:CHANNEL, HEAD:CHANNEL[BEGIN:END], FUNCTION(...) with FUNCTION one "
               "of {}, and A + B or A - B with blanks around the sign",
               text_, found, wanted, fmt::join(all_words<TargetForm>(), ", ")));
  }

  TargetTerm term(std::string_view text, double sign) const {
    TargetTerm term;
    term.factor = sign;
    if (text.empty()) refuse(text, "a term");
    if (const std::size_t star = text.find('*'); star != std::string_view::npos) {
      const auto factor = number_of<double>(trimmed(text.substr(0, star)));
      if (!factor) refuse(text.substr(0, star), "a number");
      term.factor *= *factor;
      text = trimmed(text.substr(star + 1));
    }
    // A head may be called as a function is: only a bracket makes it one.
    if (const std::size_t open = text.find('('); open != std::string_view::npos && text.back() == ')') {
      const auto form = find_choice<TargetForm>(text.substr(0, open));
      if (!form) refuse(text.substr(0, open), "a function");
      term.form = *form;
      text = trimmed(text.substr(open + 1, text.size() - open - 2));
    }
    if (!text.empty() && text.back() == ']') {
      const std::size_t open = text.rfind('['), colon = text.find(':', open == std::string_view::npos ? 0 : open);
      if (open == std::string_view::npos || colon == std::string_view::npos) refuse(text, "a range of positions");
      const std::string_view from = text.substr(open + 1, colon - open - 1), to = text.substr(colon + 1, text.size() - colon - 2);
      const auto begin = from.empty() ? std::optional<std::int64_t>(0) : number_of<std::int64_t>(from);
      const auto end = to.empty() ? std::optional<std::int64_t>(-1) : number_of<std::int64_t>(to);
      if (!begin || !end || *begin < 0 || (!to.empty() && *end <= *begin)) refuse(text.substr(open), "a range of positions");
      term.begin = *begin, term.end = *end;
      text = text.substr(0, open);
    }
    const std::size_t colon = text.find(':');
    term.output = head(trimmed(text.substr(0, colon)));
    if (colon != std::string_view::npos) term.channels = channels(term.output, text.substr(colon + 1));
    return term;
  }

  std::string head(std::string_view name) const {
    const std::vector<std::string> heads = model_.output_names();
    if (std::find(heads.begin(), heads.end(), name) != heads.end()) return std::string(name);
    const auto near = nearest(name, heads);
    throw ArgumentError(format("target '{}': the model has no output '{}'; {}there are: {}", text_, name,
                               near ? format("did you mean '{}'? ", *near) : std::string(), fmt::join(heads, ", ")));
  }

  std::vector<std::int64_t> channels(const std::string& head, std::string_view list) const {
    const auto known = names_.find(head);
    const std::vector<std::string> none, &names = known == names_.end() ? none : known->second;
    std::vector<std::int64_t> all;
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      const std::string_view one = trimmed(list.substr(begin, end - begin));
      begin = end + 1;
      if (const auto named = std::find(names.begin(), names.end(), one); named != names.end()) {
        all.push_back(named - names.begin());
        continue;
      }
      const auto index = number_of<std::int64_t>(one);
      if (!index || *index < 0) refuse_channel(head, one, names);
      if (!names.empty() && *index >= static_cast<std::int64_t>(names.size()))
        throw ArgumentError(
            format("target '{}': output '{}' has no channel {}: there are {}, counted from 0", text_, head, *index, names.size()));
      all.push_back(*index);
    }
    return all;
  }

  [[noreturn]] void refuse_channel(const std::string& head, std::string_view one, const std::vector<std::string>& names) const {
    if (names.empty())
      throw ArgumentError(
          format("target '{}': '{}' is no channel of output '{}', whose channels have no names; give an index from 0", text_, one, head));
    constexpr std::size_t kShown = 20;
    const std::vector<std::string> shown(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
    const auto near = nearest(one, names);
    throw ArgumentError(format("target '{}': output '{}' has no channel '{}'; {}there are: {}{}", text_, head, one,
                               near ? format("did you mean '{}'? ", *near) : std::string(), fmt::join(shown, ", "),
                               names.size() > kShown ? format(" and {} more", names.size() - kShown) : std::string()));
  }

  std::string_view text_;
  const nn::Model& model_;
  const ChannelNames& names_;
};

constexpr std::string_view kHeadType = "head";  ///< as `nn::ActivationRow::type` has it

/// Channels of an output, and whether it has positions; nothing where a model does not say.
std::optional<std::vector<std::int64_t>> shape_of(const nn::Model& model, const std::string& output) {
  for (const nn::ActivationRow& row : model.activation_paths())
    if (row.path == output && row.type == kHeadType) return row.shape;
  return std::nullopt;
}

}  // namespace

Target::Target(std::vector<TargetTerm> terms, std::string text) : terms_(std::move(terms)), text_(std::move(text)) {
  if (terms_.empty()) throw ArgumentError("a target needs at least one output of the model");
}

at::Tensor Target::operator()(const Bundle& outputs, const TargetRules& rules) const {
  at::Tensor sum;
  for (const TargetTerm& term : terms_) {
    const at::Tensor numbers = numbers_of(term, outputs.at(term.output));
    at::Tensor one = made(term, numbers.dim() > 1 ? numbers.flatten(1) : numbers.unsqueeze(1), rules);
    if (term.factor != 1) one = one * term.factor;
    sum = sum.defined() ? sum + one : one;
  }
  return sum;
}

std::vector<std::string> Target::outputs() const {
  std::vector<std::string> names;
  for (const TargetTerm& term : terms_)
    if (std::find(names.begin(), names.end(), term.output) == names.end()) names.push_back(term.output);
  return names;
}

Target parse_target(std::string_view text, const nn::Model& model, const ChannelNames& names) {
  return Target(TargetReader(trimmed(text), model, names).terms(), std::string(trimmed(text)));
}

Target usual_target(const nn::Model& model, const ChannelNames& names) {
  const std::vector<std::string> heads = model.output_names();
  const auto taken = [&](const std::string& head) { return parse_target(head, model, names); };
  if (heads.size() == 1) {
    const auto shape = shape_of(model, heads.front());
    if (shape && shape->size() == 1 && shape->front() == 1) return taken(heads.front());
  }
  const auto counts = std::find(heads.begin(), heads.end(), "counts");
  if (heads.size() > 1 && counts != heads.end()) return taken(*counts);
  const auto labels = names.find(heads.front());
  const std::string example = labels != names.end() && !labels->second.empty() ? labels->second.front() : "0";
  throw ArgumentError(
      format("which number is attributed must be said: the model has the outputs {}; say a target such as '{}:{}' or 'mean({})'",
             fmt::join(heads, ", "), heads.front(), example, heads.front()));
}

Target target_of(const run::OpenRun& run, std::string_view text) {
  return trimmed(text).empty() ? usual_target(*run.model, run.names) : parse_target(text, *run.model, run.names);
}

}  // namespace basewise::interpret
