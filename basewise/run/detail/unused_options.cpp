#include "basewise/run/detail/unused_options.h"

#include <string>

#include <nlohmann/json.hpp>

#include "basewise/data/augment.h"
#include "basewise/data/track_signal.h"

namespace basewise::run::detail {

void leave_out_unused(nlohmann::ordered_json& data) {
  auto& augment = data.at("augment");
  if (augment.at("per") == std::string(to_word(data::AugmentPer::sequence))) augment.erase("per");
  if (augment.at("shift") == 0) augment.erase("shift");
  if (augment.at("shifts").empty()) augment.erase("shifts");
  auto& tracks = data.at("genome").at("tracks");
  if (tracks.at("scale").empty()) tracks.erase("scale");
  if (tracks.at("transform") == std::string(to_word(data::TrackTransform::none))) tracks.erase("transform");
  if (const auto sets = data.find("sets"); sets != data.end())
    for (auto& set : *sets) leave_out_unused(set);
}

}  // namespace basewise::run::detail
