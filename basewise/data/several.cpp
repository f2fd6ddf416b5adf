#include "basewise/data/several.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/data/detail/view.h"
#include "basewise/tensor/tensors.h"

namespace basewise::data {

namespace {

std::string text_of(const Field& field) {
  return format("{} {}, {}", shape_text(field.shape), dtype_text(field.type), to_word(field.rule));
}

bool alike(Field a, const Field& b) {
  a.sets = b.sets;
  return a == b;
}

bool is_read(const Field& field) { return field.role == Role::input || field.role == Role::control || field.role == Role::weight; }

// Every field once, with the numbers of the sets that have it.
std::vector<Field> fields_of(const std::vector<DatasetPtr>& sets) {
  std::vector<Field> all;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    for (const Field& field : sets[set]->schema()) {
      auto known = std::find_if(all.begin(), all.end(), [&](const Field& other) { return other.name == field.name; });
      if (known == all.end()) {
        known = all.insert(all.end(), field);
        known->sets.clear();
      } else if (!alike(*known, field)) {
        throw ArgumentError(format("data sets {} and {} differ in '{}': {} and {}{}; give targets that differ names of their own",
                                   known->sets.front(), set, field.name, text_of(*known), text_of(field),
                                   known->channels == field.channels ? "" : ", with other channels"));
      }
      known->sets.push_back(static_cast<std::int64_t>(set));
    }
  }
  return all;
}

Schema schema_of(const std::vector<DatasetPtr>& sets) {
  Schema schema;
  for (Field& field : fields_of(sets)) {
    const bool everywhere = field.sets.size() == sets.size();
    if (!everywhere && is_read(field))
      throw ArgumentError(format("{} '{}' is not in all of the {} data sets, so that one model cannot read them in turn",
                                 to_word(field.role), field.name, sets.size()));
    if (everywhere) field.sets.clear();
    schema.add(std::move(field));
  }
  schema.add({.name = "set", .type = at::kLong, .role = Role::set});
  return schema;
}

class Several : public Dataset {
 public:
  explicit Several(std::vector<DatasetPtr> sets) : sets_(std::move(sets)) {
    for (const DatasetPtr& set : sets_) ends_.push_back((ends_.empty() ? 0 : ends_.back()) + set->size());
  }

  std::int64_t size() const override { return ends_.back(); }

  Bundle get(std::int64_t i, Stream draw) const override {
    const std::size_t set = set_of(i);
    Bundle example = sets_[set]->get(i - first_of(set), draw);
    example.set("set", at::full({}, static_cast<std::int64_t>(set), at::kLong));
    return example;
  }

  bool writes_rows() const override {
    return std::all_of(sets_.begin(), sets_.end(), [](const DatasetPtr& set) { return set->writes_rows(); });
  }

  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    const std::size_t set = set_of(i);
    sets_[set]->write(i - first_of(set), draw, row);
    *row.data<std::int64_t>("set") = static_cast<std::int64_t>(set);
  }

  bool positive(std::int64_t i) const override {
    const std::size_t set = set_of(i);
    return sets_[set]->positive(i - first_of(set));
  }

  Origin origin(std::int64_t i) const override {
    const std::size_t set = set_of(i);
    return sets_[set]->origin(i - first_of(set));
  }

  std::vector<std::int64_t> set_sizes() const override {
    std::vector<std::int64_t> sizes;
    for (const DatasetPtr& set : sets_) sizes.push_back(set->size());
    return sizes;
  }

  std::string summary() const override {
    std::vector<std::string> lines;
    for (std::size_t k = 0; k < sets_.size(); ++k) lines.push_back(format("set {}: {}", k, sets_[k]->summary()));
    return fmt::to_string(fmt::join(lines, "; in turn with "));
  }

  bool finishes_batches() const override {
    return std::any_of(sets_.begin(), sets_.end(), [](const DatasetPtr& set) { return set->finishes_batches(); });
  }

  // A batch is of one set.
  void finish_batch(Bundle& batch, const Stream& draw) const override {
    const at::Tensor& set = batch.at("set");
    if (set.numel() > 0) sets_.at(static_cast<std::size_t>(set.data_ptr<std::int64_t>()[0]))->finish_batch(batch, draw);
  }

  DatasetPtr at_epoch(const Stream& draw, std::int64_t epoch) const override {
    std::vector<DatasetPtr> sets = sets_;
    bool any = false;
    for (std::size_t k = 0; k < sets.size(); ++k)
      if (DatasetPtr changed = sets[k]->at_epoch(draw.fork(k), epoch)) {
        sets[k] = std::move(changed);
        any = true;
      }
    return any ? std::make_shared<Several>(std::move(sets)) : nullptr;
  }

 protected:
  Schema make_schema() const override { return schema_of(sets_); }

 private:
  std::size_t set_of(std::int64_t i) const {
    if (i < 0 || i >= size()) throw ArgumentError(format("no example {} in {} data sets of {}", i, sets_.size(), size()));
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), i) - ends_.begin());
  }
  std::int64_t first_of(std::size_t set) const { return set == 0 ? 0 : ends_[set - 1]; }

  std::vector<DatasetPtr> sets_;
  std::vector<std::int64_t> ends_;
};

// Examples [first, first + size) of several sets, which are one of them.
class OneOfSeveral : public detail::View {
 public:
  OneOfSeveral(DatasetPtr several, std::int64_t set, std::int64_t first, std::int64_t size)
      : View(std::move(several)), set_(set), first_(first), size_(size) {}
  std::int64_t size() const override { return size_; }
  Bundle get(std::int64_t i, Stream draw) const override { return inner().get(first_ + i, draw); }
  bool positive(std::int64_t i) const override { return inner().positive(first_ + i); }
  Origin origin(std::int64_t i) const override { return inner().origin(first_ + i); }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override { inner().write(first_ + i, draw, row); }
  std::string summary() const override { return format("set {} of: {}", set_, inner().summary()); }

 protected:
  // Alone it is the only set there is.
  Schema make_schema() const override {
    Schema own;
    for (Field field : inner().schema().of_set(set_)) {
      field.sets.clear();
      own.add(std::move(field));
    }
    return own;
  }
  DatasetPtr remake(DatasetPtr changed) const override {
    return std::make_shared<OneOfSeveral>(std::move(changed), set_, first_, size_);
  }

 private:
  std::int64_t set_, first_, size_;
};

}  // namespace

DatasetPtr several(std::vector<DatasetPtr> sets) {
  if (sets.empty()) throw ArgumentError("there is no data set to train with in turn");
  auto made = std::make_shared<Several>(std::move(sets));
  static_cast<void>(made->schema());  // what does not fit is said now
  return made;
}

std::vector<DatasetPtr> sets_of(const DatasetPtr& dataset) {
  const std::vector<std::int64_t> sizes = dataset->set_sizes();
  if (sizes.size() < 2) return {dataset};
  std::vector<DatasetPtr> sets;
  std::int64_t first = 0;
  for (std::size_t k = 0; k < sizes.size(); first += sizes[k++])
    sets.push_back(std::make_shared<OneOfSeveral>(dataset, static_cast<std::int64_t>(k), first, sizes[k]));
  return sets;
}

}  // namespace basewise::data
