#include "basewise/data/examples.h"

#include <algorithm>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/data/detail/row_dataset.h"
#include "basewise/data/detail/strand.h"

namespace basewise::data {

namespace {

// What all epochs share.
struct Parts {
  std::vector<SourcePtr> sources;
  std::string what;
  Schema schema;
  std::vector<std::pair<std::string, StrandRule>> turned;  // fields that are moved after they were filled
  std::int64_t unit = 1;
};

std::int64_t value_of(corpus::PlaceField field, const corpus::Window& window) {
  switch (field) {
    case corpus::PlaceField::position:
      return window.start;
    case corpus::PlaceField::chromosome:
      return static_cast<std::int64_t>(window.chrom);
    case corpus::PlaceField::circle:
      return window.circle;
    case corpus::PlaceField::strand:
      return window.reverse ? 1 : 0;
  }
  throw InternalError("a place of no kind");
}

class Examples : public detail::RowDataset {
 public:
  Examples(corpus::WindowsPtr windows, std::shared_ptr<const Parts> parts)
      : windows_(std::move(windows)), parts_(std::move(parts)), places_(windows_->places()) {}

  std::int64_t size() const override { return windows_->size(); }

  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    const corpus::Window window = windows_->window(i, draw);
    for (const SourcePtr& source : parts_->sources) source->fill(window, row);
    for (const corpus::PlaceField field : places_) *row.data<std::int64_t>(to_word(field)) = value_of(field, window);
    if (window.reverse) turn(row);
  }

  bool positive(std::int64_t i) const override {
    const corpus::Window window = windows_->window(i, Stream(0));
    for (const SourcePtr& source : parts_->sources)
      if (const std::optional<bool> known = source->positive(window)) return *known;
    return Dataset::positive(i);
  }

  Origin origin(std::int64_t i) const override {
    const corpus::Window window = windows_->window(i, Stream(0));
    Origin origin{.chromosome = windows_->chromosome(window.chrom),
                  .start = window.start,
                  .end = window.start + window.length,
                  .reverse = window.reverse};
    origin.name = format("{}:{}-{}({})", origin.chromosome, origin.start, origin.end, window.reverse ? '-' : '+');
    return origin;
  }

  std::vector<std::int64_t> stretches() const override { return windows_->stretches(); }

  DatasetPtr at_epoch(const Stream& draw, std::int64_t /*epoch*/) const override {
    corpus::WindowsPtr cut = windows_->at_epoch(draw, parts_->unit);
    return cut ? std::make_shared<Examples>(std::move(cut), parts_) : nullptr;
  }

  std::string summary() const override {
    std::string text = windows_->summary();
    if (!parts_->what.empty()) text += " " + parts_->what;
    for (const SourcePtr& source : parts_->sources) text += "; " + source->summary();
    return text;
  }

 protected:
  Schema make_schema() const override { return parts_->schema; }

 private:
  // A row may hold fields of views around this set.
  void turn(const ExampleRow& row) const {
    for (const ExampleRow::Slot& slot : row.slots())
      for (const auto& [name, rule] : parts_->turned)
        if (name == slot.name) detail::reverse_in_place(slot, rule);
  }

  corpus::WindowsPtr windows_;
  std::shared_ptr<const Parts> parts_;
  std::vector<corpus::PlaceField> places_;
};

}  // namespace

DatasetPtr examples(corpus::WindowsPtr windows, std::vector<SourcePtr> sources, std::string what) {
  auto parts = std::make_shared<Parts>();
  for (const SourcePtr& source : sources) {
    const std::size_t known = parts->schema.size();
    source->add_fields(parts->schema, *windows);
    parts->unit = std::max(parts->unit, source->unit());
    if (source->reads_strand()) continue;
    for (auto field = parts->schema.begin() + static_cast<std::ptrdiff_t>(known); field != parts->schema.end(); ++field)
      parts->turned.emplace_back(field->name, field->rule);
  }
  for (const corpus::PlaceField field : windows->places()) parts->schema.add_places({to_word(field)});
  parts->sources = std::move(sources);
  parts->what = std::move(what);
  return std::make_shared<Examples>(std::move(windows), std::move(parts));
}

}  // namespace basewise::data
