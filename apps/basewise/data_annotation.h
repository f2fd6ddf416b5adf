// The sub-verb annotation of data.
#pragma once

#include "apps/basewise/support/command.h"

namespace basewise::app {

int data_annotation(const Arguments& arguments);

}  // namespace basewise::app
