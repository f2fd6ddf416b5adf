// What the page of a study draws: groups of rows by set and weights, dots per seed, means along a
// number, paired differences.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "basewise/report/detail/blocks.h"

namespace basewise::report::detail {

/// Groups of one set and one kind of weights. Points into the document of the study.
struct Facet {
  std::string split;
  std::string weights;
  std::vector<const Json*> groups;

  std::string title() const;
};
std::vector<Facet> facets_of(const Json& study);

void add_once(std::vector<std::string>& list, const std::string& text);
/// Of a group: the method, or what takes its place.
std::string name_of(const Json& group);
const Json& metric_of(const Json& group, const std::string& metric);
/// "95 % bootstrap interval"
std::string interval_words(const Json& study);
/// What both sides of a comparison share: "scale 0.5, split test";
/// within a facet without what the facet says.
std::string shared_text(const Json& comparison, bool within_facet = false);

/// Seeds, means and published values of a metric; nothing where none was measured.
std::optional<Figure> study_dots(const Json& study, const Facet& facet, const std::string& metric, const std::string& id, bool half);
/// Means along the axis that is a number; nothing where no axis, or more than one, is.
std::optional<Figure> study_trend(const Json& study, const Facet& facet, const std::string& metric, const std::string& id);
/// Differences of the paired tests of a metric within a facet.
std::optional<Figure> study_differences(const Json& study, const Facet& facet, const std::string& metric, const std::string& id, bool half);

/// A relation of the study as points; nothing without any.
std::optional<Figure> study_relation(const Json& study, const Json& relation, const std::string& id);

}  // namespace basewise::report::detail
