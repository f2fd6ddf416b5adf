// The files of a discovery.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "basewise/annotate/discover.h"
#include "basewise/io/attributions.h"
#include "basewise/motifs/pattern.h"

namespace basewise::annotate::detail {

/// patterns.tsv, as `discover` says; `cores` are the motifs of the patterns.
void write_pattern_table(const std::filesystem::path& path, const DiscoverResult& result, std::span<const motifs::MotifMatrix> cores);

/// seqlets.bed.
void write_seqlet_places(const std::filesystem::path& path, const std::vector<motifs::Pattern>& patterns,
                         const io::Attributions& attributions);

/// discovery.json.
void write_discovery_document(const std::filesystem::path& path, const DiscoverOptions& options, const DiscoverResult& result);

}  // namespace basewise::annotate::detail
