#include "basewise/spec/strand_form.h"

#include <utility>

namespace basewise::spec {

bool StrandPlace::stranded() const {
  return head != nullptr && (head->strands == StrandRule::paired || head->strands == StrandRule::complemented);
}

void refuse_sharing(const LayerSpec& layer, const std::string& why) {
  throw ArgumentError(format("{}: has no form that is shared between the strands: {}", layer.label(), why));
}

void put_strand_pool(LayerSpec& reader, bool positions, StrandWriter& out, bool pairs_to_one) {
  const std::string& kind = out.options().pool;
  const bool weighted = kind == "weighted";
  if (weighted && !positions)
    refuse_sharing(reader,
                   "strand.pool = \"weighted\" weighs positions, and there are none left here; use sum or mean");
  LayerSpec pool = made_layer(out.fresh("strands", reader.where), "rc_pool", reader.where, {{"kind", {kind, {}}}});
  std::swap(pool.from, reader.from);
  std::swap(pool.from_where, reader.from_where);
  std::swap(pool.combine, reader.combine);
  out.put(std::move(pool));
  if (weighted && pairs_to_one)
    out.put(
        made_layer(out.fresh("pairs", reader.where), "rc_pool", reader.where, {{"kind", {std::string("sum"), {}}}}));
}

}  // namespace basewise::spec
