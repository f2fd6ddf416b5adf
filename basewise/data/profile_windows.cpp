#include "basewise/data/profile_windows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/data/detail/row_dataset.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

float log_of_sum(std::span<const float> counts) {
  return static_cast<float>(std::log1p(std::accumulate(counts.begin(), counts.end(), 0.0)));
}

class ProfileWindows : public detail::RowDataset {
 public:
  ProfileWindows(seq::GenomePtr genome, std::vector<ProfilePlace> places, ProfileTracks tracks, ProfileWindowOptions options,
                 std::string source)
      : genome_(std::move(genome)),
        places_(std::move(places)),
        tracks_(std::move(tracks)),
        options_(std::move(options)),
        source_(std::move(source)) {}

  std::int64_t size() const override { return static_cast<std::int64_t>(places_.size()); }

  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    const ProfilePlace& place = places_.at(static_cast<std::size_t>(i));
    std::int64_t start = place.centre - options_.output / 2;
    if (options_.jitter > 0)
      start = std::clamp(start + draw.integer(-options_.jitter, options_.jitter), place.low, place.high - options_.output);
    write_sequence(place.chrom, start - (options_.input - options_.output) / 2, row);
    write_counts(*tracks_.target, place.chrom, start, row.data<float>("profile"), row.data<float>("counts"));
    if (tracks_.replicate)
      write_counts(*tracks_.replicate, place.chrom, start, row.data<float>("replicate"), row.data<float>("replicate_counts"));
    if (tracks_.control) write_control(place.chrom, start, row);
    *row.data<std::int64_t>("position") = start;
    *row.data<std::int64_t>("chromosome") = static_cast<std::int64_t>(place.chrom);
  }

  std::string summary() const override {
    std::string text = format("{} windows of {} bases of {}, counts of {} at the middle {}: {}", size(), options_.input, genome_->source(),
                              tracks_.target->summary(), options_.output, source_);
    if (tracks_.control)
      text += format("; control {}, averaged over {} bases", tracks_.control->summary(), fmt::join(options_.control_windows, " and "));
    if (tracks_.replicate) text += format("; replicate {}", tracks_.replicate->summary());
    return options_.jitter > 0 ? text + format("; moved by up to {} bases", options_.jitter) : text;
  }

 protected:
  Schema make_schema() const override {
    Schema schema{detail::sequence_field(options_.input, options_.tokens)};
    add_counts(schema, Role::target, "profile", "counts");
    if (tracks_.control) {
      schema.add({.name = "control_profile",
                  .shape = {std::ssize(options_.control_windows), options_.output},
                  .rule = StrandRule::mirrored,
                  .role = Role::control,
                  .bin = 1});
      schema.add({.name = "control_counts", .shape = {1}, .role = Role::control, .of = "control_profile"});
    }
    if (tracks_.replicate) add_counts(schema, Role::replicate, "replicate", "replicate_counts");
    schema.add_places({"position", "chromosome"});
    return schema;
  }

 private:
  std::size_t length() const { return static_cast<std::size_t>(options_.output); }

  // Counts of both strands at every base, and the logarithm of their sums.
  void add_counts(Schema& schema, Role role, const std::string& profile, const std::string& counts) const {
    const bool second = role == Role::replicate;
    const std::vector<std::string> strands{"forward", "reverse"};
    schema.add({.name = profile,
                .shape = {2, options_.output},
                .rule = StrandRule::paired,
                .role = role,
                .of = second ? "profile" : "",
                .bin = 1,
                .channels = strands});
    schema.add({.name = counts,
                .shape = {2},
                .rule = StrandRule::paired,
                .role = role,
                .of = second ? "counts" : "profile",
                .channels = strands});
  }

  void write_sequence(std::size_t chrom, std::int64_t start, const ExampleRow& row) const {
    if (options_.tokens)
      genome_->read(chrom, start, seq::Strand::none, std::span(row.data<seq::Token>("sequence"), static_cast<std::size_t>(options_.input)));
    else
      genome_->read_one_hot(chrom, start, seq::Strand::none, options_.input, row.data<float>("sequence"), options_.input);
  }

  void write_counts(const corpus::StrandedCounts& track, std::size_t chrom, std::int64_t start, float* profile, float* counts) const {
    const std::span plus(profile, length());
    const std::span minus(profile + options_.output, length());
    track.read(chrom, start, plus, minus);
    counts[0] = log_of_sum(plus);
    counts[1] = log_of_sum(minus);
  }

  void write_control(std::size_t chrom, std::int64_t start, const ExampleRow& row) const {
    std::vector<float> both(2 * length());
    const std::span plus = std::span(both).first(length());
    const std::span minus = std::span(both).last(length());
    tracks_.control->read(chrom, start, plus, minus);
    std::transform(plus.begin(), plus.end(), minus.begin(), plus.begin(), std::plus<>());
    float* out = row.data<float>("control_profile");
    for (const std::int64_t window : options_.control_windows) {
      smooth(plus, window, std::span(out, length()));
      out += options_.output;
    }
    *row.data<float>("control_counts") = log_of_sum(plus);
  }

  seq::GenomePtr genome_;
  std::vector<ProfilePlace> places_;
  ProfileTracks tracks_;
  ProfileWindowOptions options_;
  std::string source_;
};

