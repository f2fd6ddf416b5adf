// One call of an attribution: what it is given, checked, of one type and on one device.
#pragma once

#include <cstdint>

#include "basewise/interpret/attribution.h"
#include "basewise/interpret/detail/pairs.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::interpret::detail {

/// Whether a method has references.
bool compares(AttributionMethod method);

/// What a call works on, on the device of the model and of its type.
struct Call {
  Bundle others;          // inputs that are held
  at::Tensor sequences;   // (N, 4, L)
  at::Tensor references;  // (N or 1, R, 4, L)
  std::int64_t first = 0;
  std::int64_t most = 1;  // rows of a pass

  std::int64_t examples() const { return sequences.size(0); }
  /// References of a piece, row by row.
  at::Tensor of(const Piece& piece) const;
};

/// Whether the options fit the model. Errors: ArgumentError as `attribution_fn`.
void check(const nn::Model& model, const AttributionOptions& options, infer::StrandStrategy strands);

/// Inputs as the model computes with them, with the references that the options ask for.
/// Errors: ShapeError for sequences that are not (N, 4, L) and references that do not fit.
Call call_of(const nn::Model& model, const AttributionOptions& options, infer::StrandStrategy strands, const Bundle& batch,
             std::int64_t first, const at::Tensor& given);

}  // namespace basewise::interpret::detail
