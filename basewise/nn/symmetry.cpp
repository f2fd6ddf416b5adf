#include "basewise/nn/symmetry.h"

#include "basewise/core/format.h"

namespace basewise::nn {

std::string Symmetry::to_string(std::int64_t channels) const {
  switch (moves) {
    case Moves::none:
      return {};
    case Moves::unchanged:
      return "invariant";
    case Moves::complemented:
      return "RC pairs";
    case Moves::paired:
      return "strand pairs";
    case Moves::split:
      return odd == 0 ? std::string("mirrored") : format("{} a, {} b", channels - odd, odd);
  }
  return {};
}

Symmetry symmetry_of(StrandRule rule, std::int64_t channels, bool positions) {
  using Moves = Symmetry::Moves;
  switch (rule) {
    case StrandRule::unchanged:
      return {Moves::unchanged};
    case StrandRule::mirrored:
      return {positions ? Moves::split : Moves::unchanged};
    case StrandRule::paired:
      return {channels == 2 ? Moves::complemented : Moves::paired};
    case StrandRule::complemented:
      return {Moves::complemented};
    case StrandRule::tokens:
      break;
  }
  return Symmetry::none();
}

bool moves_by(const Symmetry& symmetry, StrandRule rule, std::int64_t channels, bool positions) {
  const Symmetry wanted = symmetry_of(rule, channels, positions);
  if (symmetry.moves == wanted.moves) return symmetry.odd == wanted.odd && !wanted.is(Symmetry::Moves::none);
  // One channel that is its own partner is mirrored.
  if (channels == 1 && positions) {
    const auto mirrored = [](const Symmetry& s) {
      return s.is(Symmetry::Moves::complemented) || (s.is(Symmetry::Moves::split) && s.odd == 0);
    };
    return mirrored(symmetry) && mirrored(wanted);
  }
  return channels == 1 && symmetry.is(Symmetry::Moves::complemented) && wanted.is(Symmetry::Moves::unchanged);
}

}  // namespace basewise::nn
