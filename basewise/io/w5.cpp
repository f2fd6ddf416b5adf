#include "basewise/io/w5.h"

#include <algorithm>
#include <string>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"

namespace basewise::io {
namespace {

constexpr std::int64_t kChunk = 1 << 18;  // bases of a compressed piece: 512 kB
constexpr int kGzip = 1;                  // counts are small anyway, and higher levels take several times as long

}  // namespace

struct W5Reader::State {
  H5File file;
  TrackChromosomes chromosomes;

  explicit State(const std::filesystem::path& path) : file(path) {}
};

W5Reader::W5Reader(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {
  State& s = *state_;
  for (const H5Entry& entry : s.file.list()) {
    if (entry.kind != H5Kind::data_set) continue;
    const H5Info info = s.file.info(entry.name);
    if (info.shape.size() == 1 && info.dtype && info.shape[0] > 0) s.chromosomes.emplace_back(entry.name, info.shape[0]);
  }
  if (s.chromosomes.empty())
    throw DataError(format("{}: holds no coverage: a .w5 file has one data set of numbers per chromosome, with one axis, in its root",
                           path.string()));
}
W5Reader::~W5Reader() = default;
W5Reader::W5Reader(W5Reader&&) noexcept = default;

const TrackChromosomes& W5Reader::chromosomes() const { return state_->chromosomes; }

void W5Reader::values(std::string_view chromosome, std::int64_t start, std::span<float> out) const {
  const State& s = *state_;
  const auto found = std::find_if(s.chromosomes.begin(), s.chromosomes.end(), [&](const auto& c) { return c.first == chromosome; });
  const std::string file = s.file.path().string();
  if (found == s.chromosomes.end()) {
    std::vector<std::string> names;
    for (const auto& [name, length] : s.chromosomes) names.push_back(name);
    const auto near = nearest(std::string(chromosome), names);
    throw DataError(format("{}: no chromosome '{}'{}", file, chromosome, near ? format("; did you mean '{}'?", *near) : ""));
  }
  const std::int64_t end = start + static_cast<std::int64_t>(out.size());
  if (start < 0 || end > found->second)
    throw DataError(format("{}: {} has {} bases; {}-{} lies outside", file, chromosome, found->second, start, end));
  if (!out.empty()) s.file.read_rows<float>(found->first, start, end, out);
}

struct W5Writer::State {
  H5Writer file;
  std::string last = {};  // chromosome that is being written
  std::vector<std::string> known = {};
  std::vector<float> kept = {};
  std::int64_t cut = 0;

  explicit State(const std::filesystem::path& path) : file(path) {}
};

W5Writer::W5Writer(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
W5Writer::~W5Writer() = default;

void W5Writer::add(std::string_view chromosome, std::span<const float> values) {
  State& s = *state_;
  if (s.known.empty() || s.last != chromosome) {
    if (chromosome.empty() || chromosome.find('/') != std::string_view::npos)
      throw ArgumentError(format("'{}' cannot be the name of a chromosome in an HDF5 file", chromosome));
    if (std::find(s.known.begin(), s.known.end(), chromosome) != s.known.end())
      throw ArgumentError(format("{} comes again after {}; the values of a chromosome come together", chromosome, s.last));
    s.last = chromosome;
    s.known.push_back(s.last);
    s.file.begin(s.last, {}, {.dtype = DType::f16, .gzip = kGzip, .chunk_rows = kChunk});
  }
  s.kept.assign(values.begin(), values.end());
  for (float& value : s.kept) {
    if (value <= kLargestHalf && value >= -kLargestHalf) continue;
    if (value != value) continue;
    value = value > 0 ? kLargestHalf : -kLargestHalf;
    ++s.cut;
  }
  s.file.append<float>(s.last, s.kept);
}

void W5Writer::close() { state_->file.close(); }
std::int64_t W5Writer::cut() const { return state_->cut; }

}  // namespace basewise::io
