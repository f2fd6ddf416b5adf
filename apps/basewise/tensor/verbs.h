// The verbs that need libtorch. They live in a library of their own, see tensor_library.h.
#pragma once

#include "apps/basewise/support/command.h"

namespace basewise::app {

int train(const Arguments& arguments);
int evaluate(const Arguments& arguments);
int predict(const Arguments& arguments);
int attribute(const Arguments& arguments);
int perturb(const Arguments& arguments);
int variants(const Arguments& arguments);
int inspect(const Arguments& arguments);
int options(const Arguments& arguments);
int study(const Arguments& arguments);
int data_export(const Arguments& arguments);
int motifs_filters(const Arguments& arguments);

}  // namespace basewise::app
