// Sites as labels at every base of both strands.
#pragma once

#include <string>

#include "basewise/corpus/sites.h"
#include "basewise/data/examples.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::data {

/// `name` (2, length): 1 at sites of the forward strand (channel 0) and the reverse strand (channel
/// 1), 0 elsewhere; measured everywhere that a window owns.
SourcePtr site_labels(const corpus::SiteTable& table, const seq::ChromSizes& sizes, std::string name = "labels");

}  // namespace basewise::data
