// Options described once. An options struct is a plain aggregate with defaults and one function
// beside it (examples/options.cpp):
//
//   enum class UpdateRule { sgd, adam };
//   constexpr auto words_of(UpdateRule) {
//     return words<UpdateRule>({{UpdateRule::sgd, "sgd", "plain steps"},
//                               {UpdateRule::adam, "adam", "steps of even size"}});
//   }
//
//   struct OptimizerOptions {
//     UpdateRule name = UpdateRule::adam;
//     double learning_rate = 1e-3;
//     double momentum = 0;
//   };
//   void describe(Visitor& v, OptimizerOptions& o) {
//     v("name", o.name, "update rule");
//     v("learning_rate", o.learning_rate, "step size of the optimiser", positive());
//     v.when("name", o.name, {UpdateRule::sgd}, [&] {
//       v("momentum", o.momentum, "share of the last step that is taken again", fraction());
//     });
//   }
//
// Visitors turn the description into the TOML reader, the flags of the program,
// the manifest and the reference page.
#pragma once

#include "basewise/core/choice.h"
#include "basewise/core/nearest.h"
#include "basewise/core/options_assign.h"
#include "basewise/core/options_check.h"
#include "basewise/core/options_read.h"
#include "basewise/core/options_write.h"
#include "basewise/core/visitor.h"
#include "basewise/core/written.h"
