#include "basewise/data/views.h"

#include <algorithm>
#include <array>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/data/detail/strand.h"
#include "basewise/data/detail/view.h"

namespace basewise::data {

namespace {

using detail::View;

class Subset : public View {
 public:
  Subset(DatasetPtr dataset, std::shared_ptr<const std::vector<std::int64_t>> indices)
      : View(std::move(dataset)), indices_(std::move(indices)) {
    for (const std::int64_t i : *indices_)
      if (i < 0 || i >= inner().size()) throw ArgumentError(format("subset: no example {} in a set of {}", i, inner().size()));
  }
  std::int64_t size() const override { return static_cast<std::int64_t>(indices_->size()); }
  Bundle get(std::int64_t i, Stream draw) const override { return inner().get(indices_->at(static_cast<std::size_t>(i)), draw); }
  bool positive(std::int64_t i) const override { return inner().positive(indices_->at(static_cast<std::size_t>(i))); }
  Origin origin(std::int64_t i) const override { return inner().origin(indices_->at(static_cast<std::size_t>(i))); }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(indices_->at(static_cast<std::size_t>(i)), draw, row);
  }
  std::string summary() const override { return format("{} of the {} examples of: {}", size(), inner().size(), inner().summary()); }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<Subset>(std::move(changed), indices_); }

 private:
  std::shared_ptr<const std::vector<std::int64_t>> indices_;
};

class Concatenation : public Dataset {
 public:
  explicit Concatenation(std::vector<DatasetPtr> parts) : parts_(std::move(parts)) {
    for (const DatasetPtr& part : parts_) ends_.push_back(size() + part->size());
    alike_ = std::all_of(parts_.begin(), parts_.end(), [](const DatasetPtr& part) { return part->writes_rows(); });
    std::string shapes;
    for (const DatasetPtr& part : parts_) {
      if (!alike_ || part->size() == 0) continue;
      const std::string own = to_string(part->schema());
      alike_ = shapes.empty() || own == shapes;
      shapes = own;
    }
  }
  std::int64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
  Bundle get(std::int64_t i, Stream draw) const override {
    const std::size_t part = part_of(i);
    return parts_[part]->get(i - first_of(part), draw);
  }
  bool positive(std::int64_t i) const override {
    const std::size_t part = part_of(i);
    return parts_[part]->positive(i - first_of(part));
  }
  Origin origin(std::int64_t i) const override {
    const std::size_t part = part_of(i);
    return parts_[part]->origin(i - first_of(part));
  }
  // Parts of different shapes are an error that names the example:
  // left to the way that looks at each.
  bool writes_rows() const override { return alike_; }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    const std::size_t part = part_of(i);
    parts_[part]->write(i - first_of(part), draw, row);
  }
  std::string summary() const override {
    std::vector<std::string> lines;
    for (const DatasetPtr& part : parts_) lines.push_back(part->summary());
    return fmt::to_string(fmt::join(lines, "; then "));
  }
  DatasetPtr at_epoch(const Stream& draw, std::int64_t epoch) const override {
    std::vector<DatasetPtr> parts = parts_;
    bool any = false;
    for (std::size_t k = 0; k < parts.size(); ++k)
      if (DatasetPtr changed = parts[k]->at_epoch(draw.fork(k), epoch)) {
        parts[k] = std::move(changed);
        any = true;
      }
    return any ? std::make_shared<Concatenation>(std::move(parts)) : nullptr;
  }

 protected:
  // An empty part may not know its tensors.
  Schema make_schema() const override {
    for (const DatasetPtr& part : parts_)
      if (part->size() > 0) return part->schema();
    return parts_.front()->schema();
  }

 private:
  std::size_t part_of(std::int64_t i) const {
    const auto part = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), i) - ends_.begin());
    if (i < 0 || part >= parts_.size()) throw ArgumentError(format("no example {} in a set of {}", i, size()));
    return part;
  }
  std::int64_t first_of(std::size_t part) const { return part == 0 ? 0 : ends_[part - 1]; }

  bool alike_ = false;  // all parts write rows, of the same shapes
  std::vector<DatasetPtr> parts_;
  std::vector<std::int64_t> ends_;
};

