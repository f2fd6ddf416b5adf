// The sub-verb contigs of data.
#pragma once

#include "apps/basewise/support/command.h"

namespace basewise::app {

int data_contigs(const Arguments& arguments);

}  // namespace basewise::app
