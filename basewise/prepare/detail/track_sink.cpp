#include "basewise/prepare/detail/track_sink.h"

#include <algorithm>

#include "basewise/io/bedgraph.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/w5.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::size_t kStretchesAtOnce = 1 << 15;
constexpr std::int64_t kZerosAtOnce = 1 << 18;

/// Joins equal neighbours.
class StretchSink : public TrackSink {
 public:
  explicit StretchSink(io::TrackChromosomes chromosomes) : chromosomes_(std::move(chromosomes)) {}

  void add(std::size_t chrom, std::int64_t start, std::span<const float> values, std::int64_t step) override {
    go_to(chrom);
    const std::int64_t length = chromosomes_[chrom].second;
    for (std::size_t i = 0; i < values.size(); ++i, start += step) add_stretch({start, std::min(start + step, length), values[i]});
  }
  void add_zeros(std::size_t chrom, std::int64_t start, std::int64_t end) override {
    go_to(chrom);
    add_stretch({start, end, 0});
  }

 protected:
  void flush() {
    if (!stretches_.empty()) write(chromosomes_[chrom_].first, stretches_);
    stretches_.clear();
  }
  virtual void write(const std::string& chromosome, std::span<const io::TrackInterval> stretches) = 0;

 private:
  void go_to(std::size_t chrom) {
    if (chrom != chrom_) flush();
    chrom_ = chrom;
  }
  void add_stretch(const io::TrackInterval& next) {
    if (!stretches_.empty() && stretches_.back().value == next.value && stretches_.back().end == next.start) {
      stretches_.back().end = next.end;
      return;
    }
    if (stretches_.size() >= kStretchesAtOnce) flush();
    stretches_.push_back(next);
  }

  io::TrackChromosomes chromosomes_;
  std::size_t chrom_ = 0;
  std::vector<io::TrackInterval> stretches_;
};

class BigWigSink final : public StretchSink {
 public:
  BigWigSink(const std::filesystem::path& path, const io::TrackChromosomes& chromosomes)
      : StretchSink(chromosomes), writer_(path, chromosomes) {}
  void close() override {
    flush();
    writer_.close();
  }

 protected:
  void write(const std::string& chromosome, std::span<const io::TrackInterval> stretches) override {
    writer_.add_intervals(chromosome, stretches);
  }

 private:
  io::BigWigWriter writer_;
};

class BedGraphSink final : public StretchSink {
 public:
  BedGraphSink(const std::filesystem::path& path, const io::TrackChromosomes& chromosomes) : StretchSink(chromosomes), writer_(path) {}
  void close() override {
    flush();
    writer_.close();
  }

 protected:
  void write(const std::string& chromosome, std::span<const io::TrackInterval> stretches) override {
    for (const io::TrackInterval& stretch : stretches) writer_.add(chromosome, stretch);
  }

 private:
  io::BedGraphWriter writer_;
};

class W5Sink final : public TrackSink {
 public:
  W5Sink(const std::filesystem::path& path, io::TrackChromosomes chromosomes)
      : path_(path), chromosomes_(std::move(chromosomes)), writer_(path) {}
  void add(std::size_t chrom, std::int64_t, std::span<const float> values, std::int64_t) override {
    writer_.add(chromosomes_[chrom].first, values);
  }
  void add_zeros(std::size_t chrom, std::int64_t start, std::int64_t end) override {
    const std::vector<float> zeros(static_cast<std::size_t>(std::min(end - start, kZerosAtOnce)), 0.0F);
    for (; start < end; start += kZerosAtOnce)
      writer_.add(chromosomes_[chrom].first, std::span(zeros).first(static_cast<std::size_t>(std::min(end - start, kZerosAtOnce))));
  }
  void close() override { writer_.close(); }
  std::string note() const override {
    if (writer_.cut() == 0) return {};
    return format("{}: {} values above 65504, the largest float16, were cut to it", path_.string(), writer_.cut());
  }

 private:
  std::filesystem::path path_;
  io::TrackChromosomes chromosomes_;
  io::W5Writer writer_;
};

}  // namespace

std::unique_ptr<TrackSink> make_sink(const std::filesystem::path& path, CoverageFormat format, const io::TrackChromosomes& chromosomes) {
  switch (format) {
    case CoverageFormat::w5: return std::make_unique<W5Sink>(path, chromosomes);
    case CoverageFormat::bedgraph: return std::make_unique<BedGraphSink>(path, chromosomes);
    case CoverageFormat::automatic:
    case CoverageFormat::bigwig: break;
  }
  return std::make_unique<BigWigSink>(path, chromosomes);
}

}  // namespace basewise::prepare::detail
