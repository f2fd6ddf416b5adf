#include "basewise/plan/detail/layout.h"

#include <algorithm>
#include <limits>

#include "basewise/plan/detail/layout_memory.h"

namespace basewise::plan::detail {
namespace {

constexpr Index kLeastRows = 48;  // of a step: below it tiles are mostly edges
constexpr Index kMostKept = 4;    // rows that a window keeps, in rows of a step: they are moved once a step
constexpr Index kTile = 12;       // rows of a tile of registers

class Layouter {
 public:
  Layouter(const PlanProgram& program, const PlanStretch& stretch, const std::vector<Index>& lengths, const PlanLimits& limits)
      : program_(program), stretch_(stretch), limits_(limits) {
    layout_.lengths = lengths;
    layout_.places.resize(program.ops.size());
  }

  PlanLayout operator()() {
    place_values();
    find_needs();
    bind_exports();
    cut_stages();
    assign_memory();
    return std::move(layout_);
  }

 private:
  using Slot = PlanLayout::Slot;
  const PlanOp& op(int value) const { return program_.ops[static_cast<std::size_t>(value)]; }
  const PlanStretch::Item& item(int i) const { return stretch_.items[static_cast<std::size_t>(i)]; }
  Index length(int value) const { return layout_.lengths[static_cast<std::size_t>(value)]; }
  PlanLayout::Place& place(int value) { return layout_.places[static_cast<std::size_t>(value)]; }
  Slot& slot(int s) { return layout_.slots[static_cast<std::size_t>(s)]; }
  bool is_alias(const PlanStretch::Item& i) const {
    return !i.load && op(i.value).kind == PlanKind::crop && alias_[static_cast<std::size_t>(i.value)];
  }
  bool has_slot(const PlanStretch::Item& i) const { return i.load || op(i.value).kind != PlanKind::global; }

  // A cropped value is a view of what it was cropped from, unless somebody reads zeros beside it.
  void place_values() {
    alias_.assign(program_.ops.size(), true);
    for (const PlanStretch::Item& i : stretch_.items)
      if (!i.load)
        for (std::size_t k = 0; k < op(i.value).sources.size(); ++k) {
          const int source = op(i.value).sources[k];
          const RowRange r = reads(op(i.value), k, {0, length(i.value)}, length(i.value), length(source), op(i.value).width);
          if (!r.empty() && (r.begin < 0 || r.end > length(source))) alias_[static_cast<std::size_t>(source)] = false;
        }
    for (const PlanStretch::Item& i : stretch_.items) {
      if (is_alias(i)) {
        const PlanLayout::Place& source = place(op(i.value).sources.front());
        place(i.value) = {source.slot, source.shift + op(i.value).crop.left};
      } else if (has_slot(i)) {
        place(i.value) = {static_cast<int>(layout_.slots.size()), 0};
        Slot s;
        s.value = i.value, s.channels = op(i.value).channels, s.length = length(i.value), s.grid.width = op(i.value).width;
        layout_.slots.push_back(s);
      }
    }
  }

  // Calls f(slot, rows of the slot) for what `rows` of an item read.
  template <class F>
  void sources_of(const PlanStretch::Item& i, RowRange rows, F&& f) {
    if (i.load) return;
    for (std::size_t k = 0; k < op(i.value).sources.size(); ++k) {
      const int source = op(i.value).sources[k];
      const Index width = has_slot(i) ? slot(place(i.value).slot).grid.width : 1;
      const RowRange r = reads(op(i.value), k, rows, length(i.value), length(source), width);
      if (r.empty()) continue;
      const PlanLayout::Place& at = place(source);
      f(at.slot, RowRange{r.begin + at.shift, r.end + at.shift});
    }
  }

  RowRange needed_rows(const PlanStretch::Item& i) { return has_slot(i) ? slot(place(i.value).slot).needed : RowRange{0, 1}; }

