#include "basewise/train/freeze.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"

namespace basewise::train {
namespace {

bool fits(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() != '*')
    return !text.empty() && pattern.front() == text.front() && fits(pattern.substr(1), text.substr(1));
  for (std::size_t skipped = 0; skipped <= text.size(); ++skipped)
    if (fits(pattern.substr(1), text.substr(skipped))) return true;
  return false;
}

bool any_names(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return names_part(p, name); });
}

/// Whether every tensor of a layer without layers inside is named.
bool all_named(const torch::nn::Module& layer, const std::string& path, const std::vector<std::string>& patterns) {
  const auto tensors = layer.named_parameters(/*recurse=*/false);
  if (tensors.is_empty() || !layer.children().empty()) return false;
  return std::all_of(tensors.begin(), tensors.end(),
                     [&](const auto& item) { return any_names(patterns, path + "." + item.key()); });
}

void require_known(const torch::nn::Module& model, const std::string& pattern) {
  std::vector<std::string> names;
  for (const auto& item : model.named_parameters()) names.push_back(item.key());
  for (const auto& item : model.named_buffers()) names.push_back(item.key());
  if (std::any_of(names.begin(), names.end(), [&](const std::string& name) { return names_part(pattern, name); }))
    return;
  throw ArgumentError(format("freeze: '{}' names nothing in the model, which has {}", pattern, some_of(names, "", 20)));
}

}  // namespace

bool names_part(std::string_view pattern, std::string_view name) {
  if (fits(pattern, name)) return true;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
    if (fits(pattern, name.substr(0, dot))) return true;
  return false;
}

Frozen::Frozen(torch::nn::Module& model, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return;
  for (const std::string& pattern : patterns) require_known(model, pattern);
  bool learns = false;
  for (const auto& item : model.named_parameters()) {
    const bool frozen = any_names(patterns, item.key());
    learns = learns || (!frozen && item.value().requires_grad());
    if (!frozen || !item.value().requires_grad()) continue;
    names_.push_back(item.key());
    tensors_.push_back(item.value());
  }
  if (!learns)
    throw ArgumentError(
        format("freeze: [{}] names every parameter of the model: nothing is left to train", fmt::join(patterns, ", ")));
  for (at::Tensor& tensor : tensors_) tensor.requires_grad_(false);
  for (const auto& item : model.named_modules(/*name_prefix=*/{}, /*include_self=*/false))
    if (any_names(patterns, item.key()) || all_named(*item.value(), item.key(), patterns))
      layers_.push_back(item.value());
}

Frozen::~Frozen() {
  for (at::Tensor& tensor : tensors_) tensor.requires_grad_(true);
}

void Frozen::hold() const {
  for (const auto& layer : layers_) layer->eval();
}

}  // namespace basewise::train
