#include "basewise/seq/chrom_match.h"

#include <algorithm>

#include "basewise/core/some_of.h"

namespace basewise::seq {
namespace {

// Looks up the names of one file, rule by rule.
class NameMatcher {
 public:
  NameMatcher(const ChromSizes& sizes, const std::vector<std::string>& names, std::string_view asked_by)
      : sizes_(sizes), names_(names), asked_by_(asked_by), owner_(sizes.size()) {
    match_.places.resize(names.size());
  }

  NameMatch finish() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const NameFound found = sizes_.look_up(names_[i]);
      if (found.rule == NameRule::exact || found.rule == NameRule::table)
        take(i, *found.place, found.rule);
      else
        open.push_back(i);
    }
    if (!open.empty()) by_spelling(open);
    say();
    return std::move(match_);
  }

 private:
  struct Owner {
    std::size_t name;
    bool by_spelling;
  };

  void take(std::size_t i, std::size_t place, NameRule rule) {
    match_.places[i] = place;
    if (!owner_[place] || rule == NameRule::exact) owner_[place] = Owner{i, rule == NameRule::spelling};
    if (rule == NameRule::exact) return;
    if (translated_++ == 0) example_ = format("'{}' to '{}'", names_[i], sizes_[place].name);
  }

  // Sequences of the genome as the file would spell them. Some rules ask for the other names of the
  // same side (Roman numbers), so that each side may know what the other cannot.
  std::vector<std::optional<std::size_t>> read_from_the_file() const {
    ChromSizes own;
    for (const std::string& name : names_) own.add(Chrom{name, 0, false});
    std::vector<std::optional<std::size_t>> places(names_.size());
    for (std::size_t place = 0; place < sizes_.size(); ++place) {
      const NameFound found = own.look_up(sizes_[place].name);
      if (found.rule == NameRule::spelling) places[*found.place] = place;
    }
    return places;
  }

  void by_spelling(const std::vector<std::size_t>& open) {
    const auto backward = read_from_the_file();
    for (const std::size_t i : open) {
      const NameFound found = sizes_.look_up(names_[i]);
      const bool asked_for = found.rule != NameRule::unused;
      const std::optional<std::size_t> place = asked_for && !found.place ? backward[i] : found.place;
      match_.unmatched.push_back(names_[i]);
      if (!asked_for) {
        unused_.push_back(names_[i]);
      } else if (!place) {
        unknown_.push_back(names_[i]);
      } else if (!owner_[*place]) {
        match_.unmatched.pop_back();
        take(i, *place, NameRule::spelling);
      } else if (owner_[*place]->by_spelling) {
        refuse(names_[owner_[*place]->name], names_[i], *place);
      } else {
        spelt_.push_back(names_[i]);
      }
    }
  }

  [[noreturn]] void refuse(const std::string& a, const std::string& b, std::size_t place) const {
    throw DataError(
        format("{} has the names '{}' and '{}', and both would be '{}' of {}; say with a table of aliases (genome.aliases of a recipe, "
               "--aliases) what each means",
               asked_by_, a, b, sizes_[place].name, sizes_.source()));
  }

  void say() {
    if (translated_ > 0)
      match_.translated =
          format("{} {} translated, such as {} of {}", translated_, translated_ == 1 ? "name is" : "names are", example_, sizes_.source());
    const auto add = [&](const std::vector<std::string>& names, const std::string& why) {
      if (names.empty()) return;
      match_.left_out +=
          format("{}{} {} {}", match_.left_out.empty() ? "" : "; ", some_of(names, "'", 5), names.size() == 1 ? "is" : "are", why);
    };
    add(unused_, "not among the chromosomes that were asked for");
    add(spelt_, format("not taken for another spelling of a name that {} has as well", asked_by_));
    if (!unknown_.empty()) add(unknown_, format("not in {}, which has {}", sizes_.source(), some_of(sizes_.names(), "'", 5)));
  }

  const ChromSizes& sizes_;
  const std::vector<std::string>& names_;
  std::string_view asked_by_;
  std::vector<std::optional<Owner>> owner_;  // by sequence of the genome
  std::vector<std::string> unused_, spelt_, unknown_;
  std::int64_t translated_ = 0;
  std::string example_;
  NameMatch match_;
};

}  // namespace

NameMatch match_names(const ChromSizes& sizes, const std::vector<std::string>& names, std::string_view asked_by) {
  return NameMatcher(sizes, names, asked_by).finish();
}

std::vector<std::optional<std::size_t>> names_by_sequence(const ChromSizes& sizes, const std::vector<std::string>& names,
                                                          const NameMatch& match) {
  std::vector<std::optional<std::size_t>> numbers(sizes.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const auto place = match.places[i]; place && (!numbers[*place] || names[i] == sizes[*place].name)) numbers[*place] = i;
  }
  return numbers;
}

}  // namespace basewise::seq
