#include "basewise/data/dataset.h"

#include "basewise/core/error.h"

namespace basewise::data {

ExampleRow::ExampleRow(const Bundle& example) {
  for (const auto& [name, tensor] : example) add({name, tensor.scalar_type(), tensor.sizes(), tensor.nbytes(), tensor.data_ptr()});
}

const ExampleRow::Slot& ExampleRow::find(std::string_view name, at::ScalarType type) const {
  for (const Slot& slot : slots_) {
    if (slot.name != name) continue;
    if (slot.type != type)
      throw InternalError(format("the row of '{}' holds {}, not {}", name, at::toString(slot.type), at::toString(type)));
    return slot;
  }
  throw InternalError(format("a batch has no rows for '{}'", name));
}

const Schema& Dataset::schema() const {
  std::call_once(schema_made_, [this] { schema_ = make_schema(); });
  return schema_;
}

bool Dataset::positive(std::int64_t i) const {
  const Bundle example = get(i, Stream(0));
  const Field* target = schema().first(Role::target);
  if (!target)
    throw ArgumentError(format("the examples hold {}, no \"labels\" that say which are positive", to_string(example)));
  return example.at(target->name).eq(1).any().item<bool>();
}

void Dataset::write(std::int64_t, Stream, const ExampleRow&) const {
  throw InternalError("this data set does not write rows; ask for examples with get");
}

}  // namespace basewise::data
