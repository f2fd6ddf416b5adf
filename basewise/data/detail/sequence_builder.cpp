#include "basewise/data/detail/sequence_builder.h"

#include <utility>

#include "basewise/corpus/registry.h"

namespace basewise::data::detail {

SequenceBuilder::SequenceBuilder(std::string source, LengthOptions length, seq::Ambiguity ambiguity)
    : data_(std::make_shared<SequenceData>()), length_(std::move(length)), ambiguity_(ambiguity) {
  data_->source = std::move(source);
  data_->length = length_.length;
}

std::string SequenceBuilder::fitted(std::string_view letters, const FilePosition& where) {
  const auto has = static_cast<std::int64_t>(letters.size());
  const std::int64_t wants = data_->length;
  if (has == wants) return std::string(letters);
  if (length_.fit == LengthFit::error)
    throw_data_error(where, format("the sequence has {} bases, expected {}{}; set length.fit = \"centre\" to cut and fill up", has, wants,
                                   length_.length == 0 ? " as in the first one" : ""));
  if (has > wants) {
    ++cut_;
    return std::string(letters.substr(static_cast<std::size_t>((has - wants) / 2), static_cast<std::size_t>(wants)));
  }
  ++filled_;
  const auto left = static_cast<std::size_t>((wants - has) / 2);
  return std::string(left, 'N') + std::string(letters) + std::string(static_cast<std::size_t>(wants - has) - left, 'N');
}

void SequenceBuilder::add(std::string name, std::string_view letters, const FilePosition& where) {
  if (letters.empty()) throw_data_error(where, format("the sequence '{}' is empty", name));
  if (data_->length == 0) data_->length = static_cast<std::int64_t>(letters.size());
  const std::string text = fitted(letters, where);
  std::vector<seq::Token>& tokens = data_->tokens;
  tokens.resize(tokens.size() + text.size());
  const auto report = with_context(where.to_string(), [&] { return seq::encode(text, std::span(tokens).last(text.size()), ambiguity_); });
  ambiguous_ += report.ambiguous;
  data_->names.push_back(std::move(name));
}

SequenceDataPtr SequenceBuilder::finish() {
  if (data_->names.empty()) throw DataError(format("{}: no sequence was left to read", data_->source));
  for (std::string& note : notes()) data_->notes.push_back(std::move(note));
  return std::move(data_);
}

SequenceDataPtr SequenceBuilder::take() {
  const auto part = std::exchange(data_, std::make_shared<SequenceData>());
  data_->source = part->source;
  data_->length = part->length;
  return part;
}

std::vector<std::string> SequenceBuilder::notes() const {
  std::vector<std::string> notes;
  if (cut_ > 0) notes.push_back(format("{} sequences were cut to their middle {} bases", cut_, data_->length));
  if (filled_ > 0) notes.push_back(format("{} sequences were filled up with N to {} bases", filled_, data_->length));
  if (ambiguous_ > 0) notes.push_back(format("{} IUPAC letters became N", ambiguous_));
  return notes;
}

std::string source_of(std::initializer_list<const FileList*> files) {
  std::vector<std::filesystem::path> all;
  for (const FileList* list : files) all.insert(all.end(), list->begin(), list->end());
  if (all.empty()) return {};
  const std::string first = corpus::resolve_path(all.front().string()).string();
  if (all.size() == 1) return first;
  if (all.size() == 2) return format("{} and {}", first, corpus::resolve_path(all.back().string()).string());
  return format("{} and {} more files", first, all.size() - 1);
}

}  // namespace basewise::data::detail
