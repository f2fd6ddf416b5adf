// Options of open tables: whoever adds a row brings options of its own.
#pragma once

#include <any>
#include <map>
#include <string>

namespace basewise {

/// Options by the name of the row that they belong to. A row describes and reads its own, so that
/// the struct which holds all of them need not know their types.
class OpenOptions {
 public:
  /// Those of `name`, always of one type O; the defaults where nothing was said.
  template <class O>
  O& of(const std::string& name) {
    std::any& held = held_[name];
    if (!held.has_value()) held = O{};
    return std::any_cast<O&>(held);
  }
  template <class O>
  O of(const std::string& name) const {
    const auto held = held_.find(name);
    return held == held_.end() ? O{} : std::any_cast<O>(held->second);
  }

 private:
  std::map<std::string, std::any> held_;
};

}  // namespace basewise
