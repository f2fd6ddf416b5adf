#include "basewise/prepare/detail/bins_hdf5.h"

#include <algorithm>

#include "basewise/core/interrupt.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/seq/alphabet.h"

namespace basewise::prepare::detail {
namespace {

constexpr int kGzip = 1;

/// One-hot codes of a sequence, N all zeros.
std::vector<std::uint8_t> coded(std::span<const seq::Token> tokens, seq::Layout layout) {
  std::vector<std::int8_t> codes(tokens.size() * seq::kChannels);
  seq::one_hot(tokens, codes, layout);
  return {codes.begin(), codes.end()};
}

/// "chr1:100-292(+)", 0-based half-open, as the headers of Basset have it.
std::string header(const ExampleSource& source, const ModelWindow& window) {
  const std::int64_t crop = source.options.crop;
  return format("{}:{}-{}(+)", source.genome.sizes()[window.place.chrom].name, window.place.start - crop, window.place.end + crop);
}

class SetWriter {
 public:
  SetWriter(const ExampleSource& source, const std::filesystem::path& path)
      : source_(source), basset_(source.options.format == BinsFormat::basset), file_(path) {}

  void write() {
    describe();
    for (std::size_t set = 0; set < source_.plan.sets.names.size(); ++set) write_set(set);
    file_.close();
  }

 private:
  void describe() {
    std::vector<std::string> ids, labels;
    for (const BinTarget& target : source_.targets.targets) {
      ids.push_back(target.identifier);
      labels.push_back(target.description.empty() ? target.identifier : target.description);
    }
    file_.write_text("target_labels", basset_ ? ids : labels, true);
    if (basset_) return;
    file_.write_text("target_ids", ids, true);
    const std::int64_t width = source_.options.width;
    file_.write("pool_width", std::span(&width, 1), {});
  }

  void write_set(std::size_t set) {
    const std::string& name = source_.plan.sets.names[set];
    const std::int64_t length = source_.options.length, bins = source_.bins(), targets = source_.target_count();
    const auto shape = basset_ ? std::vector<std::int64_t>{4, 1, length} : std::vector<std::int64_t>{length, 4};
    file_.begin(name + "_in", shape, {.dtype = io::DType::boolean, .gzip = kGzip});
    if (basset_)
      file_.begin(name + "_out", {targets}, {.dtype = io::DType::f32, .gzip = kGzip});
    else
      file_.begin(name + "_out", {bins, targets}, {.dtype = io::DType::f16, .gzip = kGzip});
    if (!basset_) file_.begin(name + "_na", {bins}, {.dtype = io::DType::boolean, .gzip = kGzip});
    const auto [first, behind] = source_.plan.range(set);
    const std::int64_t at_once = rows_at_once(source_.options, targets);
    for (std::int64_t row = first; row < behind; row += at_once) write_rows(name, row, std::min(row + at_once, behind));
    if (!basset_ || name != kTestSet) return;
    std::vector<std::string> headers;
    for (std::int64_t row = first; row < behind; ++row)
      headers.push_back(header(source_, source_.plan.windows[static_cast<std::size_t>(row)]));
    file_.write_text("test_headers", headers, true);
  }

  void write_rows(const std::string& set, std::int64_t first, std::int64_t behind) {
    const std::vector<std::uint16_t> halves = read_bins(source_, first, behind);
    std::vector<float> values(halves.size());
    io::half_to_float(halves, values);
    file_.append(set + "_out", std::span<const float>(values));
    std::vector<seq::Token> tokens(static_cast<std::size_t>(source_.options.length));
    for (std::int64_t row = first; row < behind; ++row) {
      throw_if_stopping();
      read_sequence(source_, row, tokens);
      const auto codes = coded(tokens, basset_ ? seq::Layout::channel_major : seq::Layout::length_major);
      file_.append(set + "_in", std::span<const std::uint8_t>(codes));
      if (basset_) continue;
      const auto mask = mask_of(source_, row);
      file_.append(set + "_na", std::span<const std::uint8_t>(mask));
    }
  }

  const ExampleSource& source_;
  bool basset_;
  io::H5Writer file_;
};

}  // namespace

void write_hdf5(const ExampleSource& source, const std::filesystem::path& path) { SetWriter(source, path).write(); }

}  // namespace basewise::prepare::detail
