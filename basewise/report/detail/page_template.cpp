#include "basewise/report/detail/page_template.h"

// The assembler reads the file (BASEWISE_PAGE, from CMake): as a string literal it would take the compiler seconds and gigabytes.
__asm__(
    ".pushsection .rodata\n"
    ".local basewise_page_begin\n"
    ".local basewise_page_end\n"
    "basewise_page_begin:\n"
    ".incbin \"" BASEWISE_PAGE
    "\"\n"
    "basewise_page_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
extern const char basewise_page_begin[] __attribute__((visibility("hidden")));
extern const char basewise_page_end[] __attribute__((visibility("hidden")));
}

namespace basewise::report::detail {

std::string_view page_template() { return {basewise_page_begin, static_cast<std::size_t>(basewise_page_end - basewise_page_begin)}; }

}  // namespace basewise::report::detail
