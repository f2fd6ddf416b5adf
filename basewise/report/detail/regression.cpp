// Predicted against observed numbers.
#include "basewise/core/error.h"
#include "basewise/report/detail/sections.h"
#include "basewise/report/detail/spec.h"

namespace basewise::report::detail {
namespace {

Figure density_figure(const Run& run, const Json& output, const std::string& id, const std::string& title) {
  const Json& d = output.at("density");
  const double low = d.at("low"), high = d.at("high"), width = (high - low) / d.at("bins").get<double>();
  const auto edge = [&](const Json& bin, int more) { return short_number(low + (bin.get<double>() + more) * width); };
  Figure f;
  f.id = id;
  f.title = title;
  f.kind = "density";
  f.caption = "Each square counts values; on the dashed diagonal, predictions equal observations.";
  if (const auto outside = d.at("outside").get<std::int64_t>(); outside > 0)
    f.caption += format(" {} values lie beyond the axes.", grouped(outside));
  const double pearson = number_of(member(member(member(run.metrics, "pooled"), "metrics"), "pearson"), "value");
  if (pearson == pearson) f.summary = format("Pearson correlation of all values: {:.3f}.", pearson);
  f.spec = density_spec("observed", "predicted");
  DataTable cells("cells", {{.name = "x", .title = "observed from"},
                            {.name = "x2", .title = "observed to"},
                            {.name = "y", .title = "predicted from"},
                            {.name = "y2", .title = "predicted to"},
                            {.name = "count"}});
  const Json &observed = d.at("observed"), &predicted = d.at("predicted"), &count = d.at("count");
  for (std::size_t i = 0; i < count.size(); ++i)
    cells.add({edge(observed.at(i), 0), edge(observed.at(i), 1), edge(predicted.at(i), 0), edge(predicted.at(i), 1), count.at(i)});
  DataTable line("reference", {{.name = "x"}, {.name = "y"}});
  for (const double end : {low, high}) line.add({short_number(end), short_number(end)});
  f.data = {cells, line};
  return f;
}

}  // namespace

std::vector<Figure> predicted_observed(const Runs& runs) {
  std::vector<Figure> figures;
  for (const Run& run : runs) {
    const Json& outputs = member(run.curves, "outputs");
    for (const Json& output : outputs) {
      if (member(output, "density").is_null()) continue;
      const std::string name = text_of(output, "name");
      std::string title = "Predicted against observed";
      if (runs.size() > 1) title += ": " + run.id;
      if (outputs.size() > 1) title += ": " + (name == "pooled" ? pooled_name(run.metrics) : filled(name));
      figures.push_back(density_figure(run, output, format("predicted_observed_{}", figures.size() + 1), title));
      if (runs.size() > 1) break;
    }
  }
  return figures;
}

}  // namespace basewise::report::detail
