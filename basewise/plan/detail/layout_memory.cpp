#include "basewise/plan/detail/layout_memory.h"

#include <algorithm>
#include <utility>

namespace basewise::plan::detail {
namespace {

constexpr Index kLine = 16;   // numbers in a line of cache
constexpr Index kSlack = 64;  // numbers behind a slot that vector loads may touch

Index numbers(Index rows, Index channels) { return (rows * channels + kSlack + kLine - 1) / kLine * kLine; }

}  // namespace

void place_slots(PlanLayout& layout, const SlotLives& lives) {
  std::vector<std::size_t> placed;
  for (std::size_t s = 0; s < layout.slots.size(); ++s) {
    PlanLayout::Slot& here = layout.slots[s];
    if (here.whole) here.capacity = here.needed.count();
    if (here.exported >= 0 || lives[s].last < 0) continue;
    const Index size = numbers(here.capacity, here.channels);
    // The first gap beside all that lives at the same time in the same memory.
    std::vector<std::pair<Index, Index>> taken;
    for (const std::size_t other : placed) {
      const PlanLayout::Slot& o = layout.slots[other];
      if (o.whole == here.whole && lives[other].first <= lives[s].last && lives[s].first <= lives[other].last)
        taken.emplace_back(o.offset, o.offset + numbers(o.capacity, o.channels));
    }
    std::sort(taken.begin(), taken.end());
    Index offset = 0;
    for (const auto& [from, to] : taken) {
      if (offset + size <= from) break;
      offset = std::max(offset, to);
    }
    here.offset = offset;
    Index& total = here.whole ? layout.whole_size : layout.stage_size;
    total = std::max(total, offset + size);
    placed.push_back(s);
  }
}

}  // namespace basewise::plan::detail
