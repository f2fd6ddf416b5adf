// The manifest of a run folder: how to tell one, and the words of its members that others ask for.
#pragma once

#include <string_view>

#include "basewise/core/choice.h"

namespace basewise::results {

/// The member "format" of every manifest.
inline constexpr std::string_view kManifestFormat = "basewise run";

/// The member "status".
enum class RunStatus { running, interrupted, failed, finished };
constexpr auto words_of(RunStatus) {
  return words<RunStatus>({{RunStatus::running, "running"},
                           {RunStatus::interrupted, "interrupted"},
                           {RunStatus::failed, "failed"},
                           {RunStatus::finished, "finished"}});
}

}  // namespace basewise::results
