// The verb motifs and its sub-verbs, which start without libtorch.
#pragma once

#include "apps/basewise/support/command.h"

namespace basewise::app {

int motifs(const Arguments& arguments);

int motifs_scan(const Arguments& arguments);
int motifs_compare(const Arguments& arguments);
int motifs_seqlets(const Arguments& arguments);
int motifs_discover(const Arguments& arguments);

}  // namespace basewise::app
