#include "basewise/infer/tracks.h"

#include <algorithm>
#include <map>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/printable.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/npz_writer.h"
#include "basewise/tensor/tensors.h"

namespace basewise::infer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestTrackName = 255;  // as io/bigwig_writer.cpp says of its format

void check_channels(const TrackPiece& piece, std::size_t names) {
  if (piece.values.size(0) != static_cast<std::int64_t>(names))
    throw ArgumentError(format("the output has {} channels, but {} names were given", piece.values.size(0), names));
}

void refuse_same_names(const std::vector<std::string>& names, const fs::path& prefix) {
  std::map<std::string, std::size_t> channels;
  for (std::size_t c = 0; c < names.size(); ++c)
    if (const auto [other, fresh] = channels.emplace(names[c], c); !fresh)
      throw ArgumentError(format("channels {} and {} (from 0) are both called '{}' and would both be {}.{}.bw; give each of the {} "
                                 "channels a name of its own by 'names'",
                                 other->second, c, names[c], prefix.string(), names[c], names.size()));
}

class BigWigSink : public TrackSink {
 public:
  BigWigSink(const fs::path& prefix, const std::vector<std::string>& names, const seq::ChromSizes& sizes) : sizes_(sizes) {
    refuse_same_names(names, prefix);
    io::TrackChromosomes chromosomes;
    for (const auto& chrom : sizes) {
      if (chrom.name.size() > kLongestTrackName)
        throw DataError(format("{}: the name '{}' has {} bytes; a bigWig holds up to {}: rename the sequence, or write npz",
                               sizes.source(), shortened(chrom.name, 60), chrom.name.size(), kLongestTrackName));
      chromosomes.emplace_back(chrom.name, chrom.length);
    }
    for (const auto& name : names) {
      files_.push_back(prefix.string() + "." + name + ".bw");
      writers_.push_back(std::make_unique<io::BigWigWriter>(files_.back(), chromosomes));
    }
  }

  void add(const TrackPiece& piece) override {
    check_channels(piece, writers_.size());
    const std::int64_t n = piece.values.size(1);
    // A circular interval may run over the origin; its bases behind it would come out of order.
    const std::int64_t length = sizes_.resolve(piece.chrom, "the track").length;
    const std::int64_t fit = std::min(n, (length - piece.start + piece.stride - 1) / piece.stride);
    if (fit < n)
      throw ArgumentError(format("{} bases of {} lie behind its end at {}: split the interval at the origin",
                                 (n - fit) * piece.stride, piece.chrom, length));
    const auto values = float_span(piece.values);
    for (std::size_t c = 0; c < writers_.size(); ++c)
      writers_[c]->add_run(piece.chrom, piece.start,
                           values.subspan(c * static_cast<std::size_t>(n), static_cast<std::size_t>(n)), piece.stride);
  }

  void close() override {
    for (auto& writer : writers_) writer->close();
  }
  std::vector<fs::path> files() const override { return files_; }

 private:
  const seq::ChromSizes& sizes_;
  std::vector<fs::path> files_;
  std::vector<std::unique_ptr<io::BigWigWriter>> writers_;
};

class NpzSink : public TrackSink {
 public:
  NpzSink(const fs::path& prefix, const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes)
      : file_(prefix.string() + ".npz"), writer_(file_), intervals_(intervals), sizes_(sizes) {}

  void add(const TrackPiece& piece) override {
    if (piece.interval != current_) begin(piece);
    const std::int64_t channels = piece.values.size(0), n = piece.values.size(1);
    const auto values = float_span(piece.values);
    for (std::int64_t c = 0; c < channels; ++c)
      writer_.append(std::as_bytes(values.subspan(static_cast<std::size_t>(c * n), static_cast<std::size_t>(n))), c);
  }

  void close() override {
    if (current_) writer_.end();
    writer_.close();
  }
  std::vector<fs::path> files() const override { return {file_}; }

 private:
  // Channels of an interval grow side by side.
  void begin(const TrackPiece& piece) {
    if (current_) writer_.end();
    current_ = piece.interval;
    const seq::Interval& interval = intervals_.at(piece.interval);
    const seq::Chrom& chrom = sizes_.resolve(interval.chrom, "the request");
    const bool whole = interval.start == 0 && interval.end == chrom.length;
    const std::int64_t channels = piece.values.size(0), n = (interval.length() + piece.stride - 1) / piece.stride;
    writer_.begin(whole ? chrom.name : format("{}:{}-{}", chrom.name, interval.start, interval.end), io::DType::f32, {channels, n},
                  channels);
  }

  fs::path file_;
  io::NpzWriter writer_;
  const std::vector<seq::Interval>& intervals_;
  const seq::ChromSizes& sizes_;
  std::optional<std::size_t> current_ = {};
};

}  // namespace

std::unique_ptr<TrackSink> bigwig_sink(const fs::path& prefix, const std::vector<std::string>& names, const seq::ChromSizes& sizes) {
  return std::make_unique<BigWigSink>(prefix, names, sizes);
}

std::unique_ptr<TrackSink> npz_sink(const fs::path& prefix, const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes) {
  return std::make_unique<NpzSink>(prefix, intervals, sizes);
}

}  // namespace basewise::infer
