// Sites out of the rows of a table.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/corpus/sites.h"

namespace basewise::corpus::detail {

/// Adds sites in the order of the file, counts and remarks. Errors: those of `read_sites`.
void read_site_rows(const SiteOptions& options, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result);

/// Index of the name of a task, which is added when it is new.
std::size_t task_index(std::vector<std::string>& tasks, std::string_view name);

}  // namespace basewise::corpus::detail
