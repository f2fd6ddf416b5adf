// What the program calls in this library: two functions with C linkage, so that nothing but text and numbers crosses the border.
#include <array>
#include <filesystem>

#include <dlfcn.h>
#include <nlohmann/json.hpp>

#include "apps/basewise/support/guard.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/torch.h"

namespace basewise::app {
namespace {

struct TensorVerb {
  std::string_view name;
  int (*run)(const Arguments&);
};

constexpr std::array kTensorVerbs = {TensorVerb{"train", train}, TensorVerb{"evaluate", evaluate}, TensorVerb{"predict", predict},
                                     TensorVerb{"inspect", inspect}, TensorVerb{"options", options}};

// libtorch adds a stack trace to its messages, which helps nobody at a terminal.
[[noreturn]] void translate(const c10::Error& e) {
  const std::string text = e.what_without_backtrace();
  if (dynamic_cast<const c10::OutOfMemoryError*>(&e) || text.find("can't allocate memory") != std::string::npos) throw std::bad_alloc();
  throw InternalError("libtorch: " + text);
}

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

int run_verb(std::string_view name, const Arguments& arguments) {
  for (const TensorVerb& verb : kTensorVerbs) {
    if (verb.name != name) continue;
    try {
      return verb.run(arguments);
    } catch (const c10::Error& e) {
      translate(e);
    }
  }
  throw InternalError(format("the library has no verb '{}'", name));
}

}  // namespace

bool parse(Command& command, const Arguments& arguments) {
  const bool go_on = command.parse(arguments);
  at::set_num_threads(threads());
  return go_on;
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
