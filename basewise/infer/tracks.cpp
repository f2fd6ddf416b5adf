#include "basewise/infer/tracks.h"

#include <algorithm>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/printable.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/npz.h"
#include "basewise/tensor/tensors.h"

namespace basewise::infer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestTrackName = 255;  // as io/bigwig_writer.cpp says of its format

void check_channels(const TrackPiece& piece, std::size_t names) {
  if (piece.values.size(0) != static_cast<std::int64_t>(names))
    throw ArgumentError(format("the output has {} channels, but {} names were given", piece.values.size(0), names));
}

class BigWigSink : public TrackSink {
 public:
  BigWigSink(const fs::path& prefix, const std::vector<std::string>& names, const seq::ChromSizes& sizes) {
    io::TrackChromosomes chromosomes;
    for (const auto& chrom : sizes) {
      if (chrom.name.size() > kLongestTrackName)
        throw DataError(format("{}: the name '{}' has {} bytes; a bigWig holds up to {}: rename the sequence, or write npz",
                               sizes.source(), shortened(chrom.name, 60), chrom.name.size(), kLongestTrackName));
      chromosomes.emplace_back(chrom.name, chrom.length);
      lengths_.add(chrom);
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
    const std::int64_t length = lengths_.resolve(piece.chrom, "the track").length;
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
  seq::ChromSizes lengths_;
  std::vector<fs::path> files_;
  std::vector<std::unique_ptr<io::BigWigWriter>> writers_;
};

class NpzSink : public TrackSink {
 public:
  NpzSink(const fs::path& prefix, const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes)
      : file_(prefix.string() + ".npz"), writer_(file_) {
    for (const auto& i : intervals) {
      const auto& chrom = sizes.resolve(i.chrom, "the request");
      const bool whole = i.start == 0 && i.end == chrom.length;
      names_.push_back(whole ? chrom.name : format("{}:{}-{}", chrom.name, i.start, i.end));
    }
  }

  void add(const TrackPiece& piece) override {
    if (piece.interval != current_) write();
    current_ = piece.interval;
    parts_.push_back(piece.values);
  }

  void close() override {
    write();
    writer_.close();
  }
  std::vector<fs::path> files() const override { return {file_}; }

 private:
  void write() {
    if (parts_.empty()) return;
    const at::Tensor whole = at::cat(parts_, 1).contiguous();
    writer_.add(names_.at(current_), io::TensorView::of(float_span(whole), whole.sizes().vec()));
    parts_.clear();
  }

  fs::path file_;
  io::NpzWriter writer_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parts_;
  std::size_t current_ = 0;
};

}  // namespace

std::unique_ptr<TrackSink> bigwig_sink(const fs::path& prefix, const std::vector<std::string>& names, const seq::ChromSizes& sizes) {
  return std::make_unique<BigWigSink>(prefix, names, sizes);
}

std::unique_ptr<TrackSink> npz_sink(const fs::path& prefix, const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes) {
  return std::make_unique<NpzSink>(prefix, intervals, sizes);
}

}  // namespace basewise::infer
