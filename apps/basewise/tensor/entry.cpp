#include "apps/basewise/tensor/entry.h"

#include <array>

#include <nlohmann/json.hpp>

#include "apps/basewise/support/guard.h"
#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/json.h"
#include "basewise/interpret/measures.h"
#include "basewise/ops/kernels.h"
#include "basewise/run/coverage_measures.h"
#include "basewise/tensor/errors.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/torch.h"

namespace basewise::app {
namespace {

struct TensorVerb {
  std::string_view name;
  int (*run)(const Arguments&);
};

constexpr std::array kTensorVerbs = {TensorVerb{"train", train}, TensorVerb{"evaluate", evaluate}, TensorVerb{"predict", predict},
                                     TensorVerb{"attribute", attribute}, TensorVerb{"perturb", perturb},
                                     TensorVerb{"variants", variants}, TensorVerb{"inspect", inspect}, TensorVerb{"options", options},
                                     TensorVerb{"study", study}, TensorVerb{kDataExport, data_export},
                                     TensorVerb{kMotifsFilters, motifs_filters}};

int run_verb(std::string_view name, const Arguments& arguments) {
  for (const TensorVerb& verb : kTensorVerbs) {
    if (verb.name != name) continue;
    const ops::KernelScope kernels(ops::Kernels::basewise);
    const run::MeasureScope measures(interpret::measures()), coverage(run::coverage_measures());
    try {
      return verb.run(arguments);
    } catch (const c10::Error& e) {
      throw_translated(e);
    }
  }
  throw InternalError(format("the library has no verb '{}'", name));
}

}  // namespace
}  // namespace basewise::app

int basewise_run_verb(const char* verb, int count, const char* const* words) {
  return basewise::app::guarded([&] { return basewise::app::run_verb(verb, {words, words + count}); });
}

const char* basewise_tensor_facts() {
  static std::string text;
  nlohmann::ordered_json facts = nlohmann::ordered_json::object();
  try {
    basewise::app::prepare_device("auto");
    for (const auto& [name, value] : basewise::tensor_facts()) facts[name] = value;
  } catch (const std::exception& e) {
    facts["problem"] = e.what();
  }
  text = basewise::json_text(facts);
  return text.c_str();
}
