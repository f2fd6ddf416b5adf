#include "basewise/report/detail/regression.h"

#include "basewise/core/error.h"
#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

Figure density_figure(const Run& run, const metrics::Density& d, const std::string& id, const std::string& title) {
  const auto edge = [&](std::int64_t bin) { return short_number(d.low + static_cast<double>(bin) * d.width()); };
  Figure f;
  f.id = id;
  f.title = title;
  f.kind = FigureKind::density;
  f.caption = "Each square counts values; on the dashed diagonal, predictions equal observations.";
  if (d.outside > 0) f.caption += format(" {} values lie beyond the axes.", grouped(d.outside));
  const auto* pearson = results::find_metric(first_head(run).pooled.metrics, "pearson");
  if (pearson && pearson->value.defined()) f.summary = format("Pearson correlation of all values: {:.3f}.", pearson->value.value);
  f.spec = density_spec("observed", "predicted");
  DataTable cells("cells", {{.name = "x", .title = "observed from"},
                            {.name = "x2", .title = "observed to"},
                            {.name = "y", .title = "predicted from"},
                            {.name = "y2", .title = "predicted to"},
                            {.name = "count"}});
  for (std::int64_t o = 0; o < d.bins; ++o)
    for (std::int64_t p = 0; p < d.bins; ++p)
      if (d.count(o, p) != 0) cells.add({edge(o), edge(o + 1), edge(p), edge(p + 1), d.count(o, p)});
  DataTable line("reference", {{.name = "x"}, {.name = "y"}});
  for (const double end : {d.low, d.high}) line.add({short_number(end), short_number(end)});
  f.data = {cells, line};
  return f;
}

}  // namespace

std::vector<Figure> predicted_observed(const Runs& runs) {
  std::vector<Figure> figures;
  for (const Run& run : runs) {
    if (!run.curves) continue;
    const auto& outputs = run.curves->outputs;
    for (const results::OutputFigures& output : outputs) {
      if (!output.density) continue;
      const std::string& name = output.name;
      std::string title = "Predicted against observed";
      if (runs.size() > 1) title += ": " + run.id;
      if (outputs.size() > 1) title += ": " + (name == results::kPooled ? pooled_name(run) : filled(name));
      figures.push_back(density_figure(run, *output.density, format("predicted_observed_{}", figures.size() + 1), title));
      if (runs.size() > 1) break;
    }
  }
  return figures;
}

}  // namespace basewise::report::detail
