#include "basewise/data/kept_values.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>

#include "basewise/core/error.h"

namespace basewise::data {

namespace {

class KeptValues : public Source {
 public:
  KeptValues(Field field, std::vector<float> values, std::size_t row)
      : field_(std::move(field)), mask_(field_.name + ".mask"), values_(std::move(values)), row_(row) {
    masked_ = std::any_of(values_.begin(), values_.end(), [](float x) { return std::isnan(x); });
  }

  void add_fields(Schema& schema, const corpus::Windows& windows) const override {
    if (const std::int64_t rows = std::ssize(values_) / static_cast<std::int64_t>(row_); windows.size() > rows)
      throw ArgumentError(format("'{}' has values of {} loci for {}", field_.name, rows, windows.summary()));
    schema.add(field_);
    if (masked_) schema.add_mask(field_.name);
  }

  void fill(const corpus::Window& window, const ExampleRow& row) const override {
    const std::span<const float> given = values_of(window);
    float* values = row.data<float>(field_.name);
    if (!masked_) {
      std::copy(given.begin(), given.end(), values);
      return;
    }
    bool* mask = row.data<bool>(mask_);
    for (std::size_t i = 0; i < given.size(); ++i) {
      mask[i] = !std::isnan(given[i]);
      values[i] = mask[i] ? given[i] : 0;
    }
  }

  std::optional<bool> positive(const corpus::Window& window) const override {
    if (field_.role != Role::target) return std::nullopt;
    const std::span<const float> given = values_of(window);
    return std::find(given.begin(), given.end(), 1.0F) != given.end();
  }

  std::string summary() const override { return format("{} of each", field_.name); }

 private:
  std::span<const float> values_of(const corpus::Window& window) const {
    return std::span(values_).subspan(window.locus * row_, row_);
  }

  Field field_;
  std::string mask_;
  std::vector<float> values_;
  std::size_t row_;  // values of a locus
  bool masked_ = false;
};

}  // namespace

SourcePtr kept_values(Field field, std::vector<float> values) {
  const std::int64_t row =
      std::accumulate(field.shape.begin(), field.shape.end(), std::int64_t{1}, std::multiplies<>());
  if (field.type != at::kFloat || row < 1 || std::ssize(values) % row != 0)
    throw ArgumentError(format("'{}': {} values are no rows of {} float32 numbers", field.name, values.size(), row));
  return std::make_shared<KeptValues>(std::move(field), std::move(values), static_cast<std::size_t>(row));
}

}  // namespace basewise::data
