#include "apps/basewise/tensor/set_up.h"

#include <filesystem>

#include <dlfcn.h>
#include <malloc.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/ops/kernels.h"
#include "basewise/tensor/torch.h"

namespace basewise::app {
namespace {

constexpr const char* kCpu = "cpu";  // needs no other half

bool has_nvidia_driver() { return std::filesystem::exists("/dev/nvidiactl"); }

// It registers itself when it is loaded; it lies beside the half that is linked.
// Empty if that worked, else the reason.
std::string load_cuda() {
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&at::get_num_threads), &here) == 0 || !here.dli_fname)
    return "libtorch was not found in memory";
  const auto library = std::filesystem::path(here.dli_fname).parent_path() / "libtorch_cuda.so";
  if (!std::filesystem::exists(library)) return "this libtorch has no " + library.string();
  return ::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) ? std::string() : std::string(::dlerror());
}

// Activations of a step are of the same sizes as those of the step before. glibc would give their
// pages back to the system after each step and take them again, cleared, in the next:
// up to half of the time of a step.
void keep_memory() {
#if defined(__GLIBC__)
  constexpr int kGibibyte = 1 << 30;
  ::mallopt(M_MMAP_THRESHOLD, kGibibyte);
  ::mallopt(M_TRIM_THRESHOLD, kGibibyte);
  ::mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace

bool parse(Command& command, const Arguments& arguments) {
  std::string kernels = "basewise";
  command.app().add_option("--kernels", kernels,
                           "who computes convolutions on a CPU: basewise, bfloat16 (the same, inputs and weights "
                           "rounded; newer processors), torch for comparison [basewise]");
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
  if (device == kCpu || at::hasCUDA() || !has_nvidia_driver()) return;
  if (const std::string problem = load_cuda(); !problem.empty()) log_warning("CUDA devices cannot be used: {}", problem);
}

}  // namespace basewise::app
