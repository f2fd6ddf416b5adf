// Reverse complement of tensors by their strand rule.
#pragma once

#include <string_view>

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// A contiguous copy. Single-threaded: `copy_` of libtorch may start a thread team inside every
/// loader thread.
at::Tensor copied(const at::Tensor& tensor);

/// `tensor` (..., L) moved by `rule` as `other_strand` moves batches: a new contiguous tensor, or
/// the same one for `unchanged`. Single-threaded.
/// Errors: ShapeError naming the tensor when it has no axes or an odd number of paired channels.
at::Tensor reversed(const at::Tensor& tensor, StrandRule rule, std::string_view name);

/// The same of a field, whose channels go to the places of their partners; null: it stays.
at::Tensor reversed(const at::Tensor& tensor, const Field* field, std::string_view name);

/// The same in place, for a row of a batch.
void reverse_in_place(const ExampleRow::Slot& slot, StrandRule rule);
void reverse_in_place(const ExampleRow::Slot& slot, const Field* field);

}  // namespace basewise::data::detail
