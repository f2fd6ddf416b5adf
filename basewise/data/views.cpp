#include "basewise/data/views.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/data/detail/strand.h"
#include "basewise/data/detail/view.h"
#include "basewise/data/strands.h"

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
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(indices_->at(static_cast<std::size_t>(i)), draw, row);
  }
  Bundle example_shapes() const override { return inner().example_shapes(); }
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
      const std::string own = to_string(part->example_shapes());
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
  // Parts of different shapes are an error that names the example: left to the way that looks at each.
  bool writes_rows() const override { return alike_; }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    const std::size_t part = part_of(i);
    parts_[part]->write(i - first_of(part), draw, row);
  }
  Bundle example_shapes() const override { return parts_.front()->example_shapes(); }
  std::string summary() const override {
    std::vector<std::string> lines;
    for (const DatasetPtr& part : parts_) lines.push_back(part->summary());
    return fmt::to_string(fmt::join(lines, "; then "));
  }
  StrandRule strand_rule(std::string_view name) const override { return parts_.front()->strand_rule(name); }
  DatasetPtr at_epoch(const Stream& draw) const override {
    std::vector<DatasetPtr> parts = parts_;
    bool any = false;
    for (std::size_t k = 0; k < parts.size(); ++k)
      if (DatasetPtr changed = parts[k]->at_epoch(draw.fork(k))) {
        parts[k] = std::move(changed);
        any = true;
      }
    return any ? std::make_shared<Concatenation>(std::move(parts)) : nullptr;
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
  bool writes_rows() const override { return inner().writes_rows(); }
  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    inner().write(i, draw, row);
    if (!draw.fork(detail::kStrandStream).bernoulli(probability_)) return;
    for (const ExampleRow::Slot& slot : row.slots()) detail::reverse_in_place(slot, strand_rule_of(inner(), slot.name));
  }
  Bundle example_shapes() const override { return inner().example_shapes(); }
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
  std::string summary() const override {
    return format("{}; {} positions cut from the two ends{}", inner().summary(), 2 * max_shift_, random_ ? ", shifted at random" : "");
  }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<Jitter>(std::move(changed), max_shift_, random_); }

 private:
  at::Tensor cut_one(const std::string& name, const at::Tensor& tensor, std::int64_t start, std::int64_t length) const {
    if (strand_rule_of(inner(), name) == StrandRule::unchanged) return tensor;
    if (tensor.size(-1) != length)
      throw ShapeError(format("jitter: tensor '{}' has {} positions, the sequence {}; they must agree", name, tensor.size(-1), length));
    return tensor.narrow(-1, start, length - 2 * max_shift_).contiguous();
  }
  std::int64_t max_shift_;
  bool random_;
};

class Mapped : public View {
 public:
  Mapped(DatasetPtr dataset, std::string name, std::function<at::Tensor(const at::Tensor&)> map, std::string what)
      : View(std::move(dataset)), name_(std::move(name)), map_(std::move(map)), what_(std::move(what)) {}
  Bundle get(std::int64_t i, Stream draw) const override {
    Bundle example = inner().get(i, draw);
    example.set(name_, map_(example.at(name_)));
    return example;
  }
  bool positive(std::int64_t i) const override { return name_ == "labels" ? Dataset::positive(i) : View::positive(i); }
  std::string summary() const override { return format("{}; {}: {}", inner().summary(), name_, what_); }

 protected:
  DatasetPtr remake(DatasetPtr changed) const override { return std::make_shared<Mapped>(std::move(changed), name_, map_, what_); }

 private:
  std::string name_;
  std::function<at::Tensor(const at::Tensor&)> map_;
  std::string what_;
};

void check_same_tensors(const Dataset& first, const Dataset& other, std::size_t k) {
  const Bundle a = first.example_shapes();
  const Bundle b = other.example_shapes();
  for (const auto& [name, tensor] : a) {
    if (!b.contains(name) || b.size() != a.size() || b.at(name).scalar_type() != tensor.scalar_type())
      throw ArgumentError(format("sets cannot follow each other: set 0 yields {}; set {} yields {}", to_string(a), k, to_string(b)));
    if (strand_rule_of(first, name) != strand_rule_of(other, name))
      throw ArgumentError(format("sets cannot follow each other: tensor '{}' of set {} moves otherwise under reverse complement", name, k));
  }
}

}  // namespace

DatasetPtr subset(DatasetPtr dataset, std::vector<std::int64_t> indices) {
  return std::make_shared<Subset>(std::move(dataset), std::make_shared<const std::vector<std::int64_t>>(std::move(indices)));
}

DatasetPtr concatenate(std::vector<DatasetPtr> datasets) {
  if (datasets.empty()) throw ArgumentError("no data set to put after another");
  for (std::size_t k = 1; k < datasets.size(); ++k)
    if (datasets[0]->size() > 0 && datasets[k]->size() > 0) check_same_tensors(*datasets[0], *datasets[k], k);
  return std::make_shared<Concatenation>(std::move(datasets));
}

DatasetPtr reverse_complement(DatasetPtr dataset, double probability) {
  if (!(probability >= 0 && probability <= 1))
    throw ArgumentError(format("the probability of the other strand is {}; it must lie in 0 to 1", probability));
  return std::make_shared<ReverseComplement>(std::move(dataset), probability);
}

Bundle reverse_complement(const Bundle& example, const Dataset& rules) {
  Bundle turned;
  for (const auto& [name, tensor] : example) turned.set(name, detail::reversed(tensor, strand_rule_of(rules, name), name));
  return turned;
}

DatasetPtr jitter(DatasetPtr dataset, std::int64_t max_shift, bool random) {
  if (max_shift < 0) throw ArgumentError(format("a jitter of {} positions is negative", max_shift));
  return std::make_shared<Jitter>(std::move(dataset), max_shift, random);
}

DatasetPtr map_tensor(DatasetPtr dataset, std::string name, std::function<at::Tensor(const at::Tensor&)> map, std::string what) {
  return std::make_shared<Mapped>(std::move(dataset), std::move(name), std::move(map), std::move(what));
}

DatasetPtr select_rows(DatasetPtr dataset, std::string name, std::vector<std::int64_t> rows) {
  const bool masked = dataset && dataset->example_shapes().contains(name + ".mask");
  const std::string what = format("rows {}", fmt::join(rows, ", "));
  const auto select = [rows = std::move(rows)](const at::Tensor& tensor) {
    std::vector<at::Tensor> picked;
    for (const std::int64_t row : rows) picked.push_back(tensor.select(0, row));
    return at::stack(picked);
  };
  DatasetPtr view = map_tensor(std::move(dataset), name, select, what);
  return masked ? map_tensor(view, name + ".mask", select, what) : view;
}

}  // namespace basewise::data
