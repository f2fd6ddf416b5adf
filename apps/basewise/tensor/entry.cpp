// What the program calls in this library: two functions with C linkage, so that nothing but text and numbers crosses the border.
#include <array>
#include <filesystem>

#include <dlfcn.h>
#include <malloc.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/support/guard.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/ops/kernels.h"
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
                                     TensorVerb{"inspect", inspect}, TensorVerb{"options", options},
                                     TensorVerb{"study", study}};

bool has_nvidia_driver() { return std::filesystem::exists("/dev/nvidiactl"); }

// It registers itself when it is loaded; it lies beside the half that is linked. Empty if that worked, else the reason.
std::string load_cuda() {
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&at::get_num_threads), &here) == 0 || !here.dli_fname)
    return "libtorch was not found in memory";
  const auto library = std::filesystem::path(here.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!std::filesystem::exists(library)) return "this libtorch has no " + library.string();
  return ::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) ? std::string() : std::string(::dlerror());
}

// Activations of a step are of the same sizes as those of the step before. glibc would give their pages back to the system after each
// step and take them again, cleared, in the next: up to half of the time of a step.
void keep_memory() {
#if defined(__GLIBC__)
  constexpr int kGibibyte = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kGibibyte);
  ::mallopt(M_TRIM_THRESHOLD, kGibibyte);
  ::mallopt(M_TOP_PAD, 64 << 20);
#endif
}

int run_verb(std::string_view name, const Arguments& arguments) {
  for (const TensorVerb& verb : kTensorVerbs) {
    if (verb.name != name) continue;
    const ops::KernelScope kernels(ops::Kernels::basewise);
    try {
      return verb.run(arguments);
    } catch (const c10::Error& e) {
      throw_translated(e);
    }
  }
  throw InternalError(format("the library has no verb '{}'", name));
}

}  // namespace

bool parse(Command& command, const Arguments& arguments) {
  std::string kernels = "basewise";
  command.app().add_option("--kernels", kernels, "who computes convolutions on a CPU: basewise, bfloat16 (the same, inputs and weights rounded; newer processors), torch for comparison [basewise]");
  const bool go_on = command.parse(arguments);
  ops::choose_kernels(ops::kernels_named(kernels));
  at::set_num_threads(threads());
  keep_memory();
  return go_on;
}

void print_with_page(nlohmann::ordered_json json, const std::string& text, const std::filesystem::path& page, bool as_json) {
  if (!as_json) return print(text + (page.empty() ? "" : format("report: {}\n", page.string())));
  if (!page.empty()) json["report"] = page.string();
  print_json(json);
}

void prepare_device(const std::string& device) {
  if (device == "cpu" || at::hasCUDA() || !has_nvidia_driver()) return;
  if (const std::string problem = load_cuda(); !problem.empty()) log_warning("CUDA devices cannot be used: {}", problem);
}

}  // namespace basewise::app

extern "C" __attribute__((visibility("default"))) int basewise_run_verb(const char* verb, int count, const char* const* words) {
  return basewise::app::guarded([&] { return basewise::app::run_verb(verb, {words, words + count}); });
}

extern "C" __attribute__((visibility("default"))) const char* basewise_tensor_facts() {
  static std::string text;
  nlohmann::ordered_json facts = nlohmann::ordered_json::object();
  try {
    basewise::app::prepare_device("auto");
    for (const auto& [name, value] : basewise::tensor_facts()) facts[name] = value;
  } catch (const std::exception& e) {
    facts["problem"] = e.what();
  }
  text = facts.dump();
  return text.c_str();
}
