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
    name_targets();
    mark_missing();
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }

  void write(std::int64_t i, Stream, const ExampleRow& row) const override {
    const std::int64_t number = indices_.at(static_cast<std::size_t>(i));
    const std::span<const seq::Token> sequence = data_->sequence(number);
    if (tokens_)
      std::copy(sequence.begin(), sequence.end(), row.data<seq::Token>("sequence"));
    else
      seq::one_hot(sequence, std::span(row.data<float>("sequence"), 4 * sequence.size()));
    const auto labels = std::span(data_->labels).subspan(static_cast<std::size_t>(number) * data_->label_names.size());
    for (const Target& target : targets_)
      detail::write_labels(row, target.name, labels.subspan(target.first, target.labels), target.masked);
  }

  bool positive(std::int64_t i) const override {
    if (targets_.empty()) throw ArgumentError(format("{} has no labels that say which sequences are positive", data_->source));
    const auto tasks = static_cast<std::ptrdiff_t>(data_->label_names.size());
    const auto first = data_->labels.begin() + indices_.at(static_cast<std::size_t>(i)) * tasks;
    const auto end = first + static_cast<std::ptrdiff_t>(targets_.front().labels);
    return std::find(first, end, 1.0F) != end;
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
    for (const Target& target : targets_) {
      const auto first = data_->label_names.begin() + static_cast<std::ptrdiff_t>(target.first);
      detail::add_labels(schema, target.name, {first, first + static_cast<std::ptrdiff_t>(target.labels)}, target.masked);
    }
    return schema;
  }

 private:
  struct Target {
    std::string name;
    std::size_t first;  ///< of its labels
    std::size_t labels;
    bool masked = false;  ///< one is missing somewhere in the data
  };

  void name_targets() {
    std::size_t first = 0;
    for (const TargetOptions& target : data_->targets) {
      targets_.push_back({target.name, first, target.labels.size()});
      first += target.labels.size();
    }
    if (targets_.empty() && !data_->label_names.empty()) targets_.push_back({std::string(detail::kLabels), 0, data_->label_names.size()});
  }

  void mark_missing() {
    const std::size_t tasks = data_->label_names.size();
    for (std::size_t i = 0; i < data_->labels.size(); ++i) {
      if (!std::isnan(data_->labels[i])) continue;
      for (Target& target : targets_)
        target.masked = target.masked || (i % tasks >= target.first && i % tasks < target.first + target.labels);
    }
  }

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
  std::vector<Target> targets_;
};

}  // namespace

void describe(Visitor& v, TargetOptions& o) {
  v("name", o.name, "what losses call the target", required());
  v("labels", o.labels, "columns of its labels");
}

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

std::vector<std::string> labels_of_targets(const std::vector<TargetOptions>& targets, const std::vector<std::string>& labels) {
  if (targets.empty()) return labels;
  if (!labels.empty()) throw ArgumentError("labels stand in 'targets' or in 'labels'; both are given");
  std::vector<std::string> all, names;
  for (const TargetOptions& target : targets) {
    if (target.name.empty() || target.labels.empty())
      throw ArgumentError(format("target '{}' needs a name and the columns of its labels", target.name));
    for (const std::string& label : target.labels) {
      if (std::find(all.begin(), all.end(), label) != all.end())
        throw ArgumentError(format("targets: two of them name the label '{}'", label));
      all.push_back(label);
    }
    if (std::find(names.begin(), names.end(), target.name) != names.end())
      throw ArgumentError(format("two targets are named '{}'", target.name));
    names.push_back(target.name);
  }
  return all;
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
