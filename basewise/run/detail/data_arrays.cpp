#include "basewise/run/detail/data_arrays.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/infer/batched.h"
#include "basewise/run/detail/row_writer.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

constexpr const char* kMissing = "NA";

/// NumPy has these; masks become 0 and 1 bytes.
at::Tensor plain_array(const at::Tensor& values) {
  if (at::isFloatingType(values.scalar_type())) return values.to(at::kCPU, at::kFloat).contiguous();
  return values.to(at::kCPU, values.scalar_type() == at::kLong ? at::kLong : at::kByte).contiguous();
}

io::DType array_type(const at::Tensor& plain) {
  if (plain.scalar_type() == at::kFloat) return io::DType::f32;
  return plain.scalar_type() == at::kLong ? io::DType::i64 : io::DType::u8;
}

std::span<const std::byte> bytes_of(const at::Tensor& plain) {
  return {static_cast<const std::byte*>(plain.const_data_ptr()), static_cast<std::size_t>(plain.nbytes())};
}

}  // namespace

std::vector<std::string> origin_columns(bool places) {
  return places ? std::vector<std::string>{"name", "chrom", "start", "end", "strand"} : std::vector<std::string>{"name"};
}

bool has_places(const data::Dataset& set) { return set.size() > 0 && !set.origin(0).chromosome.empty(); }

std::vector<std::string> origin_fields(const data::Dataset& set, std::int64_t example, bool places) {
  const data::Origin origin = set.origin(example);
  std::vector<std::string> fields{origin.name.empty() ? format("example_{}", example + 1) : field_text(origin.name)};
  if (!places) return fields;
  fields.push_back(origin.chromosome);
  fields.push_back(std::to_string(origin.start));
  fields.push_back(std::to_string(origin.end));
  fields.emplace_back(origin.reverse ? "-" : "+");
  return fields;
}

LabelColumns::LabelColumns(const Schema& schema) {
  for (const Field& field : schema) {
    if (field.role != Role::target || field.shape.size() > 1) continue;
    const Field* mask = schema.of(field.name, Role::mask);
    Target target{field.name, mask ? mask->name : "", field.shape.empty() ? 1 : field.shape[0]};
    for (std::int64_t c = 0; c < target.channels; ++c) {
      const bool named = c < std::ssize(field.channels);
      std::string name = named                  ? field_text(field.channels[static_cast<std::size_t>(c)])
                         : target.channels == 1 ? field.name
                                                : format("{}.{}", field.name, c);
      if (std::find(names_.begin(), names_.end(), name) != names_.end()) name = format("{}.{}", field.name, name);
      names_.push_back(std::move(name));
    }
    targets_.push_back(std::move(target));
  }
}

std::vector<std::string> LabelColumns::fields(const Bundle& batch, std::int64_t row) const {
  std::vector<std::string> fields;
  for (const Target& target : targets_) {
    if (!batch.contains(target.name)) {
      fields.insert(fields.end(), static_cast<std::size_t>(target.channels), kMissing);
      continue;
    }
    const at::Tensor values = batch.at(target.name)[row].to(at::kCPU, at::kFloat).reshape({-1}).contiguous();
    at::Tensor measured;
    if (!target.mask.empty() && batch.contains(target.mask))
      measured = batch.at(target.mask)[row].to(at::kCPU, at::kFloat).reshape({-1}).expand_as(values).contiguous();
    for (std::size_t c = 0; c < static_cast<std::size_t>(target.channels); ++c) {
      const bool missing = measured.defined() && float_span(measured)[c] == 0;
      fields.push_back(missing ? std::string(kMissing) : format("{}", float_span(values)[c]));
    }
  }
  return fields;
}

void each_batch(const data::DatasetPtr& set, const std::function<void(std::int64_t first, const Bundle& batch)>& use) {
  infer::predict_batches(set, [](const Bundle&) { return Bundle(); }, {},
                         [&](std::int64_t first, const Bundle&, const Bundle& batch) { use(first, batch); });
}

void add_field(io::NpzWriter& to, const std::string& name, const std::vector<data::DatasetPtr>& sets, const std::string& field) {
  bool begun = false;
  for (const data::DatasetPtr& set : sets)
    each_batch(set, [&](std::int64_t, const Bundle& batch) {
      const at::Tensor values = plain_array(batch.at(field));
      if (!begun) {
        std::vector<std::int64_t> shape = values.sizes().vec();
        shape[0] = -1;
        to.begin(name, array_type(values), shape);
        begun = true;
      }
      to.append(bytes_of(values));
    });
  if (begun) to.end();
}

}  // namespace basewise::run::detail
