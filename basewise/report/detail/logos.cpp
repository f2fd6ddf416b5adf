#include "basewise/report/detail/logos.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/io/safetensors.h"
#include "basewise/report/detail/spec_logo.h"
#include "basewise/results/run_files.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostFilters = 12;
constexpr std::int64_t kWide = 40;  // columns that need the whole width of the page

/// Weights (filters, 4, width), less the mean of the four letters at each position.
struct Filters {
  std::int64_t count = 0;
  std::int64_t width = 0;
  std::vector<float> weights;

  float at(std::int64_t filter, std::int64_t letter, std::int64_t position) const {
    return weights[static_cast<std::size_t>((filter * 4 + letter) * width + position)];
  }
  float& at(std::int64_t filter, std::int64_t letter, std::int64_t position) {
    return weights[static_cast<std::size_t>((filter * 4 + letter) * width + position)];
  }
};

void centre(Filters& f) {
  for (std::int64_t k = 0; k < f.count; ++k)
    for (std::int64_t p = 0; p < f.width; ++p) {
      float sum = 0;
      for (std::int64_t l = 0; l < 4; ++l) sum += f.at(k, l, p);
      for (std::int64_t l = 0; l < 4; ++l) f.at(k, l, p) -= sum / 4;
    }
}

Filters read_filters(const Run& run) {
  const std::string name = text_of(run.model, "first_layer");
  const std::filesystem::path file = run.folder / results::weights_file();
  if (name.empty() || !std::filesystem::exists(file)) return {};
  const io::SafetensorsFile weights(file);
  if (!weights.contains(name)) return {};
  const io::TensorView& view = weights.at(name);
  if (view.dtype != io::DType::f32 || view.shape.size() != 3 || view.shape[1] != 4) return {};
  Filters filters{.count = view.shape[0], .width = view.shape[2], .weights = std::vector<float>(view.bytes.size() / sizeof(float))};
  std::memcpy(filters.weights.data(), view.bytes.data(), view.bytes.size());
  centre(filters);
  return filters;
}

/// Sum of squared weights: what a filter can tell letters apart by.
double strength(const Filters& f, std::int64_t filter) {
  double sum = 0;
  for (std::int64_t l = 0; l < 4; ++l)
    for (std::int64_t p = 0; p < f.width; ++p) sum += static_cast<double>(f.at(filter, l, p)) * f.at(filter, l, p);
  return sum;
}

std::vector<std::int64_t> strongest(const Filters& f) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(f.count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return strength(f, a) > strength(f, b); });
  if (order.size() > kMostFilters) order.resize(kMostFilters);
  return order;
}

/// Ends of an axis that holds the stacks of all filters shown, to two digits.
std::pair<double, double> axis_ends(const Filters& f, const std::vector<std::int64_t>& shown) {
  double low = 0, high = 0;
  for (const std::int64_t k : shown)
    for (std::int64_t p = 0; p < f.width; ++p) {
      double down = 0, up = 0;
      for (std::int64_t l = 0; l < 4; ++l) (f.at(k, l, p) < 0 ? down : up) += f.at(k, l, p);
      low = std::min(low, down), high = std::max(high, up);
    }
  const double step = std::pow(10, std::floor(std::log10(std::max({-low, high, 1e-9}))) - 1);
  return {std::floor(low / step) * step, std::ceil(high / step) * step};
}

std::vector<Figure> filter_logos(const Run& run, std::size_t number) {
  const Filters filters = read_filters(run);
  if (filters.count == 0) return {};
  const auto shown = strongest(filters);
  const auto [low, high] = axis_ends(filters, shown);
  std::vector<Figure> figures;
  for (const std::int64_t k : shown) {
    Figure f;
    f.id = format("filter_{}_{}", number + 1, k + 1);
    f.title = format("Filter {} of {}", k + 1, filters.count);
    f.caption =
        "Heights are the weights of the four letters, less their mean: letters above the line raise what the filter answers, those below "
        "it lower it.";
    f.kind = FigureKind::logo;
    f.size = filters.width > kWide ? FigureSize::full : FigureSize::third;
    f.engine = Engine::vega;
    f.spec =
        logo_spec({.y_title = "weight", .x_title = "position in the filter", .first = 1, .last = filters.width, .low = low, .high = high});
    DataTable letters("letters", {{.name = "position"}, {.name = "letter"}, {.name = "height", .title = "weight"}});
    for (std::int64_t p = 0; p < filters.width; ++p)
      for (std::int64_t l = 0; l < 4; ++l) letters.add({p + 1, std::string(1, "ACGT"[l]), short_number(filters.at(k, l, p))});
    f.data = {letters};
    figures.push_back(std::move(f));
  }
  return figures;
}

}  // namespace

Section filters_section(const Runs& runs) {
  Section section{.id = "filters", .title = "Filters of the first layer"};
  for (std::size_t r = 0; r < runs.size(); ++r) {
    auto figures = filter_logos(runs[r], r);
    if (figures.empty()) continue;
    if (runs.size() > 1) section.add(text_block(runs[r].id));
    for (Figure& f : figures) {
      if (runs.size() > 1) f.title += ", " + runs[r].id;
      section.add(f);
    }
  }
  if (!section.blocks.empty())
    section.lead = format(
        "Weights as heights, not frequencies: what the filters of the first layer look for. At most {} are shown, those with the largest "
        "weights first; all axes are alike.",
        kMostFilters);
  return section;
}

}  // namespace basewise::report::detail
