// The sub-verb bins of data.
#pragma once

#include "apps/basewise/support/command.h"

namespace basewise::app {

int data_bins(const Arguments& arguments);

}  // namespace basewise::app
