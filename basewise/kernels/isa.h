// Instruction sets: chosen when the program runs, so that one build serves every machine.
#pragma once

#include <string_view>
#include <vector>

namespace basewise::kernels {

enum class Isa {
  portable,  ///< vectors of 4 numbers, any processor
  avx2,      ///< vectors of 8, with fused multiply-add
  avx512,    ///< vectors of 16
};

/// "portable", "avx2", "avx512".
std::string_view name(Isa isa);

/// What this processor can run, from the slowest to the fastest.
std::vector<Isa> supported_isas();

/// The environment variable BASEWISE_ISA if it is set, else the fastest that this processor has.
/// Errors: ArgumentError for an unknown name and for a set that the processor lacks.
Isa default_isa();

}  // namespace basewise::kernels
