#include "basewise/variants/detail/window_passes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "basewise/core/error.h"
#include "basewise/infer/ensemble.h"
#include "basewise/tensor/tokens.h"

namespace basewise::variants::detail {
namespace {

// Values of reference passes, and of edits in work.
constexpr std::int64_t kKeptBytes = std::int64_t{64} << 20, kEditBytes = std::int64_t{64} << 20;
// Above this a whole pass, whose layers run one after the other in cache, is the only way.
constexpr std::int64_t kMostKeptBytes = std::int64_t{4} << 30;
constexpr std::int64_t kMostEdits = 4096;
// Where alleles of several haplotypes lie side by side.
constexpr std::ptrdiff_t kOpenTiles = 8;

infer::EnsembleOptions ensemble_of(const run::OpenRun& run, const VariantOptions& o) {
  infer::EnsembleOptions ensemble = run.recipe.ensemble;
  if (!o.shifts.empty()) ensemble.shifts = o.shifts;
  return ensemble;
}

at::Tensor tokens_of(std::span<const seq::Token> letters) {
  const at::Tensor tokens = at::empty({1, std::ssize(letters)}, at::kByte);
  std::copy(letters.begin(), letters.end(), tokens.mutable_data_ptr<std::uint8_t>());
  return tokens;
}

/// (windows, length).
at::Tensor tokens_of(const WindowBatch& batch, std::span<const std::int64_t> windows) {
  const at::Tensor tokens = at::empty({std::ssize(windows), batch.length}, at::kByte);
  auto* to = tokens.mutable_data_ptr<std::uint8_t>();
  for (const std::int64_t w : windows) to = std::copy_n(batch.letters(w).begin(), batch.length, to);
  return tokens;
}

}  // namespace

std::vector<WindowTile> tiles_of(const WindowBatch& batch, std::vector<std::int64_t> chosen, std::int64_t step, std::int64_t longest) {
  const auto of = [&](std::int64_t w) -> const AlleleWindow& { return batch.windows[static_cast<std::size_t>(w)]; };
  std::sort(chosen.begin(), chosen.end(), [&](std::int64_t a, std::int64_t b) {
    return std::tuple(of(a).sequence, of(a).begin, a) < std::tuple(of(b).sequence, of(b).begin, b);
  });
  std::vector<WindowTile> tiles;
  const auto joins = [&](WindowTile& tile, std::int64_t w) {
    const AlleleWindow& first = of(tile.windows.front());
    const std::int64_t at = of(w).begin - first.begin, common = std::ssize(tile.tokens) - at;
    if (of(w).sequence != first.sequence || at % step != 0 || 2 * common < batch.length || at + batch.length > longest) return false;
    const auto letters = batch.letters(w);
    if (!std::equal(tile.tokens.begin() + at, tile.tokens.end(), letters.begin())) return false;
    tile.tokens.insert(tile.tokens.end(), letters.begin() + common, letters.end());
    tile.windows.push_back(w);
    tile.places.push_back({0, at});
    return true;
  };
  for (const std::int64_t w : chosen) {
    const auto oldest = tiles.rbegin() + std::min(kOpenTiles, std::ssize(tiles));
    if (std::any_of(tiles.rbegin(), oldest, [&](WindowTile& tile) { return joins(tile, w); })) continue;
    const auto letters = batch.letters(w);
    tiles.push_back({{w}, {{0, 0}}, {letters.begin(), letters.end()}});
  }
  return tiles;
}

WindowPasses::WindowPasses(const run::OpenRun& run, const VariantOptions& options)
    : o_(options),
      score_(infer::ensemble_fn(run.model, run::strategy_of(options.strand_strategy, run), run.forms, ensemble_of(run, options),
                                run.recipe.seed)),
      edited_(*run.model, run::strategy_of(options.strand_strategy, run), run.forms, ensemble_of(run, options),
              {.heads = options.outputs}) {}

// What the run allows, found on the first window.
void WindowPasses::prepare(const WindowBatch& batch) {
  if (prepared_ || batch.windows.empty()) return;
  prepared_ = true;
  if (o_.passes == VariantPasses::whole) {
    refusal_ = "whole passes were asked for";
    return;
  }
  const Bundle first{{"sequence", tokens_of(batch.letters(0))}};
  refusal_ = edited_.refusal(first);
  if (!refusal_.empty()) return;
  costs_ = edited_.costs(first);
  if (const auto behind = edited_.behind(); !behind.empty())
    refusal_ = format("layers read everything: {}", fmt::join(behind, ", "));
  else if (costs_.example > kMostKeptBytes)
    refusal_ = format("the values of a window take {} MiB", costs_.example >> 20);
  else
    step_ = edited_.window_step(first);
}

// Windows that are computed from another one. That is itself a window of its own: of a chain, the
// first.
std::vector<WindowPasses::Change> WindowPasses::find_changes(const WindowBatch& batch) const {
  std::vector<Change> changes;
  if (!refusal_.empty()) return changes;
  std::vector<std::int64_t> origin(batch.windows.size());
  for (std::size_t w = 0; w < origin.size(); ++w) {
    origin[w] = static_cast<std::int64_t>(w);
    if (batch.windows[w].base < 0) continue;
    const std::int64_t base = origin[static_cast<std::size_t>(batch.windows[w].base)];
    plan::SequenceEdit edit = plan::changed_letters(batch.letters(base), batch.letters(static_cast<std::int64_t>(w)), base);
    if (!edited_.pays(edit)) continue;
    origin[w] = base;
    changes.push_back({static_cast<std::int64_t>(w), std::move(edit)});
  }
  return changes;
}

void WindowPasses::run_whole(const WindowBatch& batch, std::span<const std::int64_t> windows, const Consumer& consumer) {
  while (!windows.empty()) {
    const auto some = windows.first(std::min(windows.size(), static_cast<std::size_t>(o_.batch_size)));
    consumer(whole(one_hot_of(tokens_of(batch, some)).contiguous()), some);
    whole_passes_ += static_cast<double>(some.size());
    windows = windows.subspan(some.size());
  }
}

// Changes of the windows of the last reference pass, which are `kept`.
void WindowPasses::run_changes(std::span<const std::int64_t> kept, const std::vector<Change>& changes, const Consumer& consumer) {
  std::map<std::int64_t, std::int64_t> place;
  for (std::size_t i = 0; i < kept.size(); ++i) place[kept[i]] = static_cast<std::int64_t>(i);
  std::vector<plan::SequenceEdit> edits;
  std::vector<std::int64_t> windows;
  for (const Change& change : changes) {
    const auto found = place.find(change.edit.example);
    if (found == place.end()) continue;
    edits.push_back(change.edit);
    edits.back().example = found->second;
    windows.push_back(change.window);
  }
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(kEditBytes / std::max<std::int64_t>(1, costs_.edit), 1, kMostEdits));
  for (std::size_t from = 0; from < edits.size(); from += most) {
    const std::size_t n = std::min(most, edits.size() - from);
    consumer(edited_(std::span(edits).subspan(from, n)), std::span(windows).subspan(from, n));
  }
}

