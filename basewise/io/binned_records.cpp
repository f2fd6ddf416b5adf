#include "basewise/io/binned_records.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/io/detail/one_hot.h"
#include "basewise/io/half.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"

namespace basewise::io {
namespace {

constexpr std::uint8_t kUnknown = 4;

void read_sequence(const std::string& bytes, std::int64_t length, std::vector<std::uint8_t>& tokens) {
  if (std::ssize(bytes) == length) {
    tokens.resize(bytes.size());
    std::memcpy(tokens.data(), bytes.data(), bytes.size());
    const auto wrong = std::find_if(tokens.begin(), tokens.end(), [](std::uint8_t token) { return token > kUnknown; });
    if (wrong != tokens.end())
      throw DataError(format("base {} of 'sequence' is {}; expected 0 to 4 (A C G T N)", wrong - tokens.begin(), *wrong));
    return;
  }
  if (std::ssize(bytes) != 4 * length)
    throw DataError(format("'sequence' has {} bytes; expected {} (one per base) or {} (four per base)", bytes.size(), length, 4 * length));
  const std::int64_t wrong = detail::tokens_of_one_hot(length, tokens, [&](std::int64_t base, std::uint8_t letter) {
    return static_cast<unsigned char>(bytes[static_cast<std::size_t>(4 * base + letter)]);
  });
  if (wrong >= 0) throw DataError(format("base {} of 'sequence' is no one-hot row of four bytes", wrong));
}

class TfrReader : public BinnedReader {
 public:
  TfrReader(std::vector<std::filesystem::path> files, const BinnedShape& shape) : files_(std::move(files)), shape_(shape) {
    if (shape.length < 1 || shape.bins < 1 || shape.targets < 0)
      throw ArgumentError(format("records of {} bases and {} bins: both must be 1 or more", shape.length, shape.bins));
  }

  const BinnedShape& shape() const override { return shape_; }

  bool next(BinnedRecord& record) override {
    while (true) {
      if (!reader_) {
        if (file_ == files_.size()) return false;
        reader_.emplace(files_[file_]);
      }
      if (reader_->next(message_)) break;
      reader_.reset();
      ++file_;
    }
    // The reader names file and record in errors of its own.
    with_context(format("{}: record {}", files_[file_].string(), reader_->count() - 1), [&] { parse(record); });
    return true;
  }

 private:
  void parse(BinnedRecord& record) {
    const TfExample example = TfExample::parse(message_);
    record.name.clear();
    read_sequence(example.bytes("sequence"), shape_.length, record.tokens);
    read_values(example, record);
    record.unmappable.clear();
    if (example.find("umap")) read_mask(example.bytes("umap"), record.unmappable);
  }

  void expect(std::int64_t values, std::string_view name) {
    if (shape_.targets == 0 && values > 0 && values % shape_.bins == 0) shape_.targets = values / shape_.bins;
    if (shape_.targets == 0)
      throw DataError(format("'{}' has {} values, which are no whole number of targets in {} bins", name, values, shape_.bins));
    if (values != shape_.bins * shape_.targets)
      throw DataError(format("'{}' has {} values; expected {} bins of {} targets, {} values", name, values, shape_.bins, shape_.targets,
                             shape_.bins * shape_.targets));
  }

  void read_values(const TfExample& example, BinnedRecord& record) {
    const std::string_view name = !example.find("target") && example.find("targets") ? "targets" : "target";
    const TfFeature* feature = example.find(name);
    record.half = !feature || !std::holds_alternative<std::vector<float>>(*feature);
    if (!record.half) {
      const std::span<const float> values = example.floats(name);
      expect(std::ssize(values), name);
      record.values.assign(values.begin(), values.end());
      return;
    }
    const std::string& bytes = example.bytes(name);
    if (bytes.size() % 2 != 0)
      throw DataError(format("'{}' has {} bytes, which are no whole number of float16 values", name, bytes.size()));
    expect(std::ssize(bytes) / 2, name);
    halves_.resize(bytes.size() / 2);
    std::memcpy(halves_.data(), bytes.data(), bytes.size());
    record.values.resize(halves_.size());
    half_to_float(halves_, record.values);
  }

  void read_mask(const std::string& bytes, std::vector<std::uint8_t>& mask) const {
    if (std::ssize(bytes) != shape_.bins)
      throw DataError(format("'umap' has {} bytes; expected one for each of {} bins", bytes.size(), shape_.bins));
    mask.assign(bytes.begin(), bytes.end());
    const auto wrong = std::find_if(mask.begin(), mask.end(), [](std::uint8_t value) { return value > 1; });
    if (wrong != mask.end()) throw DataError(format("bin {} of 'umap' is {}; expected 0 or 1", wrong - mask.begin(), *wrong));
  }

  std::vector<std::filesystem::path> files_;
  BinnedShape shape_;
  std::size_t file_ = 0;
  std::optional<TfRecordReader> reader_;
  std::string message_;
  std::vector<std::uint16_t> halves_;
};

}  // namespace

BinnedReaderPtr binned_records(std::vector<std::filesystem::path> files, const BinnedShape& shape) {
  return std::make_unique<TfrReader>(std::move(files), shape);
}

}  // namespace basewise::io
