#include "basewise/evaluate/detail/pair_batch.h"

#include "basewise/core/error.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate::detail {
namespace {

/// (N, T) becomes (N, T, 1), so that both kinds of output are walked alike.
at::Tensor with_positions(const at::Tensor& x) { return (x.dim() == 2 ? x.unsqueeze(2) : x).contiguous(); }

std::int64_t number_at(const at::Tensor& x, std::int64_t i, std::int64_t otherwise) {
  return x.defined() ? int64_span(x)[static_cast<std::size_t>(i)] : otherwise;
}

}  // namespace

at::Tensor scalar_per_example(const Bundle& batch, const std::string& name) {
  if (!batch.contains(name)) return {};
  const at::Tensor x = batch.at(name);
  if (x.dim() != 1) throw ShapeError(format("'{}' has shape {}: expected one number per example", name, shape_text(x.sizes())));
  return x.to(at::kCPU, at::kLong).contiguous();
}

at::Tensor mask_of(const Bundle& batch, const std::string& target, const at::Tensor& like) {
  if (!batch.contains(target + ".mask")) return {};
  at::Tensor mask = batch.at(target + ".mask").to(at::kCPU).ne(0);
  while (mask.dim() < like.dim()) mask = mask.unsqueeze(-1);
  return mask.expand_as(like).contiguous();
}

std::int64_t block_of(std::int64_t chromosome, std::int64_t position, std::int64_t block) {
  return (chromosome << 40) + position / block - (position % block < 0);
}

PairBatch::PairBatch(const std::string& output, const std::string& target, const Bundle& outputs, const Bundle& batch) {
  const at::Tensor scores = outputs.at(output).to(at::kCPU, at::kFloat), targets = batch.at(target).to(at::kCPU, at::kFloat);
  if (scores.sizes() != targets.sizes() || scores.dim() < 2 || scores.dim() > 3)
    throw ShapeError(
        format("output '{}' has shape {} and target '{}' has shape {}: expected the same (N, outputs) or (N, channels, length)",
               output, shape_text(scores.sizes()), target, shape_text(targets.sizes())));
  along_ = scores.dim() == 3;
  scores_ = with_positions(scores);
  targets_ = with_positions(targets);
  mask_ = mask_of(batch, target, scores_);
  position_ = scalar_per_example(batch, "position");
  chromosome_ = scalar_per_example(batch, "chromosome");
  circle_ = scalar_per_example(batch, "circle");
}

std::size_t PairBatch::row(std::int64_t example, std::int64_t channel) const {
  return static_cast<std::size_t>((example * channels() + channel) * length());
}

std::span<const float> PairBatch::scores(std::int64_t example, std::int64_t channel) const {
  return float_span(scores_).subspan(row(example, channel), static_cast<std::size_t>(length()));
}

std::span<const float> PairBatch::targets(std::int64_t example, std::int64_t channel) const {
  return float_span(targets_).subspan(row(example, channel), static_cast<std::size_t>(length()));
}

const bool* PairBatch::measured(std::int64_t example, std::int64_t channel) const {
  return mask_.defined() ? mask_.const_data_ptr<bool>() + row(example, channel) : nullptr;
}

std::int64_t PairBatch::start(std::int64_t example) const { return number_at(position_, example, 0); }

std::int64_t PairBatch::chromosome(std::int64_t example) const { return number_at(chromosome_, example, -1); }

std::int64_t PairBatch::circle(std::int64_t example) const { return number_at(circle_, example, 0); }

}  // namespace basewise::evaluate::detail
