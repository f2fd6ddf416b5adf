#include "basewise/results/run_files.h"

#include <algorithm>
#include <utility>

#include "basewise/core/format.h"

namespace basewise::results {
namespace {

constexpr std::string_view kSingle[] = {kConfigFile,   kModelFile,  kManifestFile, kModelDocument,
                                        kDataDocument, kSchemaFile, kLogFile,      kPageFile,
                                        kCheckpoints,  kEvents,     kFailedBatch};

/// Beginnings and ends of those of which there are several, with a name between two dots or none:
/// of weights, of a set.
constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
    {"weights", ".safetensors"}, {"metrics", ".json"}, {"curves", ".json"}, {"tracks", ".json"}};

bool is_named(std::string_view name) {
  return std::any_of(std::begin(kNamed), std::end(kNamed), [&](const auto& part) {
    const auto& [begin, end] = part;
    return name.starts_with(begin) && name.ends_with(end) && name.size() >= begin.size() + end.size() &&
           name[begin.size()] == '.';
  });
}

std::string measured_file(std::string name, Set set, const std::string& weights) {
  if (!weights.empty()) name += "." + weights;
  if (set != Set::test) name += format(".{}", set);
  return name + ".json";
}

}  // namespace

std::string weights_file(const std::string& value) {
  return value.empty() ? "weights.safetensors" : "weights." + value + ".safetensors";
}

std::string metrics_file(Set set, const std::string& weights) { return measured_file("metrics", set, weights); }
std::string curves_file(Set set, const std::string& weights) { return measured_file("curves", set, weights); }
std::string tracks_file(Set set, const std::string& weights) { return measured_file("tracks", set, weights); }

bool is_run_file(std::string_view name) {
  return std::find(std::begin(kSingle), std::end(kSingle), name) != std::end(kSingle) || is_named(name);
}

}  // namespace basewise::results
