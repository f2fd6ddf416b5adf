#include "basewise/io/binned_hdf5.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/io/detail/one_hot.h"
#include "basewise/io/hdf5.h"

namespace basewise::io {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 31;
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 26;  // of sequences that are read at once
constexpr std::string_view kSets[] = {"train", "valid", "test"};

bool is_floating(const H5Info& info) {
  return info.dtype == DType::f16 || info.dtype == DType::f32 || info.dtype == DType::f64 || info.dtype == DType::bf16;
}

// How the sequences of a file lie: where the four letters and the bases are.
struct SequenceAxes {
  std::int64_t length = 0;
  std::int64_t per_base = 1;    // from base to base
  std::int64_t per_letter = 1;  // from letter to letter
};

class BinnedFile {
 public:
  explicit BinnedFile(const std::filesystem::path& path) : file(path) {}

  [[noreturn]] void fail(const std::string& what) const { throw DataError(format("{}: {}", file.path().string(), what)); }

  SequenceAxes axes(const std::string& name) const {
    const std::vector<std::int64_t> shape = file.info(name).shape;
    if (shape.size() == 4 && shape[1] == 4 && shape[2] == 1) return {shape[3], 1, shape[3]};
    if (shape.size() == 3 && shape[2] == 4) return {shape[1], 4, 1};
    if (shape.size() == 3 && shape[1] == 4) return {shape[2], 1, shape[2]};
    fail(format("'{}' of shape {} holds no one-hot sequences: expected (N, L, 4), (N, 4, 1, L) or (N, 4, L)", name, shape_text(shape)));
  }

  BinnedShape shape(const std::string& set) const {
    const std::string in = set + "_in", out = set + "_out";
    const std::vector<std::int64_t> given = file.info(in).shape, values = file.info(out).shape;
    const SequenceAxes found = axes(in);
    const bool binned = values.size() == 3;
    if (values.size() != 2 && !binned)
      fail(format("'{}' of shape {} is neither (N, targets) nor (N, bins, targets)", out, shape_text(values)));
    if (values[0] != given[0]) fail(format("'{}' has {} rows, but '{}' has {}", out, values[0], in, given[0]));
    const BinnedShape shape{found.length, binned ? values[1] : 0, values.back()};
    if (shape.length < 1 || shape.targets < 1 || (binned && shape.bins < 1) ||
        std::max(shape.length, shape.targets * std::max<std::int64_t>(1, shape.bins)) > kMost)
      fail(format("'{}' of shape {} and '{}' of shape {} hold no examples", in, shape_text(given), out, shape_text(values)));
    return shape;
  }

  H5File file;
};

class H5Reader : public BinnedReader {
 public:
  H5Reader(const std::filesystem::path& path, std::string set) : file_(path), set_(std::move(set)) {
    if (!file_.file.contains(set_ + "_in") || !file_.file.contains(set_ + "_out"))
      file_.fail(format("there is no set '{0}': '{0}_in' and '{0}_out' are not both there", set_));
    shape_ = file_.shape(set_);
    binned_ = shape_.bins > 0;
    shape_.bins = std::max<std::int64_t>(1, shape_.bins);
    axes_ = file_.axes(set_ + "_in");
    const H5Info in = file_.file.info(set_ + "_in");
    const H5Info out = file_.file.info(set_ + "_out");
    rows_ = in.shape[0];
    floating_ = is_floating(in);
    half_ = out.dtype == DType::f16 || out.dtype == DType::boolean || out.dtype == DType::u8 || out.dtype == DType::i8;
    const std::int64_t most = std::max<std::int64_t>(1, kBlockBytes / (16 * shape_.length + 4 * shape_.bins * shape_.targets));
    block_ = std::min(most, std::max<std::int64_t>(1, in.chunk.empty() ? 1 : in.chunk[0]));
    read_marks();
  }

  const BinnedShape& shape() const override { return shape_; }

  bool next(BinnedRecord& record) override {
    if (row_ == rows_) return false;
    if (row_ >= end_) read_block();
    const std::int64_t in_block = row_ - begin_;
    read_sequence(in_block, record.tokens);
    const std::int64_t size = shape_.bins * shape_.targets;
    const auto values = std::span(values_).subspan(static_cast<std::size_t>(in_block * size), static_cast<std::size_t>(size));
    record.values.assign(values.begin(), values.end());
    record.half = half_;
    const auto mask = std::span(masks_).subspan(static_cast<std::size_t>(masked_ ? in_block * shape_.bins : 0),
                                                static_cast<std::size_t>(masked_ ? shape_.bins : 0));
    record.unmappable.assign(mask.begin(), mask.end());
    if (std::any_of(mask.begin(), mask.end(), [](std::uint8_t value) { return value > 1; }))
      file_.fail(format("row {} of '{}_na' holds other numbers than 0 and 1", row_, set_));
    record.name = names_.empty() ? std::string() : names_[static_cast<std::size_t>(row_)];
    ++row_;
    return true;
  }

