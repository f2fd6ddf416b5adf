#include "basewise/core/outputs.h"

#include "basewise/core/error.h"

namespace basewise {
namespace {

/// Without links and dots, as far as the path exists.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? path.lexically_normal() : whole;
}

bool same(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) || resolved(a) == resolved(b);
}

bool within(const fs::path& inner, const fs::path& outer) {
  const fs::path folder = resolved(outer);
  for (fs::path above = resolved(inner); above.has_relative_path();) {
    above = above.parent_path();
    if (above == folder) return true;
  }
  return false;
}

}  // namespace

void require_apart(const std::vector<GivenPath>& inputs, const std::vector<GivenPath>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const GivenPath& out = outputs[i];
    if (out.path.empty()) continue;
    for (const GivenPath& in : inputs) {
      if (in.path.empty() || !fs::exists(in.path)) continue;
      if (same(out.path, in.path))
        throw ArgumentError(
            format("{} = {} would replace the input that {} names; give another name", out.option, out.path.string(), in.option));
      if (fs::is_directory(out.path) && within(in.path, out.path))
        throw ArgumentError(
            format("{} = {} holds the input {} = {}; give another folder", out.option, out.path.string(), in.option, in.path.string()));
    }
    for (std::size_t j = 0; j < i; ++j)
      if (!outputs[j].path.empty() && same(out.path, outputs[j].path))
        throw ArgumentError(format("{} and {} are both {}; one would replace the other", outputs[j].option, out.option, out.path.string()));
  }
}

}  // namespace basewise
