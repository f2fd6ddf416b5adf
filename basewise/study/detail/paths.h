// The paths among the options of a struct.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "basewise/core/files.h"
#include "basewise/core/options.h"

namespace basewise::study::detail {

/// Changes or looks at every path of a struct.
class Paths : public Visitor {
 public:
  explicit Paths(std::function<void(fs::path&)> change) : change_(std::move(change)) {}
  void option(Option o) override {
    if (auto* const* path = std::get_if<fs::path*>(&o.value)) change_(**path);
    if (auto* const* path = std::get_if<std::optional<fs::path>*>(&o.value); path && **path) change_(***path);
    if (auto* const* paths = std::get_if<std::vector<fs::path>*>(&o.value))
      for (fs::path& path : **paths) change_(path);
    if (auto* const* files = std::get_if<FileList*>(&o.value))
      for (fs::path& path : (*files)->paths) change_(path);
  }
  void group_of(std::string_view, std::string_view, const std::function<void(Visitor&)>& inside) override {
    inside(*this);
  }
  void list_of(OptionList list) override {
    for (std::size_t i = 0; i < list.size(); ++i) list.describe_item(*this, i);
  }

 private:
  std::function<void(fs::path&)> change_;
};

}  // namespace basewise::study::detail
