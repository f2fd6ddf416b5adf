// The folder of a binned data set while it is made: which steps are done.
#pragma once

#include <filesystem>

#include "basewise/prepare/bins_options.h"
#include "basewise/prepare/detail/set_folder.h"
#include "basewise/prepare/targets_table.h"

namespace basewise::prepare::detail {

class BinsFolder : public SetFolder {
 public:
  /// Errors: those of `SetFolder`.
  BinsFolder(const BinsOptions& options, const TargetsTable& targets);

  /// Coverage of target number i.
  std::filesystem::path coverage(std::size_t target) const;
  std::filesystem::path statistics() const { return file("statistics.json"); }

  /// Removes the coverage of all targets.
  void remove_coverage() const;
};

}  // namespace basewise::prepare::detail
