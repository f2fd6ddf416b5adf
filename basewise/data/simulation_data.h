// The kind of data "simulation": random sequences with planted motifs.
#pragma once

#include "basewise/corpus/simulator.h"
#include "basewise/data/kinds.h"
#include "basewise/data/sequences.h"

namespace basewise::data {

/// A simulation as data.
SequenceDataPtr sequences_of(const corpus::SimulationResult& simulation);

extern const DataKind kSimulationKind;

}  // namespace basewise::data
