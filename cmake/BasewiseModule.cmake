# One module is one folder, one static library basewise::<name>, one test program
# basewise_<name>_test.
#
#   basewise_module(io PUBLIC core seq PRIVATE PkgConfig::HTSLIB [TORCH])
#
# PUBLIC and PRIVATE name modules of ours without prefix, other targets by their full name. Sources
# are every *.cpp of the folder (and detail/); *_test.cpp go into the test program.
function(basewise_module name)
  cmake_parse_arguments(ARG "TORCH" "" "PUBLIC;PRIVATE;TEST" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp" "${CMAKE_CURRENT_SOURCE_DIR}/detail/*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  foreach(scope PUBLIC PRIVATE TEST)
    set(links_${scope} "")
    foreach(dependency ${ARG_${scope}})
      if(dependency MATCHES "^[a-z]+$" AND NOT dependency STREQUAL "z")
        list(APPEND links_${scope} basewise_${dependency})
      else()
        list(APPEND links_${scope} ${dependency})
      endif()
    endforeach()
  endforeach()

  if(sources)
    add_library(basewise_${name} STATIC ${sources})
    target_link_libraries(basewise_${name} PUBLIC ${links_PUBLIC} PRIVATE ${links_PRIVATE} $<BUILD_INTERFACE:basewise_settings>)
    target_include_directories(basewise_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
    if(ARG_TORCH)
      target_link_libraries(basewise_${name} PUBLIC basewise_torch)
      if(NOT name STREQUAL "tensor")
        target_precompile_headers(basewise_${name} REUSE_FROM basewise_tensor)
        # Even precompiled, libtorch's headers cost seconds per source: a few sources at a time
        # halve a build from nothing.
        set_target_properties(basewise_${name} PROPERTIES UNITY_BUILD ${BASEWISE_UNITY} UNITY_BUILD_BATCH_SIZE 5)
      endif()
    endif()
  else()
    add_library(basewise_${name} INTERFACE)
    target_link_libraries(basewise_${name} INTERFACE ${links_PUBLIC})
  endif()
  add_library(basewise::${name} ALIAS basewise_${name})
  set_property(GLOBAL APPEND PROPERTY BASEWISE_MODULES ${name})

  if(BASEWISE_TESTS AND tests)
    basewise_test(basewise_${name}_test SOURCES ${tests} LINK basewise_${name} ${links_PRIVATE} ${links_TEST} $<$<BOOL:${ARG_TORCH}>:basewise_torch>)
    if(ARG_TORCH)
      # A precompiled header serves only sources compiled with the same -fPIC;
      # programs would get -fPIE.
      set_target_properties(basewise_${name}_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(basewise_${name}_test PRIVATE -fPIC)
      target_precompile_headers(basewise_${name}_test REUSE_FROM basewise_tensor)
    else()
      target_precompile_headers(basewise_${name}_test REUSE_FROM basewise_test_headers)
    endif()
  endif()
endfunction()

# The test libraries cost seconds in every source: parsed once, reused by every test without torch.
if(BASEWISE_TESTS)
  add_library(basewise_test_headers OBJECT "${PROJECT_SOURCE_DIR}/cmake/test_headers.cpp")
  target_link_libraries(basewise_test_headers PRIVATE GTest::gtest GTest::gmock rapidcheck fmt::fmt basewise_settings)
  target_precompile_headers(basewise_test_headers PRIVATE <gtest/gtest.h> <gmock/gmock.h> <rapidcheck.h> <fmt/format.h> <fmt/ranges.h>)
endif()

# A GoogleTest program; it runs from the root of the sources and finds its files by paths relative
# to it. What it writes lies in a folder of its own.
function(basewise_test target)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${target} ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/own_temporary_folder.cpp)
  target_link_libraries(${target} PRIVATE ${ARG_LINK} GTest::gtest GTest::gmock GTest::gtest_main rapidcheck basewise_settings)
  add_test(NAME ${target} COMMAND ${target} --gtest_output=xml:${CMAKE_BINARY_DIR}/test-results/${target}.xml
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()
