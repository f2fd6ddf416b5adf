#include "basewise/core/written.h"

namespace basewise {

bool Written::contains(std::string_view path) const {
  if (places_.contains(path)) return true;
  const std::string inside = std::string(path) + ".";
  const auto first = places_.lower_bound(inside);
  return first != places_.end() && first->first.starts_with(inside);
}

std::string_view Written::where(std::string_view path) const {
  const auto found = places_.find(path);
  return found == places_.end() ? std::string_view() : std::string_view(found->second);
}

void Written::add(std::string path, std::string where) { places_.insert_or_assign(std::move(path), std::move(where)); }

}  // namespace basewise