void WindowPasses::operator()(const WindowBatch& batch, const Consumer& consumer) {
  prepare(batch);
  const std::vector<Change> changes = find_changes(batch);
  std::vector<char> changed(batch.windows.size(), 0), is_base(batch.windows.size(), 0);
  for (const Change& change : changes)
    changed[static_cast<std::size_t>(change.window)] = is_base[static_cast<std::size_t>(change.edit.example)] = 1;
  std::vector<std::int64_t> own, alone, bases;
  for (std::size_t w = 0; w < batch.windows.size(); ++w)
    if (changed[w] == 0) own.push_back(static_cast<std::int64_t>(w));
  const std::int64_t fit = std::max<std::int64_t>(1, kKeptBytes / std::max<std::int64_t>(1, costs_.example));
  const auto put = [&](std::int64_t w) { (is_base[static_cast<std::size_t>(w)] != 0 ? bases : alone).push_back(w); };
  if (step_ == 0) std::for_each(own.begin(), own.end(), put);
  if (step_ > 0)
    for (const WindowTile& tile : tiles_of(batch, own, step_, batch.length * fit)) {
      if (tile.windows.size() == 1) {
        put(tile.windows.front());
        continue;
      }
      consumer(edited_.keep({{"sequence", tokens_of(tile.tokens)}}, tile.places, batch.length), tile.windows);
      run_changes(tile.windows, changes, consumer);
    }
  for (std::span<const std::int64_t> rest = bases; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), static_cast<std::size_t>(std::min(fit, o_.batch_size))));
    consumer(edited_.keep({{"sequence", tokens_of(batch, some)}}), some);
    run_changes(some, changes, consumer);
    rest = rest.subspan(some.size());
  }
  run_whole(batch, alone, consumer);
}

}  // namespace basewise::variants::detail
