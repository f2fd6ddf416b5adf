#include "basewise/plan/detail/weights.h"

#include <algorithm>
#include <cstring>

#include "basewise/ops/native.h"

namespace basewise::plan::detail {
namespace {

std::uint64_t fingerprint(const char* bytes, std::size_t size) {
  constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15u;
  constexpr std::size_t kLanes = 8;
  std::uint64_t lanes[kLanes];
  for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = size + k;
  std::size_t i = 0;
  for (; i + sizeof lanes <= size; i += sizeof lanes) {
    std::uint64_t words[kLanes];
    std::memcpy(words, bytes + i, sizeof lanes);
    for (std::size_t k = 0; k < kLanes; ++k) {
      lanes[k] = (lanes[k] ^ words[k]) * kPrime;
      lanes[k] ^= lanes[k] >> 32;
    }
  }
  for (; i < size; ++i) lanes[0] = (lanes[0] ^ static_cast<unsigned char>(bytes[i])) * kPrime, lanes[0] ^= lanes[0] >> 32;
  std::uint64_t all = 0;
  for (const std::uint64_t lane : lanes) all = (all ^ lane) * kPrime, all ^= all >> 29;
  return all;
}

}  // namespace

std::vector<at::Tensor> tensors_of(const nn::Model& model) {
  std::vector<at::Tensor> all = model.parameters();
  for (const at::Tensor& buffer : model.buffers()) all.push_back(buffer);
  return all;
}

bool are_plannable(const std::vector<at::Tensor>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const at::Tensor& t) {
    return t.device().is_cpu() && t.layout() == at::kStrided && (!t.is_floating_point() || t.scalar_type() == at::kFloat);
  });
}

// In pieces of equal work for all threads.
std::vector<std::uint64_t> fingerprints(const std::vector<at::Tensor>& tensors) {
  constexpr std::size_t kPiece = 1 << 18;  // bytes
  std::vector<at::Tensor> dense;
  std::vector<std::pair<const char*, std::size_t>> pieces;
  for (const at::Tensor& t : tensors) {
    dense.push_back(t.contiguous());
    const auto* bytes = static_cast<const char*>(dense.back().const_data_ptr());
    for (std::size_t at = 0; at < dense.back().nbytes(); at += kPiece)
      pieces.emplace_back(bytes + at, std::min(kPiece, dense.back().nbytes() - at));
  }
  std::vector<std::uint64_t> all(pieces.size());
  const std::size_t together = 8;  // small ones cost less than handing them out
  const auto tasks = static_cast<std::int64_t>((pieces.size() + together - 1) / together);
  (*ops::native_run().executor)(tasks, [&](std::int64_t task) {
    const std::size_t first = static_cast<std::size_t>(task) * together;
    for (std::size_t i = first; i < std::min(pieces.size(), first + together); ++i) all[i] = fingerprint(pieces[i].first, pieces[i].second);
  });
  return all;
}

}  // namespace basewise::plan::detail
