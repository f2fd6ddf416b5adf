// Facts about this build and this machine, for the manifest and for `basewise doctor`.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace basewise {

/// "0.1.0"
std::string version();

/// Name and value, in a fixed order: version, compiler, build type, C++ standard, libraries.
std::vector<std::pair<std::string, std::string>> build_facts();

/// Name and value: processor, instruction sets, processors usable, memory, operating system.
std::vector<std::pair<std::string, std::string>> machine_facts();

}  // namespace basewise
