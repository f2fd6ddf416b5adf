#include "basewise/evaluate/detail/gather.h"

#include <algorithm>
#include <span>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/heads.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate::detail {
namespace {

/// (N, T) becomes (N, T, 1), so that both kinds of output are walked alike.
at::Tensor with_positions(const at::Tensor& x) { return x.dim() == 2 ? x.unsqueeze(2) : x; }

std::span<const std::int64_t> numbers(const at::Tensor& x) { return x.defined() ? int64_span(x) : std::span<const std::int64_t>(); }

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

/// The place in [0, length) of a circle.
std::int64_t wrapped(std::int64_t position, std::int64_t length) { return position - floor_divide(position, length) * length; }

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

std::string head_name(const std::string& asked, const Bundle& outputs) {
  if (!asked.empty()) return asked;
  if (outputs.size() != 1)
    throw ArgumentError(format("the model has outputs [{}]: say which one to evaluate", fmt::join(outputs.names(), ", ")));
  return outputs.begin()->first;
}

std::string ceiling_name(const EvaluateOptions& options, const Bundle& batch) {
  if (options.ceiling == "none") return {};
  if (options.ceiling != "auto") return options.ceiling;
  const std::string name = options.target == "profile" ? "replicate" : "replicate_" + options.target;
  return batch.contains(name) ? name : std::string{};
}

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
  return (chromosome << 40) + floor_divide(position, block);
}

void Gatherer::add(std::int64_t first, const Bundle& outputs, const Bundle& batch) {
  const std::string output = head_name(options_.output, outputs);
  const at::Tensor raw_scores = outputs.at(output).to(at::kCPU, at::kFloat);
  const at::Tensor raw_targets = batch.at(options_.target).to(at::kCPU, at::kFloat);
  if (raw_scores.sizes() != raw_targets.sizes() || raw_scores.dim() < 2 || raw_scores.dim() > 3)
    throw ShapeError(
        format("output '{}' has shape {} and target '{}' has shape {}: expected the same (N, outputs) or (N, channels, length)", output,
               shape_text(raw_scores.sizes()), options_.target, shape_text(raw_targets.sizes())));
  gathered_.output = output;
  gathered_.per_base = raw_scores.dim() == 3;
  const at::Tensor scores = with_positions(raw_scores).contiguous();
  const at::Tensor targets = with_positions(raw_targets).contiguous();
  const at::Tensor mask = mask_of(batch, options_.target, scores);
  const at::Tensor position = scalar_per_example(batch, "position");
  const at::Tensor chromosome = scalar_per_example(batch, "chromosome");
  const at::Tensor circle = scalar_per_example(batch, "circle");
  gathered_.has_positions = position.defined() && chromosome.defined();
  gathered_.columns.resize(static_cast<std::size_t>(scores.size(1)));
  if (options_.figures && gathered_.per_base) add_rows(first, scores, mask, position, chromosome);
  for (std::int64_t c = 0; c < scores.size(1); ++c) add_channel(c, first, scores, targets, mask, position, chromosome, circle);
}

void Gatherer::add_rows(std::int64_t first, const at::Tensor& scores, const at::Tensor& mask, const at::Tensor& position,
                        const at::Tensor& chromosome) {
  const std::int64_t channels = scores.size(1), length = scores.size(2);
  const bool* measured = mask.defined() ? mask.const_data_ptr<bool>() : nullptr;
  const auto starts = numbers(position), chroms = numbers(chromosome);
  // What is missing is mostly missing everywhere: thousands of columns then have one list of offsets.
  std::vector<std::size_t> offsets;
  for (const Column& column : gathered_.columns) offsets.push_back(column.scores.size());
  const auto all_equal = [&] { return std::all_of(offsets.begin(), offsets.end(), [&](std::size_t o) { return o == offsets[0]; }); };
  for (std::int64_t n = 0; n < scores.size(0); ++n) {
    GatheredRow row{.example = first + n, .chromosome = -1, .start = 0, .length = length, .whole = true, .offsets = {}};
    all_equal() ? row.offsets.assign(1, offsets[0]) : row.offsets.assign(offsets.begin(), offsets.end());
    if (gathered_.has_positions) row.chromosome = chroms[n], row.start = starts[n];
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t at = (n * channels + c) * length;
      const auto there = measured ? std::count(measured + at, measured + at + length, true) : length;
      row.whole = row.whole && there == length;
      offsets[static_cast<std::size_t>(c)] += static_cast<std::size_t>(there);
    }
    gathered_.rows.push_back(std::move(row));
  }
}

void Gatherer::add_channel(std::int64_t channel, std::int64_t first, const at::Tensor& scores, const at::Tensor& targets,
                           const at::Tensor& mask, const at::Tensor& position, const at::Tensor& chromosome, const at::Tensor& circle) {
  const std::int64_t examples = scores.size(0), channels = scores.size(1), length = scores.size(2);
  const auto s = float_span(scores), t = float_span(targets);
  const bool* measured = mask.defined() ? mask.const_data_ptr<bool>() : nullptr;
  const auto starts = numbers(position), chroms = numbers(chromosome), circles = numbers(circle);
  const bool placed = gathered_.has_positions;
  const bool by_position = placed && options_.block > 0;
  // Values of one example are drawn together where they are many: they are no independent observations.
  const bool blocks = options_.intervals && (by_position || gathered_.per_base);
  const bool coordinates = placed && gathered_.per_base && !options_.tolerances.empty();
  Column& column = gathered_.columns[static_cast<std::size_t>(channel)];
  for (std::int64_t n = 0; n < examples; ++n) {
    const std::int64_t row = (n * channels + channel) * length;
    const std::int64_t around = coordinates && !circles.empty() ? circles[n] : 0;
    if (around > 0) gathered_.circles[chroms[n] * channels + channel] = around;
    for (std::int64_t l = 0; l < length; ++l) {
      const auto i = static_cast<std::size_t>(row + l);
      if (measured && !measured[i]) {
        ++column.missing;
        continue;
      }
      column.scores.push_back(s[i]);
      column.targets.push_back(t[i]);
      if (blocks) column.blocks.push_back(by_position ? block_of(chroms[n], starts[n] + l, options_.block) : first + n);
      if (!coordinates) continue;
      column.positions.push_back(around > 0 ? wrapped(starts[n] + l, around) : starts[n] + l);
      column.tracks.push_back(chroms[n] * channels + channel);
    }
  }
}

Column pool(std::vector<Column> columns) {
  if (columns.empty()) return {};
  Column pooled = std::move(columns[0]);
  for (std::size_t c = 1; c < columns.size(); ++c) {
    append(pooled.scores, columns[c].scores);
    append(pooled.targets, columns[c].targets);
    append(pooled.blocks, columns[c].blocks);
    append(pooled.positions, columns[c].positions);
    append(pooled.tracks, columns[c].tracks);
    pooled.missing += columns[c].missing;
    columns[c] = {};
  }
  return pooled;
}

}  // namespace basewise::evaluate::detail
