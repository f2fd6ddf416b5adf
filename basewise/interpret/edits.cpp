#include "basewise/interpret/edits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "basewise/infer/edited_score.h"
#include "basewise/tensor/tokens.h"

namespace basewise::interpret {
namespace {

using Tokens = std::vector<std::uint8_t>;

constexpr std::uint8_t kUnknown = 4;

Bundle rows_of(const Bundle& inputs, const std::vector<std::int64_t>& rows) {
  const at::Tensor which = at::tensor(rows, at::kLong);
  Bundle some;
  for (const auto& [name, value] : inputs) some.set(name, value.index_select(0, which));
  return some;
}

double largest_difference(const Bundle& found, const Bundle& expected) {
  double largest = 0;
  for (const auto& [name, value] : expected) {
    if (value.numel() == 0) continue;
    const at::Tensor a = found.at(name).to(at::kDouble), b = value.to(at::kDouble);
    const double scale = std::max(b.abs().max().item<double>(), 1e-6), apart = (a - b).abs().max().item<double>() / scale;
    largest = std::isfinite(apart) ? std::max(largest, apart) : std::numeric_limits<double>::infinity();
  }
  return largest;
}

}  // namespace

void describe(Visitor& v, EditOptions& o) {
  v("passes", o.passes, "how edited sequences go through the model");
  v("input", o.input, "name of the input that is edited");
  v("heads", o.heads, "outputs that are computed; none named: all");
  v("memory", o.memory, "MiB for values of reference passes and edits in work; changes speed, not numbers", counted(1));
  v("check", o.check, "edits of a call that are also computed by whole passes; 0: none", non_negative());
  v("tolerance", o.tolerance, "largest difference between both, of the largest number of an output", positive());
  v("seed", o.seed, "which edits are checked");
}

std::vector<Edit> substitutions(const Tokens& tokens, std::int64_t sequence, std::int64_t begin, std::int64_t end) {
  if (begin < 0 || end < begin || end > static_cast<std::int64_t>(tokens.size()))
    throw ArgumentError(format("positions [{}, {}) are to be mutated, but the sequence has {} letters", begin, end, tokens.size()));
  std::vector<Edit> edits;
  for (std::int64_t i = begin; i < end; ++i)
    for (std::uint8_t letter = 0; letter < kUnknown; ++letter)
      if (tokens[static_cast<std::size_t>(i)] != letter) edits.push_back({sequence, i, 1, {letter}, {}});
  return edits;
}

Tokens edited(const Tokens& tokens, const Edit& edit) {
  const auto length = static_cast<std::int64_t>(tokens.size());
  if (edit.position < 0 || edit.removed < 0 || edit.position + edit.removed > length)
    throw ArgumentError(format("letters [{}, {}) of sequence {} are replaced, but it has {} letters", edit.position,
                               edit.position + edit.removed, edit.sequence, length));
  for (const Tokens* letters : {&edit.letters, &edit.flank})
    if (std::any_of(letters->begin(), letters->end(), [](std::uint8_t t) { return t > kUnknown; }))
      throw ArgumentError(format("letters of an edit of sequence {} are A C G T N = 0 to 4; there is {}", edit.sequence,
                                 static_cast<int>(*std::max_element(letters->begin(), letters->end()))));
  Tokens after(tokens.begin(), tokens.begin() + edit.position);
  after.insert(after.end(), edit.letters.begin(), edit.letters.end());
  after.insert(after.end(), tokens.begin() + edit.position + edit.removed, tokens.end());
  after.insert(after.end(), edit.flank.begin(), edit.flank.end());
  after.resize(tokens.size(), kUnknown);
  return after;
}

struct EditScorer::State {
  nn::ModelPtr model;
  EditOptions options;
  infer::ScoreFn score;
  infer::EditedScore edited;
  Bundle inputs;                // of the call: the edited one as tokens
  std::set<std::int64_t> held;  // sequences of the reference pass, and their rows in it
  std::vector<std::int64_t> order;

  State(nn::ModelPtr m, infer::StrandStrategy s, infer::OutputForms f, EditOptions o)
      : model(std::move(m)),
        options(std::move(o)),
        score(infer::score_fn(model, s, f)),
        edited(*model, s, std::move(f), {}, {options.input, options.heads}) {}

  const at::Tensor& tokens() const { return inputs.at(options.input); }
  std::int64_t length() const { return tokens().size(1); }
  const std::uint8_t* letters(std::int64_t sequence) const { return tokens().const_data_ptr<std::uint8_t>() + sequence * length(); }

