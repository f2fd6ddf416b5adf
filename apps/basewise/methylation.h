// The verb methylation and its sub-verbs, which start without libtorch.
#pragma once

#include "apps/basewise/support/command.h"

namespace basewise::app {

int methylation(const Arguments& arguments);

int methylation_prepare(const Arguments& arguments);
int methylation_stats(const Arguments& arguments);
int methylation_show(const Arguments& arguments);

}  // namespace basewise::app
