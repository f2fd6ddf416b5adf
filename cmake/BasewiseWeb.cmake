# The report page: web/ built by Node into one HTML file. BASEWISE_PAGE names it for
# basewise/report, which puts it into the program. Without Node, BASEWISE_PAGE stays empty and the
# program writes documents into a plain page that says so. A page that was built elsewhere can be
# named: -DBASEWISE_PAGE=FILE.
set(BASEWISE_PAGE "" CACHE FILEPATH "A report page that is ready; empty: web/ is built")
execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/find-node" OUTPUT_VARIABLE basewise_node OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REPLACE "\n" ";" basewise_node "${basewise_node}")
if(basewise_node)
  list(GET basewise_node 0 basewise_node)
endif()

if(NOT BASEWISE_PAGE AND basewise_node)
  set(BASEWISE_PAGE "${CMAKE_BINARY_DIR}/web/report_template.html")
  file(GLOB_RECURSE basewise_web_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/web/src/*")
  list(FILTER basewise_web_sources EXCLUDE REGEX "_test\\.ts$")
  add_custom_command(
    OUTPUT "${BASEWISE_PAGE}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/web"
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/web-page" "${BASEWISE_PAGE}"
    DEPENDS ${basewise_web_sources} "${PROJECT_SOURCE_DIR}/web/index.html" "${PROJECT_SOURCE_DIR}/web/vite.config.ts"
            "${PROJECT_SOURCE_DIR}/web/package-lock.json" "${PROJECT_SOURCE_DIR}/web/tsconfig.json"
            "${PROJECT_SOURCE_DIR}/basewise/report/figure_theme.json"
    COMMENT "Building the report page"
    VERBATIM)
  add_custom_target(basewise_page DEPENDS "${BASEWISE_PAGE}")
elseif(NOT BASEWISE_PAGE)
  message(STATUS "no Node (18.18 or newer, with npm): reports get a plain page; scripts/setup fetches Node")
endif()
