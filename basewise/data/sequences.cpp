#include "basewise/data/sequences.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/data/detail/labels.h"
#include "basewise/data/detail/row_dataset.h"

namespace basewise::data {

namespace {

class Sequences : public detail::RowDataset {
 public:
  Sequences(SequenceDataPtr data, std::vector<std::int64_t> indices, bool tokens)
      : data_(std::move(data)), indices_(std::move(indices)), tokens_(tokens) {
    for (const std::int64_t i : indices_)
      if (i < 0 || i >= data_->size()) throw ArgumentError(format("no sequence {} among {} of {}", i, data_->size(), data_->source));
    masked_ = std::any_of(data_->labels.begin(), data_->labels.end(), [](float x) { return std::isnan(x); });
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }

  void write(std::int64_t i, Stream, const ExampleRow& row) const override {
    const std::int64_t number = indices_.at(static_cast<std::size_t>(i));
    const std::span<const seq::Token> sequence = data_->sequence(number);
    if (tokens_)
      std::copy(sequence.begin(), sequence.end(), row.data<seq::Token>("sequence"));
    else
      seq::one_hot(sequence, std::span(row.data<float>("sequence"), 4 * sequence.size()));
    const std::size_t tasks = data_->label_names.size();
    if (tasks > 0) detail::write_labels(row, std::span(data_->labels).subspan(static_cast<std::size_t>(number) * tasks, tasks), masked_);
  }

  bool positive(std::int64_t i) const override {
    const std::size_t tasks = data_->label_names.size();
    if (tasks == 0) throw ArgumentError(format("{} has no labels that say which sequences are positive", data_->source));
    const auto first = data_->labels.begin() + indices_.at(static_cast<std::size_t>(i)) * static_cast<std::ptrdiff_t>(tasks);
    return std::find(first, first + static_cast<std::ptrdiff_t>(tasks), 1.0F) != first + static_cast<std::ptrdiff_t>(tasks);
  }

  Origin origin(std::int64_t i) const override {
    return {.name = data_->names.at(static_cast<std::size_t>(indices_.at(static_cast<std::size_t>(i))))};
  }

  std::string summary() const override {
    std::string text = format("{} sequences of {} bases from {}", size(), data_->length, data_->source);
    const std::size_t tasks = data_->label_names.size();
    for (std::size_t t = 0; t < std::min<std::size_t>(tasks, 8); ++t) text += (t == 0 ? "; " : ", ") + label_summary(t);
    return tasks > 8 ? text + format(" and {} labels more", tasks - 8) : text;
  }

 protected:
  Schema make_schema() const override {
    Schema schema{detail::sequence_field(data_->length, tokens_)};
    detail::add_labels(schema, data_->label_names, masked_);
    return schema;
  }

 private:
  std::string label_summary(std::size_t task) const {
    std::int64_t missing = 0;
    std::int64_t positive = 0;
    bool binary = true;
    double sum = 0;
    for (const std::int64_t row : indices_) {
      const float value = data_->labels[static_cast<std::size_t>(row) * data_->label_names.size() + task];
      if (std::isnan(value)) {
        ++missing;
        continue;
      }
      binary = binary && (value == 0 || value == 1);
      positive += value == 1;
      sum += value;
    }
    const auto measured = static_cast<double>(std::max<std::int64_t>(size() - missing, 1));
    std::string text = binary ? format("{}: {} positive", data_->label_names[task], positive)
                              : format("{}: mean {:.4g}", data_->label_names[task], sum / measured);
    return missing > 0 ? text + format(" ({} missing)", missing) : text;
  }

  SequenceDataPtr data_;
  std::vector<std::int64_t> indices_;
  bool tokens_;
  bool masked_ = false;
};

}  // namespace

void describe(Visitor& v, LengthOptions& o) {
  v("length", o.length, "bases of every sequence; 0: as many as the first one has", counted(0));
  v("fit", o.fit, "what becomes of a sequence of another length");
}

std::span<const seq::Token> SequenceData::sequence(std::int64_t i) const {
  return std::span(tokens).subspan(static_cast<std::size_t>(i * length), static_cast<std::size_t>(length));
}

std::string SequenceData::letters(std::int64_t i) const { return seq::decode(sequence(i)); }

DatasetPtr sequence_dataset(SequenceDataPtr data, std::vector<std::int64_t> indices, bool tokens) {
  return std::make_shared<Sequences>(std::move(data), std::move(indices), tokens);
}

DatasetPtr sequence_dataset(SequenceDataPtr data, bool tokens) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(data->size()));
  std::iota(all.begin(), all.end(), 0);
  return sequence_dataset(std::move(data), std::move(all), tokens);
}

SequenceDataPtr with_label_noise(SequenceDataPtr data, const std::vector<std::int64_t>& rows, double share, std::uint64_t seed) {
  constexpr std::uint64_t kNoiseStream = 0x4e6f6973;
  const std::size_t tasks = data->label_names.size();
  if (share <= 0 || tasks == 0) return data;
  auto noisy = std::make_shared<SequenceData>(*data);
  std::int64_t turned = 0;
  for (const std::int64_t row : rows) {
    Stream stream(seed, kNoiseStream, static_cast<std::uint64_t>(row));
    for (std::size_t t = 0; t < tasks; ++t) {
      float& label = noisy->labels[static_cast<std::size_t>(row) * tasks + t];
      const bool turn = stream.bernoulli(share);
      if (std::isnan(label)) continue;
      if (label != 0 && label != 1)
        throw DataError(format("{}: label '{}' of '{}' is {}; only labels 0 and 1 can be turned round by noise", data->source,
                               data->label_names[t], data->names[static_cast<std::size_t>(row)], label));
      if (turn) label = 1 - label;
      turned += turn;
    }
  }
  noisy->notes.push_back(format("{} of {} labels of the training set were turned round as noise", turned, rows.size() * tasks));
  return noisy;
}

}  // namespace basewise::data
