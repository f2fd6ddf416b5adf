// Options described once, read from TOML, with the errors that people get to see.
#include <cstdio>

#include "basewise/core/error.h"
#include "basewise/core/options.h"

namespace mine {

using namespace basewise;

enum class UpdateRule { sgd, adam };
constexpr auto words_of(UpdateRule) {
  return words<UpdateRule>({{UpdateRule::sgd, "sgd", "plain steps"},
                            {UpdateRule::adam, "adam", "steps of even size"}});
}

struct OptimizerOptions {
  UpdateRule name = UpdateRule::adam;
  double learning_rate = 1e-3;
  double momentum = 0;
};
void describe(Visitor& v, OptimizerOptions& o) {
  v("name", o.name, "update rule");
  v("learning_rate", o.learning_rate, "step size of the optimiser", positive());
  v.when("name", o.name, {UpdateRule::sgd}, [&] {
    v("momentum", o.momentum, "share of the last step that is taken again", fraction());
  });
}

}  // namespace mine

int main() {
  mine::OptimizerOptions options;
  basewise::read_toml(basewise::described(options), "name = \"sgd\"\nmomentum = 0.9\n", "good.toml");
  std::printf("%s\n", basewise::to_toml(basewise::described(options)).c_str());

  for (const char* text : {"momentum = 0.9", "name = \"adan\"", "learning_rate = -1", "learning_rat = 0.1"}) {
    try {
      mine::OptimizerOptions other;
      basewise::read_toml(basewise::described(other), text, "bad.toml");
    } catch (const basewise::ArgumentError& error) {
      std::printf("%s\n", error.what());
    }
  }
}
