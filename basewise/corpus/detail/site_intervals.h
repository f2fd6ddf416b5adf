// Sites out of files with intervals: BED and its relatives, GFF and GTF.
#pragma once

#include <filesystem>
#include <string>

#include "basewise/corpus/sites.h"

namespace basewise::corpus::detail {

/// "peaks.bed" of "peaks.bed.gz": the name of a file without the ending of its compression.
std::string without_compression(std::string name);

/// What a file is: as asked for, else by the ending of its name, else by its first lines; a table
/// if nothing speaks for another format.
SiteFormat site_format(SiteFormat asked, const std::filesystem::path& path);

/// Add sites in the order of the file, counts and remarks. Errors: those of `read_sites`.
void read_site_intervals(const SiteOptions& options, const std::filesystem::path& path, const seq::ChromSizes& sizes,
                         SiteTable& result);
void read_site_features(const SiteOptions& options, const std::filesystem::path& path, const seq::ChromSizes& sizes, SiteTable& result);

}  // namespace basewise::corpus::detail
