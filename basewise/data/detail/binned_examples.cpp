#include "basewise/data/detail/binned_examples.h"

#include <cmath>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/data/detail/row_dataset.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data::detail {

namespace {

class BinnedExamples : public RowDataset {
 public:
  BinnedExamples(BinnedStorePtr store, const BinnedForm& form, std::vector<io::BinnedPlace> places, std::string word)
      : store_(std::move(store)), form_(form), mask_(form.target.name + ".mask"), places_(std::move(places)), word_(std::move(word)) {}

  std::int64_t size() const override { return store_->size(); }

  void write(std::int64_t i, Stream /*draw*/, const ExampleRow& row) const override {
    write_sequence(i, row);
    auto* values = row.data<float>(form_.target.name);
    const io::BinnedShape& shape = store_->shape();
    const auto bins = static_cast<std::size_t>(shape.bins), targets = static_cast<std::size_t>(shape.targets);
    store_->values(i, {values, bins * targets});
    if (!form_.masked) return;
    std::vector<std::uint8_t> unmappable(store_->has_masks() && form_.unmappable ? bins : 0);
    if (!unmappable.empty()) store_->unmappable(i, unmappable);
    bool* mask = row.data<bool>(mask_);
    for (std::size_t t = 0; t < targets; ++t)
      for (std::size_t bin = 0; bin < bins; ++bin, ++values, ++mask) {
        *mask = !std::isnan(*values) && (unmappable.empty() || unmappable[bin] == 0);
        if (!*mask) *values = 0;
      }
  }

  Origin origin(std::int64_t i) const override {
    const auto at = static_cast<std::size_t>(i);
    if (at < places_.size()) {
      const io::BinnedPlace& place = places_[at];
      return {.name = format("{}:{}-{}", place.chromosome, place.start, place.end),
              .chromosome = place.chromosome,
              .start = place.start,
              .end = place.end};
    }
    return {.name = at < store_->names().size() ? store_->names()[at] : format("{}_{}", word_, i)};
  }

  std::string summary() const override {
    const io::BinnedShape& shape = store_->shape();
    std::string text = format("{} sequences of {} bases", size(), form_.length);
    if (size() == 0) return text;
    text += shape.bins == 1 ? format(" with {} labels", shape.targets)
                            : format(" with {} targets in {} bins of {} bases", shape.targets, shape.bins, form_.target.bin);
    if (store_->has_masks())
      text += format("; {:.2f} % of the bins cannot be mapped{}",
                     100.0 * static_cast<double>(store_->unmappable()) / static_cast<double>(size() * shape.bins),
                     form_.unmappable ? "" : " and are trained on all the same");
    if (store_->missing() > 0) text += format("; {} values are missing", store_->missing());
    return store_->in_file() ? text + "; in a file of the cache" : text;
  }

 protected:
  Schema make_schema() const override {
    Schema schema;
    schema.add(sequence_field(form_.length, form_.tokens));
    schema.add(form_.target);
    if (form_.masked) schema.add_mask(form_.target.name);
    return schema;
  }

 private:
  void write_sequence(std::int64_t i, const ExampleRow& row) const {
    const auto length = static_cast<std::size_t>(form_.length);
    if (form_.tokens) return store_->tokens(i, {row.data<std::uint8_t>("sequence"), length});
    std::vector<seq::Token> tokens(length);
    store_->tokens(i, tokens);
    seq::one_hot(tokens, std::span(row.data<float>("sequence"), 4 * length));
  }

  BinnedStorePtr store_;
  BinnedForm form_;
  std::string mask_;
  std::vector<io::BinnedPlace> places_;
  std::string word_;
};

}  // namespace

DatasetPtr binned_examples(BinnedStorePtr store, const BinnedForm& form, std::vector<io::BinnedPlace> places, std::string word) {
  return std::make_shared<BinnedExamples>(std::move(store), form, std::move(places), std::move(word));
}

}  // namespace basewise::data::detail