  void find_needs() {
    for (const int value : stretch_.exports)
      slot(place(value).slot).needed.include({place(value).shift, place(value).shift + length(value)});
    for (std::size_t i = stretch_.items.size(); i-- > 0;) {
      const PlanStretch::Item& it = stretch_.items[i];
      if (is_alias(it)) continue;
      if (!it.load && op(it.value).kind == PlanKind::conv) {
        Slot& s = slot(place(it.value).slot);
        s.grid = kernels::packed_grid(op(it.value).shape(), s.made().count(), limits_.winograd);
      }
      sources_of(it, needed_rows(it), [&](int s, RowRange r) { slot(s).needed.include(r); });
    }
  }

  void bind_exports() {
    for (std::size_t e = 0; e < stretch_.exports.size(); ++e) {
      const PlanLayout::Place at = place(stretch_.exports[e]);
      Slot& s = slot(at.slot);
      s.whole = true;
      const bool fits = s.needed.begin == at.shift && s.needed.end == at.shift + length(stretch_.exports[e]) && s.needed.begin >= 0 &&
                        s.needed.end <= s.length;
      if (fits && s.exported < 0)
        s.exported = static_cast<int>(e);
      else
        layout_.copies.push_back(static_cast<int>(e));
    }
  }

  // What runs through one stage, in `steps` steps; `most` bounds the steps that are looked at.
  struct Flow {
    PlanLayout::Strip strip;
    std::vector<std::pair<int, Index>> windows;  // slot, rows
  };

  struct Members {
    std::vector<int> items;
    std::vector<int> inner;    // slots made and read within alone
    std::vector<int> results;  // slots made within that somebody else reads
    bool tangled = false;      // some are read within too
  };

  Members members(int begin, int end) {
    Members m;
    std::vector<char> made(layout_.slots.size(), 0), read(layout_.slots.size(), 0), outside(layout_.slots.size(), 0);
    for (int i = 0; i < static_cast<int>(stretch_.items.size()); ++i) {
      if (is_alias(item(i))) continue;
      const bool within = i >= begin && i < end;
      if (within) {
        m.items.push_back(i);
        if (has_slot(item(i))) made[static_cast<std::size_t>(place(item(i).value).slot)] = 1;
      }
      sources_of(item(i), needed_rows(item(i)), [&](int s, RowRange) { (within ? read : outside)[static_cast<std::size_t>(s)] = 1; });
    }
    for (std::size_t s = 0; s < layout_.slots.size(); ++s) {
      if (made[s] == 0) continue;
      const bool result = outside[s] != 0 || layout_.slots[s].whole;
      (result ? m.results : m.inner).push_back(static_cast<int>(s));
      m.tangled = m.tangled || (result && read[s] != 0);
    }
    return m;
  }

  // The rows of each slot and the part of the results that a strip makes.
  RowRange part(int s, Index index, Index count) {
    const RowRange all = slot(s).needed;
    return {index == 0 ? all.begin : floored(s, all.begin + all.count() * index / count),
            index + 1 == count ? all.end : floored(s, all.begin + all.count() * (index + 1) / count)};
  }

  // Rows come in whole periods.
  Index floored(int s, Index row) {
    const RowRange made = slot(s).made();
    const Index period = slot(s).grid.period;
    return row <= made.begin || row >= made.end ? row : made.begin + (row - made.begin) / period * period;
  }
  Index raised(int s, Index row) { return raised(s, row, slot(s).grid.period); }
  Index raised(int s, Index row, Index unit) {
    const RowRange made = slot(s).made();
    if (row <= made.begin || row >= made.end) return row;
    return std::min(made.end, made.begin + (row - made.begin + unit - 1) / unit * unit);
  }

  // Rows of a step fill whole tiles of registers.
  Index filled(int s, Index row) {
    const kernels::PackedGrid& grid = slot(s).grid;
    const Index tiles = grid.winograd ? grid.period / 4 : 1;  // of a period
    return raised(s, row, grid.period * std::max<Index>(1, (kTile + tiles - 1) / tiles));
  }

