// What the backward pass of an autograd function needs besides tensors, kept as the struct that it
// is.
#pragma once

#include <utility>

#include "basewise/tensor/torch.h"

namespace basewise::ops::detail {

/// A value in the hands of autograd.
template <class T>
struct Kept : torch::CustomClassHolder {
  explicit Kept(T v) : value(std::move(v)) {}
  T value;
};

/// Keeps the one value of a call for its backward pass.
template <class T>
void keep(torch::autograd::AutogradContext* ctx, T value) {
  ctx->saved_data["kept"] = c10::IValue::make_capsule(c10::make_intrusive<Kept<T>>(std::move(value)));
}

/// The value that `keep` of the same type has kept.
template <class T>
T kept(const torch::autograd::AutogradContext* ctx) {
  return static_cast<const Kept<T>&>(*ctx->saved_data.at("kept").toCapsule()).value;
}

}  // namespace basewise::ops::detail
