# Language, warnings, build type, sanitizers: the same for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or RelWithDebInfo" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")

option(BASEWISE_WITH_TORCH "Build the floors that need libtorch, and the program" ON)
option(BASEWISE_SANITIZE "AddressSanitizer and UBSan" OFF)
option(BASEWISE_TESTS "Build the tests" ON)
option(BASEWISE_UNITY "Compile a few torch-facing sources at a time: faster from nothing, slower after a small change" OFF)

find_program(BASEWISE_CCACHE ccache)
if(BASEWISE_CCACHE)
  # Kept under build/ like everything else that is made, unless the user has a cache of their own.
  set(basewise_cache_dir "${PROJECT_SOURCE_DIR}/build/ccache")
  if(DEFINED ENV{CCACHE_DIR})
    set(basewise_cache_dir "$ENV{CCACHE_DIR}")
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_DIR=${basewise_cache_dir};CCACHE_SLOPPINESS=pch_defines,time_macros;${BASEWISE_CCACHE}")
endif()
find_program(BASEWISE_MOLD mold)
if(BASEWISE_MOLD AND NOT BASEWISE_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()

add_library(basewise_settings INTERFACE)
# -fPIC for programs too: libraries and tests then share precompiled headers.
target_compile_options(basewise_settings INTERFACE -fPIC -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
target_include_directories(basewise_settings INTERFACE "${PROJECT_SOURCE_DIR}")
if(BASEWISE_SANITIZE)
  # Between its own checks GCC 12 takes what std::function leaves open for a fault (of std::regex).
  target_compile_options(basewise_settings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g
                                                     -Wno-maybe-uninitialized)
  target_link_options(basewise_settings INTERFACE -fsanitize=address,undefined)
endif()