  void read(const Bundle& given) {
    inputs = {};
    held.clear(), order.clear();
    for (const auto& name : model->input_names()) inputs.set(name, given.at(name));
    const at::Tensor& x = given.at(options.input);
    at::Tensor read = x;
    if (!is_tokens(x)) {
      const auto found = x.dim() == 3 && x.size(1) == 4 ? tokens_of(x.to(at::kFloat)) : std::nullopt;
      if (!found)
        throw ArgumentError(format(
            "input '{}' is edited letter by letter, but it is no DNA: one-hot rows (N, 4, length) or tokens (N, length)", options.input));
      read = *found;
    }
    inputs.set(options.input, read.contiguous());
  }

  Bundle wanted(const Bundle& outputs) const {
    if (options.heads.empty()) return outputs;
    Bundle some;
    for (const auto& head : options.heads) some.set(head, outputs.at(head));
    return some;
  }

  // The sequences of some edits, with the letters of the edits.
  Bundle full(std::span<const plan::SequenceEdit> edits) const {
    std::vector<std::int64_t> rows;
    for (const auto& e : edits) rows.push_back(e.example);
    Bundle x = rows_of(inputs, rows);
    at::Tensor letters = x.at(options.input).contiguous();
    for (std::size_t i = 0; i < edits.size(); ++i)
      std::copy(edits[i].letters.begin(), edits[i].letters.end(),
                letters.mutable_data_ptr<std::uint8_t>() + static_cast<std::int64_t>(i) * length() + edits[i].begin);
    x.set(options.input, letters);
    return scored(std::move(x));
  }

  // Models that are not made of layers know one-hot rows alone.
  Bundle scored(Bundle x) const {
    if (model->graph() == nullptr) x.set(options.input, one_hot_of(x.at(options.input), at::kFloat).contiguous());
    return wanted(score(x));
  }

  // Reference passes of these sequences; nothing where they are there already.
  void keep(const std::set<std::int64_t>& sequences) {
    if (std::includes(held.begin(), held.end(), sequences.begin(), sequences.end())) return;
    held = sequences;
    order.assign(held.begin(), held.end());
    kept = edited.keep(rows_of(inputs, order));
  }
  Bundle kept;

  std::int64_t row_of(std::int64_t sequence) const { return std::lower_bound(order.begin(), order.end(), sequence) - order.begin(); }

  Bundle references(const std::vector<std::int64_t>& sequences) {
    keep({sequences.begin(), sequences.end()});
    std::vector<std::int64_t> rows;
    for (const std::int64_t s : sequences) rows.push_back(row_of(s));
    return rows_of(kept, rows);
  }

  Bundle changed(std::span<const plan::SequenceEdit> edits) {
    std::set<std::int64_t> sequences;
    for (const auto& e : edits) sequences.insert(e.example);
    keep(sequences);
    std::vector<plan::SequenceEdit> placed(edits.begin(), edits.end());
    for (auto& e : placed) e.example = row_of(e.example);
    return edited(placed);
  }

  // Those edits that pay by their changed rows, the others by whole passes.
  Bundle mixed(std::span<const plan::SequenceEdit> edits, EditReport& report) {
    std::set<std::int64_t> sequences;
    for (const auto& e : edits) sequences.insert(e.example);
    keep(sequences);
    std::vector<plan::SequenceEdit> few, many;
    std::vector<std::int64_t> places(edits.size());
    for (std::size_t i = 0; i < edits.size(); ++i)
      if (!edited.pays(edits[i])) places[i] = static_cast<std::int64_t>(many.size()), many.push_back(edits[i]);
    for (std::size_t i = 0; i < edits.size(); ++i)
      if (edited.pays(edits[i])) places[i] = static_cast<std::int64_t>(many.size() + few.size()), few.push_back(edits[i]);
    report.full += static_cast<std::int64_t>(many.size());
    if (many.empty()) return changed(edits);
    std::vector<Bundle> parts{full(many)};
    if (!few.empty()) parts.push_back(changed(few));
    return rows_of(concatenate(parts), places);
  }