void check_options(const ProfileWindowOptions& o) {
  if (o.output < 1 || o.input < o.output || (o.input - o.output) % 2 != 0)
    throw ArgumentError(
        format("profiles: {} bases with counts do not stand in the middle of {} bases of sequence; make the difference an even "
               "number of 0 or more",
               o.output, o.input));
  if (o.jitter < 0) throw ArgumentError(format("profiles: a jitter of {} bases is negative", o.jitter));
  for (const std::int64_t window : o.control_windows)
    if (window < 1) throw ArgumentError(format("profiles: control_windows holds {}; a moving average needs 1 base or more", window));
}

void check_places(const std::vector<ProfilePlace>& places, const seq::ChromSizes& sizes, std::int64_t output) {
  for (const ProfilePlace& place : places) {
    if (place.chrom >= sizes.size()) throw ArgumentError(format("profiles: no chromosome {} among {}", place.chrom, sizes.size()));
    const std::int64_t start = place.centre - output / 2;
    const seq::Chrom& chrom = sizes[place.chrom];
    if (place.low < 0 || place.high > chrom.length || start < place.low || start + output > place.high)
      throw ArgumentError(format("profiles: the window [{}, {}) around {} of {} leaves [{}, {})", start, start + output, place.centre,
                                 chrom.name, std::max<std::int64_t>(place.low, 0), std::min(place.high, chrom.length)));
  }
}

}  // namespace

void smooth(std::span<const float> values, std::int64_t window, std::span<float> out) {
  const auto n = static_cast<std::int64_t>(values.size());
  if (n == 0) return;
  const std::int64_t left = (window - 1) / 2;
  const std::int64_t right = window - 1 - left;
  const auto value = [&](std::int64_t i) {
    return static_cast<double>(values[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, n - 1))]);
  };
  // Sums of counts are exact in double precision, so that adding and taking away leaves nothing behind.
  double sum = 0;
  for (std::int64_t i = -left; i <= right; ++i) sum += value(i);
  for (std::int64_t i = 0; i < n; ++i) {
    out[static_cast<std::size_t>(i)] = static_cast<float>(sum / static_cast<double>(window));
    sum += value(i + right + 1) - value(i - left);
  }
}

DatasetPtr profile_windows(seq::GenomePtr genome, std::vector<ProfilePlace> places, ProfileTracks tracks,
                           const ProfileWindowOptions& options, std::string source) {
  if (!tracks.target) throw ArgumentError("profiles: no track with the counts to predict");
  check_options(options);
  check_places(places, genome->sizes(), options.output);
  return std::make_shared<ProfileWindows>(std::move(genome), std::move(places), std::move(tracks), options, std::move(source));
}

}  // namespace basewise::data
