#include "basewise/data/count_sources.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::data {

namespace {

float log_of_sum(std::span<const float> counts) {
  return static_cast<float>(std::log1p(std::accumulate(counts.begin(), counts.end(), 0.0)));
}

// Counts have no mask: files leave bases with 0 out.
void check_whole(const corpus::Windows& windows, const char* field) {
  if (!windows.whole())
    throw ArgumentError(format("'{}': counts need windows that never leave their chromosome; these are {}", field, windows.summary()));
}

// Counts of both strands at every base, and the logarithm of their sums.
class BothStrands : public Source {
 public:
  BothStrands(corpus::StrandedCountsPtr track, Role role) : track_(std::move(track)), role_(role) {}

  void add_fields(Schema& schema, const corpus::Windows& windows) const override {
    check_whole(windows, profile());
    const std::vector<std::string> strands{"forward", "reverse"};
    const bool second = role_ == Role::replicate;
    schema.add({.name = profile(),
                .shape = {2, windows.length()},
                .rule = StrandRule::paired,
                .role = role_,
                .of = second ? "profile" : "",
                .bin = 1,
                .channels = strands});
    schema.add({.name = counts(),
                .shape = {2},
                .rule = StrandRule::paired,
                .role = role_,
                .of = second ? "counts" : "profile",
                .channels = strands});
  }

  void fill(const corpus::Window& window, const ExampleRow& row) const override {
    const auto length = static_cast<std::size_t>(window.length);
    float* values = row.data<float>(profile());
    float* sums = row.data<float>(counts());
    const std::span plus(values, length), minus(values + length, length);
    track_->read(window.chrom, window.start, plus, minus);
    sums[0] = log_of_sum(plus);
    sums[1] = log_of_sum(minus);
  }

  std::string summary() const override { return format("{}: counts of {}", profile(), track_->summary()); }

 private:
  const char* profile() const { return role_ == Role::replicate ? "replicate" : "profile"; }
  const char* counts() const { return role_ == Role::replicate ? "replicate_counts" : "counts"; }

  corpus::StrandedCountsPtr track_;
  Role role_;
};

class Control : public Source {
 public:
  Control(corpus::StrandedCountsPtr track, std::vector<std::int64_t> windows)
      : track_(std::move(track)), windows_(std::move(windows)) {}

  void add_fields(Schema& schema, const corpus::Windows& windows) const override {
    check_whole(windows, "control_profile");
    schema.add({.name = "control_profile",
                .shape = {std::ssize(windows_), windows.length()},
                .rule = StrandRule::mirrored,
                .role = Role::control,
                .bin = 1});
    schema.add({.name = "control_counts", .shape = {1}, .role = Role::control, .of = "control_profile"});
  }

  void fill(const corpus::Window& window, const ExampleRow& row) const override {
    const auto length = static_cast<std::size_t>(window.length);
    std::vector<float> both(2 * length);
    const std::span plus = std::span(both).first(length), minus = std::span(both).last(length);
    track_->read(window.chrom, window.start, plus, minus);
    std::transform(plus.begin(), plus.end(), minus.begin(), plus.begin(), std::plus<>());
    float* out = row.data<float>("control_profile");
    for (const std::int64_t width : windows_) {
      corpus::smooth(plus, width, std::span(out, length));
      out += length;
    }
    *row.data<float>("control_counts") = log_of_sum(plus);
  }

  std::string summary() const override {
    return format("control: counts of {}, averaged over {} bases", track_->summary(), fmt::join(windows_, " and "));
  }

 private:
  corpus::StrandedCountsPtr track_;
  std::vector<std::int64_t> windows_;
};

}  // namespace

SourcePtr profile_counts(corpus::StrandedCountsPtr track) {
  return std::make_shared<BothStrands>(std::move(track), Role::target);
}

SourcePtr replicate_counts(corpus::StrandedCountsPtr track) {
  return std::make_shared<BothStrands>(std::move(track), Role::replicate);
}

SourcePtr control_counts(corpus::StrandedCountsPtr track, std::vector<std::int64_t> windows) {
  for (const std::int64_t window : windows)
    if (window < 1 || window > 1000000)
      throw ArgumentError(format("profiles: control_windows holds {}; a moving average needs 1 to 1000000 bases", window));
  return std::make_shared<Control>(std::move(track), std::move(windows));
}

}  // namespace basewise::data
