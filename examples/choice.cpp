// A choice: an enum whose words are declared once, and options that only one of its values uses.
#include <cstdio>

#include "basewise/core/error.h"
#include "basewise/core/options.h"

namespace mine {

using namespace basewise;

enum class Padding { same, valid };
constexpr auto words_of(Padding) {
  return words<Padding>({{Padding::same, "same", "L / stride positions, zeros at both ends"},
                         {Padding::valid, "valid", "only whole windows"}});
}

enum class LossType { mse, poisson };
constexpr auto words_of(LossType) {
  return words<LossType>({{LossType::mse, "mse"}, {LossType::poisson, "poisson"}});
}

struct LossOptions {
  LossType type = LossType::mse;
  bool log_input = true;
};
void describe(Visitor& v, LossOptions& o) {
  v("type", o.type, "which loss");
  v.when("type", o.type, {LossType::poisson}, [&] {
    v("log_input", o.log_input, "the output is a logarithm");
  });
}

}  // namespace mine

int main() {
  const auto padding = basewise::parse_choice<mine::Padding>("valid", "padding");
  std::printf("%s\n", basewise::format("{}", padding).c_str());

  for (const char* text : {"type = \"poisson\"\nlog_input = false", "type = \"mse\"\nlog_input = false"}) {
    try {
      mine::LossOptions options;
      basewise::read_toml(basewise::described(options), text, "loss.toml");
      std::printf("%s of %s\n", basewise::format("{}", options.type).c_str(), options.log_input ? "logarithms" : "rates");
    } catch (const basewise::ArgumentError& error) {
      std::printf("%s\n", error.what());
    }
  }
}