 private:
  void read_marks() {
    const std::string na = set_ + "_na", headers = set_ + "_headers";
    masked_ = file_.file.contains(na);
    if (masked_) {
      const std::vector<std::int64_t> shape = file_.file.info(na).shape;
      if (!binned_ || shape != std::vector<std::int64_t>{rows_, shape_.bins})
        file_.fail(format("'{}' of shape {} does not fit {} rows of {} bins", na, shape_text(shape), rows_, shape_.bins));
    }
    if (!file_.file.contains(headers)) return;
    names_ = file_.file.read_text(headers);
    if (std::ssize(names_) != rows_) file_.fail(format("'{}' has {} names for {} rows", headers, names_.size(), rows_));
  }

  void read_block() {
    begin_ = row_;
    end_ = std::min(rows_, row_ + block_);
    const auto n = static_cast<std::size_t>(end_ - begin_);
    const auto bases = n * 4 * static_cast<std::size_t>(shape_.length);
    if (floating_) {
      numbers_.resize(bases);
      file_.file.read_rows<float>(set_ + "_in", begin_, end_, numbers_);
    } else {
      bytes_.resize(bases);
      file_.file.read_rows<std::uint8_t>(set_ + "_in", begin_, end_, bytes_);
    }
    values_.resize(n * static_cast<std::size_t>(shape_.bins * shape_.targets));
    file_.file.read_rows<float>(set_ + "_out", begin_, end_, values_);
    if (!masked_) return;
    masks_.resize(n * static_cast<std::size_t>(shape_.bins));
    file_.file.read_rows<std::uint8_t>(set_ + "_na", begin_, end_, masks_);
  }

  void read_sequence(std::int64_t in_block, std::vector<std::uint8_t>& tokens) const {
    const std::int64_t first = in_block * 4 * shape_.length;
    const auto read = [&](const auto& values) {
      return detail::tokens_of_one_hot(shape_.length, tokens, [&](std::int64_t base, std::uint8_t letter) {
        return values[static_cast<std::size_t>(first + base * axes_.per_base + letter * axes_.per_letter)];
      });
    };
    const std::int64_t wrong = floating_ ? read(numbers_) : read(bytes_);
    if (wrong >= 0) file_.fail(format("row {} of '{}_in': base {} is no one-hot row", row_, set_, wrong));
  }

  BinnedFile file_;
  std::string set_;
  BinnedShape shape_;
  SequenceAxes axes_;
  std::int64_t rows_ = 0, row_ = 0, begin_ = 0, end_ = 0, block_ = 1;
  bool binned_ = false, floating_ = false, half_ = false, masked_ = false;
  std::vector<float> numbers_;
  std::vector<std::uint8_t> bytes_;
  std::vector<float> values_;
  std::vector<std::uint8_t> masks_;
  std::vector<std::string> names_;
};

}  // namespace

BinnedH5 read_binned_h5(const std::filesystem::path& path) {
  const BinnedFile read(path);
  BinnedH5 found;
  for (const std::string_view set : kSets) {
    const std::string word(set);
    if (!read.file.contains(word + "_in")) continue;
    const BinnedShape shape = read.shape(word);
    if (found.sets.empty()) found.shape = shape;
    if (shape.length != found.shape.length || shape.bins != found.shape.bins || shape.targets != found.shape.targets)
      read.fail(format("the sets '{}' and '{}' have other shapes", found.sets.front(), word));
    found.sets.push_back(word);
  }
  if (found.sets.empty())
    read.fail("there is none of 'train_in', 'valid_in' and 'test_in'; expected a file of Basset or of Basenji as of 2017");
  for (const char* name : {"target_ids", "target_labels"})
    if (found.target_names.empty() && read.file.contains(name)) found.target_names = read.file.read_text(name);
  if (!found.target_names.empty() && std::ssize(found.target_names) != found.shape.targets)
    read.fail(format("{} names for {} targets", found.target_names.size(), found.shape.targets));
  if (found.shape.bins == 0) return found;
  if (read.file.contains("pool_width")) {
    const std::vector<std::int64_t> width = read.file.read<std::int64_t>("pool_width");
    if (width.size() != 1 || width[0] < 1 || width[0] > kMost) read.fail("'pool_width' is no number of bases");
    found.bin = width[0];
  } else {
    found.bin = found.shape.length / found.shape.bins;
  }
  if (found.bin < 1 || found.bin * found.shape.bins > found.shape.length)
    read.fail(format("{} bins of {} bases do not fit into {} bases", found.shape.bins, found.bin, found.shape.length));
  return found;
}

BinnedReaderPtr binned_h5_records(const std::filesystem::path& file, const std::string& set) {
  return std::make_unique<H5Reader>(file, set);
}

}  // namespace basewise::io
