#include "basewise/spec/strand_form.h"

#include <utility>

namespace basewise::spec {

bool StrandPlace::stranded() const {
  return head != nullptr && (head->strands == StrandRule::paired || head->strands == StrandRule::complemented);
}

void refuse_sharing(const LayerSpec& layer, const std::string& why) {
  throw ArgumentError(format("{}: has no form that is shared between the strands: {}", layer.label(), why));
}

LayerSpec strand_pool(std::string name, const FilePosition& where, StrandPool kind) {
  return made_layer(std::move(name), "rc_pool", where, {{"kind", {std::string(to_word(kind)), {}}}});
}

void put_strand_pool(LayerSpec& reader, bool positions, StrandWriter& out, bool pairs_to_one) {
  const StrandPool kind = out.options().pool;
  const bool weighted = kind == StrandPool::weighted;
  if (weighted && !positions)
    refuse_sharing(reader,
                   "strand.pool = \"weighted\" weighs positions, and there are none left here; use sum or mean");
  LayerSpec pool = strand_pool(out.fresh("strands", reader.where), reader.where, kind);
  std::swap(pool.from, reader.from);
  std::swap(pool.from_where, reader.from_where);
  std::swap(pool.combine, reader.combine);
  out.put(std::move(pool));
  if (weighted && pairs_to_one) out.put(strand_pool(out.fresh("pairs", reader.where), reader.where, StrandPool::sum));
}

}  // namespace basewise::spec
