#include "basewise/run/detail/default_items.h"

#include <map>

#include "basewise/core/format.h"
#include "basewise/core/options.h"

namespace basewise::run::detail {
namespace {

using Sizes = std::map<std::string, std::size_t>;  // of lists, by their path

/// Goes through all lists; what is done with each is told by the path.
class ListVisitor : public Visitor {
 public:
  using Visit = std::function<void(const std::string& path, const OptionList& list)>;

  ListVisitor(const Visit& visit, std::string prefix) : visit_(visit), prefix_(std::move(prefix)) {}

  void option(Option) override {}
  void group_of(std::string_view name, std::string_view, const Described& inside) override {
    ListVisitor deeper(visit_, format("{}{}.", prefix_, name));
    inside(deeper);
  }
  void list_of(OptionList list) override {
    const std::string path = format("{}{}", prefix_, list.name);
    visit_(path, list);
    for (std::size_t i = 0; i < list.size(); ++i) {
      ListVisitor deeper(visit_, format("{}.{}.", path, i));
      list.describe_item(deeper, i);
    }
  }

 private:
  const Visit& visit_;
  std::string prefix_;
};

void visit_lists(Recipe& recipe, const ListVisitor::Visit& visit) {
  ListVisitor lists(visit, "");
  describe(lists, recipe);
}

}  // namespace

Recipe defaults_like(const Recipe& like) {
  Recipe given = like, fresh;
  Sizes sizes;
  visit_lists(given, [&](const std::string& path, const OptionList& list) { sizes[path] = list.size(); });
  visit_lists(fresh, [&](const std::string& path, const OptionList& list) {
    if (const auto size = sizes.find(path); size != sizes.end()) list.resize(size->second);
  });
  return fresh;
}

}  // namespace basewise::run::detail
