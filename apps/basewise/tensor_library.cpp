#include "apps/basewise/tensor_library.h"

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/entry.h"
#include "basewise/core/error.h"
#include "basewise/core/json.h"

namespace basewise::app {
namespace {

constexpr const char* kLibrary = "libbasewise_verbs.so";

// A thread that waits for the others of its team goes round this many times before it sleeps: some
// tens of microseconds, as long as waking it up takes. libgomp's own 300,000 rounds are
// milliseconds: on cores that other programs use too, a team then spends its share of time waiting
// for a member that is not running (benchmarks/threads.py). Whoever sets a policy of their own
// keeps it.
constexpr const char* kRoundsBeforeSleep = "3000";

void wait_briefly() {
  if (!std::getenv("OMP_WAIT_POLICY")) ::setenv("GOMP_SPINCOUNT", kRoundsBeforeSleep, 0);
}

// In the build tree beside the program, in an installation in the library folder beside bin/.
void* open_library() {
  wait_briefly();  // libgomp reads its settings when it is loaded, which is now
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  std::string tried;
  for (const auto& place : {folder / kLibrary, (folder / BASEWISE_LIBRARY_FROM_BIN / kLibrary).lexically_normal()}) {
    if (!std::filesystem::exists(place)) {
      tried += format("{}{}", tried.empty() ? "" : ", ", place.string());
      continue;
    }
    if (void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
    throw StateError(
        format("cannot load {}: {}. Is the libtorch that basewise was built with still where it was?", place.string(), ::dlerror()));
  }
  throw StateError(format("the library of the verbs that need libtorch is missing; looked for {}", tried));
}

template <class F>
F function(const char* name) {
  static void* const library = open_library();
  if (void* found = ::dlsym(library, name)) return reinterpret_cast<F>(found);
  throw StateError(format("{} does not fit this program: it has no {}", kLibrary, name));
}

}  // namespace

int run_tensor_verb(const std::string& verb, const Arguments& arguments) {
  std::vector<const char*> words;
  for (const std::string& word : arguments) words.push_back(word.c_str());
  return function<decltype(&basewise_run_verb)>("basewise_run_verb")(verb.c_str(), static_cast<int>(words.size()),
                                                                                      words.data());
}

nlohmann::ordered_json torch_facts() {
  return parse_json(function<decltype(&basewise_tensor_facts)>("basewise_tensor_facts")(), kLibrary);
}

}  // namespace basewise::app