  Flow flow(const Members& m, Index strip, Index strips, Index steps, Index most) {
    const std::size_t n = layout_.slots.size();
    // Where each slot begins in this strip.
    std::vector<RowRange> all(n);
    std::vector<char> mine(n, 0);
    for (const int s : m.results) all[static_cast<std::size_t>(s)] = part(s, strip, strips), mine[static_cast<std::size_t>(s)] = 1;
    for (const int s : m.inner) mine[static_cast<std::size_t>(s)] = 1;
    for (std::size_t i = m.items.size(); i-- > 0;) {
      const PlanStretch::Item& it = item(m.items[i]);
      RowRange rows{0, 1};
      if (has_slot(it)) {
        const int s = place(it.value).slot;
        RowRange& mine_of = all[static_cast<std::size_t>(s)];
        if (!mine_of.empty()) mine_of = {floored(s, mine_of.begin), raised(s, mine_of.end)};
        rows = mine_of;
      }
      sources_of(it, rows, [&](int s, RowRange r) {
        if (mine[static_cast<std::size_t>(s)] != 0) all[static_cast<std::size_t>(s)].include(r);
      });
    }
    Flow result;
    std::vector<Index> have(n, 0), wanted(n, 0), keep(n, 0), window(n, 0);
    for (std::size_t s = 0; s < n; ++s) have[s] = all[s].begin;
    for (const int s : m.inner) result.strip.first.emplace_back(s, all[static_cast<std::size_t>(s)].begin);
    for (Index step = 0; step < std::min(steps, most); ++step) {
      for (std::size_t s = 0; s < n; ++s) wanted[s] = have[s], keep[s] = std::numeric_limits<Index>::max();
      for (const int s : m.results) {
        const RowRange r = part(s, strip, strips);
        auto& end = wanted[static_cast<std::size_t>(s)];
        end = std::max(end, r.begin + r.count() * (step + 1) / steps);
      }
      for (std::size_t i = m.items.size(); i-- > 0;) {
        const PlanStretch::Item& it = item(m.items[i]);
        RowRange rows{0, step + 1 == steps ? 1 : 0};
        RowRange later{0, 1};
        if (has_slot(it)) {
          const auto s = static_cast<std::size_t>(place(it.value).slot);
          if (wanted[s] > have[s]) wanted[s] = std::max(wanted[s], std::min(filled(static_cast<int>(s), wanted[s]), all[s].end));
          rows = {have[s], wanted[s]};
          later = {std::max<Index>(have[s], 0), all[s].end};
        }
        sources_of(it, rows,
                   [&](int s, RowRange r) { wanted[static_cast<std::size_t>(s)] = std::max(wanted[static_cast<std::size_t>(s)], r.end); });
        sources_of(it, later,
                   [&](int s, RowRange r) { keep[static_cast<std::size_t>(s)] = std::min(keep[static_cast<std::size_t>(s)], r.begin); });
      }
      for (const int i : m.items) {
        RowRange rows{0, step + 1 == steps ? 1 : 0};
        Index kept = 0;
        if (has_slot(item(i))) {
          const auto s = static_cast<std::size_t>(place(item(i).value).slot);
          rows = {have[s], wanted[s]};
          kept = std::min(keep[s], have[s]);
          window[s] = std::max(window[s], wanted[s] - kept);
          have[s] = std::max(have[s], wanted[s]);
        }
        if (!rows.empty()) result.strip.tasks.push_back({i, rows, kept});
      }
    }
    for (const int s : m.inner) result.windows.emplace_back(s, window[static_cast<std::size_t>(s)]);
    return result;
  }

  Index weight_bytes(const Members& m) {
    Index bytes = 0;
    for (const int i : m.items) {
      if (item(i).load || op(item(i).value).kind != PlanKind::conv) continue;
      const PlanOp& o = op(item(i).value);
      bytes += slot(place(item(i).value).slot).grid.factors * o.weight.size(1) * o.channels * Index{sizeof(float)};
    }
    return bytes;
  }

