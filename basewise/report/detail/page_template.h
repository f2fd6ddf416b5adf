// The page without a document: built by web/, put into the program by CMake.
#pragma once

#include <string_view>

namespace basewise::report::detail {

/// Stands once in the template; the document takes its place.
inline constexpr std::string_view kDocumentMark = "@basewise-report@";

std::string_view page_template();

}  // namespace basewise::report::detail
