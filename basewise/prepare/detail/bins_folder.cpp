#include "basewise/prepare/detail/bins_folder.h"

#include <array>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/options.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::string_view kCoverage = "seqs_cov";
/// Options that say how far a call goes, not what the data set is.
constexpr std::array<std::string_view, 3> kNotOfTheSet = {"out", "plan_only", "keep_coverage"};

std::vector<GivenPath> inputs_of(const BinsOptions& o, const TargetsTable& targets) {
  std::vector<GivenPath> inputs = {{"targets", o.targets},      {"genome", o.genome},   {"gaps", o.gaps},
                                   {"limit", o.limit},          {"contigs", o.contigs}, {"blacklist", o.blacklist},
                                   {"unmappable", o.unmappable}};
  for (const BinTarget& target : targets.targets) inputs.push_back({target.identifier, target.file});
  return inputs;
}

nlohmann::ordered_json options_of(const BinsOptions& o) {
  BinsOptions copy = o;
  nlohmann::ordered_json options = to_json(described(copy));
  for (const std::string_view name : kNotOfTheSet) options.erase(std::string(name));
  return options;
}

}  // namespace

BinsFolder::BinsFolder(const BinsOptions& options, const TargetsTable& targets)
    : SetFolder(options.out, "bins", options_of(options), inputs_of(options, targets)) {}

std::filesystem::path BinsFolder::coverage(std::size_t target) const { return path() / kCoverage / format("{}.h5", target); }

void BinsFolder::remove_coverage() const {
  remove_dead_temporaries(path() / kCoverage);  // of a call that was killed while it removed the folder
  if (std::filesystem::exists(path() / kCoverage)) remove_whole(path() / kCoverage);
}

}  // namespace basewise::prepare::detail