  // Whether a stage of these steps stays in cache and does not lose more at the edges of its steps,
  // or by reading weights again, than it wins.
  bool fits(const Members& m, Index steps) {
    const Flow f = flow(m, 0, 1, steps, 16);
    Index bytes = 0, spared = 0;
    bool good = true;
    for (const auto& [s, rows] : f.windows) {
      const Index row = slot(s).channels * Index{sizeof(float)}, fresh = slot(s).needed.count() / steps;
      bytes += rows * row;
      spared += 2 * slot(s).needed.count() * row;  // written and read
      if (steps > 1) good = good && fresh >= kLeastRows && rows <= fresh * (kMostKept + 1);
    }
    for (const int s : m.results) {
      const Index fresh = slot(s).needed.count() / steps;
      bytes += fresh * slot(s).channels * Index{sizeof(float)};
      if (steps > 1) good = good && fresh >= kLeastRows;
    }
    return good && bytes <= limits_.cache && (steps - 1) * weight_bytes(m) <= spared;
  }

  // The fewest steps with which all of it stays in cache; 0: none.
  Index steps_for(const Members& m) {
    if (m.inner.empty()) return 1;
    Index longest = 1;
    for (const int s : m.results) longest = std::max(longest, slot(s).needed.count());
    if (limits_.rows > 0) return std::max<Index>(1, longest / limits_.rows);
    for (Index steps = 1; steps == 1 || longest / steps >= kLeastRows; steps += std::max<Index>(1, steps / 4))
      if (fits(m, steps)) return steps;
    return 0;
  }

  bool alone(int i) const { return !has_slot(item(i)); }

  void cut_stages() {
    const int count = static_cast<int>(stretch_.items.size());
    for (int begin = 0; begin < count;) {
      if (is_alias(item(begin))) {
        ++begin;
        continue;
      }
      int end = begin + 1;
      Members best = members(begin, end);
      Index steps = 1;
      for (int next = begin + 1; !alone(begin) && next < count && !alone(next); ++next) {
        Members longer = members(begin, next + 1);
        const Index here = steps_for(longer);
        if (here == 0) break;
        if (limits_.strips > 1 && longer.tangled) continue;
        best = std::move(longer), end = next + 1, steps = here;
      }
      add_stage(best, steps);
      begin = end;
    }
  }

  void add_stage(const Members& m, Index steps) {
    PlanLayout::Stage stage;
    stage.items = m.items;
    stage.steps = steps;
    for (const int s : m.results) slot(s).whole = true;
    Index longest = 1;
    for (const int s : m.results) longest = std::max(longest, slot(s).needed.count());
    const Index strips = m.tangled ? 1 : std::clamp<Index>(longest / kLeastRows, 1, limits_.strips);
    for (Index strip = 0; strip < strips; ++strip) {
      Flow f = flow(m, strip, strips, std::max<Index>(1, steps / strips), std::numeric_limits<Index>::max());
      for (const auto& [s, rows] : f.windows) slot(s).capacity = std::max(slot(s).capacity, rows);
      stage.strips.push_back(std::move(f.strip));
    }
    layout_.stages.push_back(std::move(stage));
  }

  void assign_memory() {
    const int stages = static_cast<int>(layout_.stages.size());
    SlotLives lives(layout_.slots.size(), {stages, -1});
    for (int i = 0; i < stages; ++i) {
      for (const int it : layout_.stages[static_cast<std::size_t>(i)].items) {
        const auto touch = [&](int s) {
          SlotLife& life = lives[static_cast<std::size_t>(s)];
          life = {std::min(life.first, i), std::max(life.last, i)};
        };
        if (has_slot(item(it))) touch(place(item(it).value).slot);
        sources_of(item(it), needed_rows(item(it)), [&](int s, RowRange) { touch(s); });
      }
    }
    for (const int e : layout_.copies)
      lives[static_cast<std::size_t>(place(stretch_.exports[static_cast<std::size_t>(e)]).slot)].last = stages;
    place_slots(layout_, lives);
  }

  const PlanProgram& program_;
  const PlanStretch& stretch_;
  const PlanLimits& limits_;
  PlanLayout layout_;
  std::vector<char> alias_;
};

}  // namespace

PlanLayout make_layout(const PlanProgram& program, const PlanStretch& stretch, const std::vector<Index>& lengths,
                       const PlanLimits& limits) {
  return Layouter(program, stretch, lengths, limits)();
}

}  // namespace basewise::plan::detail