  void check(std::span<const plan::SequenceEdit> edits, EditReport& report);
};

// The first and the last edit, where a range of positions ends, and some between, drawn by the
// seed. A few edits are worth a few checks.
void EditScorer::State::check(std::span<const plan::SequenceEdit> edits, EditReport& report) {
  const auto n = static_cast<std::int64_t>(edits.size());
  const std::int64_t count = std::min(options.check, 1 + n / 64);
  if (count <= 0 || n == 0) return;
  std::set<std::int64_t> chosen{0};
  if (count > 1) chosen.insert(n - 1);
  Stream draw(static_cast<std::uint64_t>(options.seed));
  while (static_cast<std::int64_t>(chosen.size()) < std::min(count, n))
    chosen.insert(static_cast<std::int64_t>(draw.below(static_cast<std::uint64_t>(n))));
  std::vector<plan::SequenceEdit> some;
  for (const std::int64_t i : chosen) some.push_back(edits[static_cast<std::size_t>(i)]);
  report.checked = static_cast<std::int64_t>(some.size());
  report.largest_difference = largest_difference(changed(some), full(some));
  report.fell_back = !(report.largest_difference <= options.tolerance);
  report.notes.push_back(format("{} of {} edits were also computed by whole passes: largest difference {:.2g} of the largest output{}",
                                report.checked, n, report.largest_difference,
                                report.fell_back ? format(", above {:.2g}: whole passes compute all edits", options.tolerance) : ""));
}

EditScorer::EditScorer(nn::ModelPtr model, infer::StrandStrategy strands, infer::OutputForms forms, EditOptions options) {
  if (!model) throw ArgumentError("edits need a model");
  state_ = std::make_unique<State>(std::move(model), strands, std::move(forms), std::move(options));
}
EditScorer::~EditScorer() = default;

EditReport EditScorer::operator()(const Bundle& inputs, const std::vector<Edit>& edits, const Consumer& consumer, Bundle* references) {
  State& s = *state_;
  s.read(inputs);
  EditReport report;
  report.edits = static_cast<std::int64_t>(edits.size());
  const std::int64_t n = s.tokens().size(0);
  std::vector<plan::SequenceEdit> changes;
  changes.reserve(edits.size());
  for (const Edit& e : edits) {
    if (e.sequence < 0 || e.sequence >= n) throw ArgumentError(format("sequence {} is edited, but there are {}", e.sequence, n));
    const bool one = e.removed == 1 && e.letters.size() == 1 && e.position >= 0 && e.position < s.length() && e.letters.front() <= kUnknown;
    if (one) {
      changes.push_back({e.sequence, e.position, e.letters});
    } else {
      const Tokens before(s.letters(e.sequence), s.letters(e.sequence) + s.length());
      changes.push_back(plan::changed_letters(before, edited(before, e), e.sequence));
    }
  }
  bool full = s.options.passes == EditPasses::full;
  const std::string why = full ? "" : s.edited.refusal(s.inputs);
  if (!why.empty()) full = true, report.notes.push_back(format("all edits are computed by whole passes: {}", why));
  plan::EditedPlan::Costs costs{1, s.length() * 16};
  if (!full && n > 0) costs = s.edited.costs(rows_of(s.inputs, {0})), report.behind = s.edited.behind();
  if (!report.behind.empty())
    report.notes.push_back(format("layers that read everything ({}) and what stands behind them are computed whole for each edit",
                                  fmt::join(report.behind, ", ")));
  const std::int64_t bytes = s.options.memory << 20;
  const std::int64_t most_sequences = std::max<std::int64_t>(1, bytes / 2 / std::max<std::int64_t>(1, costs.example));
  const std::int64_t fit = bytes / 4 / std::max<std::int64_t>(1, costs.edit);
  const std::int64_t most_edits = full ? 64 : std::clamp<std::int64_t>(fit, 1, 65536);
  if (!full) {
    s.check(changes, report);
    full = report.fell_back;
  }
  if (references != nullptr) {
    std::vector<Bundle> parts;
    const std::int64_t each = std::min<std::int64_t>(full ? 64 : most_sequences, std::max<std::int64_t>(n, 1));
    for (std::int64_t first = 0; first < n; first += each) {
      std::vector<std::int64_t> rows;
      for (std::int64_t i = first; i < std::min(n, first + each); ++i) rows.push_back(i);
      parts.push_back(full ? s.scored(rows_of(s.inputs, rows)) : s.references(rows));
    }
    *references = parts.empty() ? s.scored(s.inputs) : concatenate(parts);
  }
  for (std::size_t first = 0; first < changes.size();) {
    std::size_t last = first;
    std::set<std::int64_t> sequences;
    for (; last < changes.size() && static_cast<std::int64_t>(last - first) < most_edits; ++last) {
      sequences.insert(changes[last].example);
      if (!full && static_cast<std::int64_t>(sequences.size()) > most_sequences) break;
    }
    const std::span<const plan::SequenceEdit> some(changes.data() + first, last - first);
    consumer(static_cast<std::int64_t>(first), full ? s.full(some) : s.mixed(some, report));
    first = last;
  }
  if (full) report.full = report.edits;
  if (!full && report.full > 0)
    report.notes.push_back(format("{} of {} edits reach so many rows that whole passes were the faster way", report.full, report.edits));
  return report;
}

}  // namespace basewise::interpret