class ReverseComplement : public View {
 public:
  ReverseComplement(DatasetPtr dataset, double probability) : View(std::move(dataset)), probability_(probability) {}
  Bundle get(std::int64_t i, Stream draw) const override {
    Bundle example = inner().get(i, draw);
    return draw.fork(detail::kStrandStream).bernoulli(probability_) ? data::reverse_complement(example, inner()) : example;
  }
  std::vector<std::int64_t> set_sizes() const override { return inner().set_sizes(); }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(i, draw, row);
    if (!draw.fork(detail::kStrandStream).bernoulli(probability_)) return;
    for (const ExampleRow::Slot& slot : row.slots()) detail::reverse_in_place(slot, schema().find(slot.name));
  }
  std::string summary() const override {
    return format("{}; seen from the other strand with probability {}", inner().summary(), probability_);
  }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<ReverseComplement>(std::move(changed), probability_); }

 private:
  double probability_;
};

class Jitter : public View {
 public:
  Jitter(DatasetPtr dataset, std::int64_t max_shift, bool random) : View(std::move(dataset)), max_shift_(max_shift), random_(random) {}
  Bundle get(std::int64_t i, Stream draw) const override {
    const std::int64_t start = random_ ? draw.fork(detail::kShiftStream).integer(0, 2 * max_shift_) : max_shift_;
    const Bundle example = inner().get(i, draw);
    const std::int64_t length = example.at("sequence").size(-1);
    if (length <= 2 * max_shift_)
      throw ArgumentError(format("a jitter of {} positions cuts {} of a sequence of {}", max_shift_, 2 * max_shift_, length));
    Bundle cut;
    for (const auto& [name, tensor] : example) cut.set(name, cut_one(name, tensor, start, length));
    return cut;
  }
  std::vector<std::int64_t> set_sizes() const override { return inner().set_sizes(); }
  std::string summary() const override {
    return format("{}; {} positions cut from the two ends{}", inner().summary(), 2 * max_shift_, random_ ? ", shifted at random" : "");
  }

 protected:
  Schema make_schema() const override {
    Schema schema = inner().schema();
    for (const Field& field : inner().schema()) {
      if (field.rule == StrandRule::unchanged || field.role == Role::mask || field.shape.empty()) continue;
      std::vector<std::int64_t> shape = field.shape;
      if (shape.back() >= 0) shape.back() -= 2 * max_shift_;
      schema.set_shape(field.name, shape);
    }
    return schema;
  }
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<Jitter>(std::move(changed), max_shift_, random_); }

 private:
  at::Tensor cut_one(const std::string& name, const at::Tensor& tensor, std::int64_t start, std::int64_t length) const {
    if (inner().schema().strand_rule(name) == StrandRule::unchanged) return tensor;
    if (tensor.size(-1) != length)
      throw ShapeError(format("jitter: tensor '{}' has {} positions, the sequence {}; they must agree", name, tensor.size(-1), length));
    return tensor.narrow(-1, start, length - 2 * max_shift_).contiguous();
  }
  std::int64_t max_shift_;
  bool random_;
};

