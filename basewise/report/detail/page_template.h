// The page without a document and the colours of figures:
// files of the tree, put into the program by CMake.
#pragma once

#include <string_view>

namespace basewise::report::detail {

/// Stands once in the template; the document takes its place.
inline constexpr std::string_view kDocumentMark = "@basewise-report@";

std::string_view page_template();

/// figure_theme.json, which the page draws with too: "light" and "dark", each with a configuration
/// of Vega and values of its signals.
std::string_view figure_theme();

}  // namespace basewise::report::detail
