#include "basewise/report/detail/page_template.h"

// The assembler reads the files (names from CMake): as string literals they would take the compiler
// seconds and gigabytes.
#define BASEWISE_EMBED(name, file)                                                                                         \
  __asm__(".pushsection .rodata\n.local " name "_begin\n.local " name "_end\n" name "_begin:\n.incbin \"" file "\"\n" name \
          "_end:\n.byte 0\n.popsection\n")

BASEWISE_EMBED("basewise_page", BASEWISE_PAGE);
BASEWISE_EMBED("basewise_theme", BASEWISE_THEME);

extern "C" {
extern const char basewise_page_begin[] __attribute__((visibility("hidden")));
extern const char basewise_page_end[] __attribute__((visibility("hidden")));
extern const char basewise_theme_begin[] __attribute__((visibility("hidden")));
extern const char basewise_theme_end[] __attribute__((visibility("hidden")));
}

namespace basewise::report::detail {

std::string_view page_template() { return {basewise_page_begin, static_cast<std::size_t>(basewise_page_end - basewise_page_begin)}; }

std::string_view figure_theme() { return {basewise_theme_begin, static_cast<std::size_t>(basewise_theme_end - basewise_theme_begin)}; }

}  // namespace basewise::report::detail