class Renamed : public View {
 public:
  Renamed(DatasetPtr dataset, std::string from, std::string to)
      : View(std::move(dataset)), names_{{{from, to}, {from + ".mask", to + ".mask"}}} {}
  Bundle get(std::int64_t i, Stream draw) const override {
    Bundle example;
    for (const auto& [name, tensor] : inner().get(i, draw)) example.set(new_name(name), tensor);
    return example;
  }
  std::vector<std::int64_t> stretches() const override { return inner().stretches(); }
  void finish_batch(Bundle& batch, const Stream& draw) const override {
    Bundle known, finished;
    for (const auto& [name, tensor] : batch) known.set(old_name(name), tensor);
    inner().finish_batch(known, draw);
    for (const auto& [name, tensor] : known) finished.set(new_name(name), tensor);
    batch = std::move(finished);
  }
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    ExampleRow known;
    for (ExampleRow::Slot slot : row.slots()) {
      for (const auto& [from, to] : names_)
        if (slot.name == to) slot.name = from;
      known.add(slot);
    }
    inner().write(i, draw, known);
  }
  std::string summary() const override { return format("{} ({} is called {})", inner().summary(), names_[0].first, names_[0].second); }

 protected:
  Schema make_schema() const override {
    Schema schema;
    for (Field field : inner().schema()) {
      field.name = new_name(field.name);
      field.of = new_name(field.of);
      schema.add(std::move(field));
    }
    return schema;
  }
  DatasetPtr remake(DatasetPtr changed) const override {
    return std::make_shared<Renamed>(std::move(changed), names_[0].first, names_[0].second);
  }

 private:
  std::string new_name(const std::string& name) const {
    for (const auto& [from, to] : names_)
      if (name == from) return to;
    return name;
  }
  std::string old_name(const std::string& name) const {
    for (const auto& [from, to] : names_)
      if (name == to) return from;
    return name;
  }
  std::array<std::pair<std::string, std::string>, 2> names_;
};

void check_same_tensors(const Schema& a, const Schema& b, std::size_t k) {
  for (const Field& field : a) {
    const Field* other = b.find(field.name);
    if (!other || b.size() != a.size() || other->type != field.type)
      throw ArgumentError(format("sets cannot follow each other: set 0 yields {}; set {} yields {}", to_string(a), k, to_string(b)));
    if (other->rule != field.rule)
      throw ArgumentError(
          format("sets cannot follow each other: tensor '{}' of set {} moves otherwise under reverse complement", field.name, k));
  }
}

}  // namespace

DatasetPtr subset(DatasetPtr dataset, std::vector<std::int64_t> indices) {
  return std::make_shared<Subset>(std::move(dataset), std::make_shared<const std::vector<std::int64_t>>(std::move(indices)));
}

DatasetPtr concatenate(std::vector<DatasetPtr> datasets) {
  if (datasets.empty()) throw ArgumentError("no data set to put after another");
  for (const DatasetPtr& part : datasets)
    if (part->finishes_batches())
      throw ArgumentError(
          "sets that change whole batches cannot follow each other, as a batch may have examples of several: change them together");
  for (std::size_t k = 1; k < datasets.size(); ++k)
    if (datasets[0]->size() > 0 && datasets[k]->size() > 0) check_same_tensors(datasets[0]->schema(), datasets[k]->schema(), k);
  return std::make_shared<Concatenation>(std::move(datasets));
}

DatasetPtr reverse_complement(DatasetPtr dataset, double probability) {
  if (!(probability >= 0 && probability <= 1))
    throw ArgumentError(format("the probability of the other strand is {}; it must lie in 0 to 1", probability));
  return std::make_shared<ReverseComplement>(std::move(dataset), probability);
}

Bundle reverse_complement(const Bundle& example, const Dataset& rules) {
  Bundle turned;
  for (const auto& [name, tensor] : example) turned.set(name, detail::reversed(tensor, rules.schema().find(name), name));
  return turned;
}

DatasetPtr renamed(DatasetPtr dataset, const std::string& from, const std::string& to) {
  if (dataset->size() > 0 || !dataset->schema().empty()) static_cast<void>(dataset->schema().at(from));
  auto made = std::make_shared<Renamed>(std::move(dataset), from, to);
  static_cast<void>(made->schema());  // a name that is there already is said now
  return made;
}

DatasetPtr jitter(DatasetPtr dataset, std::int64_t max_shift, bool random) {
  if (max_shift < 0) throw ArgumentError(format("a jitter of {} positions is negative", max_shift));
  return std::make_shared<Jitter>(std::move(dataset), max_shift, random);
}

}  // namespace basewise::data
