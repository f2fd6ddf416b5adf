#include "basewise/data/simulation_data.h"

#include "basewise/core/error.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/sequence_sets.h"

namespace basewise::data {

namespace {

DataSplits build_simulation(const DataOptions& o, std::uint64_t seed) {
  return detail::split_sequences(o, seed, {}, [&](DataSplits& splits) {
    detail::add_input(splits, o.simulation.background);
    for (const corpus::SimulatedMotifOptions& motif : o.simulation.motifs) detail::add_input(splits, motif.file);
    return sequences_of(corpus::simulate(o.simulation, seed));
  });
}

}  // namespace

SequenceDataPtr sequences_of(const corpus::SimulationResult& simulation) {
  auto data = std::make_shared<SequenceData>();
  data->length = simulation.length;
  data->tokens = simulation.tokens;
  data->labels = simulation.labels;
  data->label_names = simulation.tasks;
  for (std::int64_t i = 0; i < simulation.sequences(); ++i) data->names.push_back(format("sequence_{}", i));
  data->source = "a simulation";
  data->notes.push_back(simulation.summary());
  return data;
}

const DataKind kSimulationKind{"simulation",
                               [](Visitor& v, DataOptions& o) {
                                 v.group("simulation", o.simulation, "random sequences with planted motifs");
                               },
                               build_simulation};

}  // namespace basewise::data
