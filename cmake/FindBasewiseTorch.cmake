# libtorch from the torch wheel, as imported targets: its own CMake package asks for a CUDA toolkit,
# and CPU work needs none. BASEWISE_TORCH names the folder `torch` of an installed wheel (the one
# that holds include/ and lib/).
set(BASEWISE_TORCH "$ENV{BASEWISE_TORCH}" CACHE PATH "Folder of an installed torch (holds include/ and lib/)")
if(NOT BASEWISE_TORCH AND EXISTS "${PROJECT_SOURCE_DIR}/build/torch/torch/lib/libtorch_cpu.so")
  set(BASEWISE_TORCH "${PROJECT_SOURCE_DIR}/build/torch/torch" CACHE PATH "" FORCE)
endif()
if(NOT EXISTS "${BASEWISE_TORCH}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "No libtorch in BASEWISE_TORCH='${BASEWISE_TORCH}'. Run `make setup`, or point BASEWISE_TORCH at the folder "
                      "`python -c 'import torch, os; print(os.path.dirname(torch.__file__))'` prints.")
endif()
file(STRINGS "${BASEWISE_TORCH}/version.py" BASEWISE_TORCH_VERSION REGEX "^__version__")
string(REGEX REPLACE ".*'([^']*)'.*" "\\1" BASEWISE_TORCH_VERSION "${BASEWISE_TORCH_VERSION}")
message(STATUS "libtorch ${BASEWISE_TORCH_VERSION} in ${BASEWISE_TORCH}")

# Imported: an installed basewise does not carry this target, it finds torch anew by this very file.
add_library(basewise_torch INTERFACE IMPORTED)
# Searched after the system's folders: the wheel carries its own fmt, and <fmt/format.h> must mean
# the system's everywhere.
target_compile_options(basewise_torch INTERFACE "SHELL:-idirafter \"${BASEWISE_TORCH}/include\""
                       "SHELL:-idirafter \"${BASEWISE_TORCH}/include/torch/csrc/api/include\"")
target_link_libraries(basewise_torch INTERFACE "${BASEWISE_TORCH}/lib/libtorch_cpu.so" "${BASEWISE_TORCH}/lib/libc10.so")
# The OpenMP runtime that libtorch computes with: our kernels run on the same team of threads.
# GNU's, LLVM's and Intel's all serve gcc's code.
file(GLOB basewise_openmp "${BASEWISE_TORCH}/lib/libgomp*.so*" "${BASEWISE_TORCH}/lib/libiomp5.so" "${BASEWISE_TORCH}/lib/libomp.so"
     "${BASEWISE_TORCH}/../torch.libs/libgomp*.so*")
if(basewise_openmp)
  list(GET basewise_openmp 0 basewise_openmp)
  target_link_libraries(basewise_torch INTERFACE "${basewise_openmp}")
else()
  target_link_libraries(basewise_torch INTERFACE gomp)
endif()
target_link_options(basewise_torch INTERFACE "-Wl,-rpath,${BASEWISE_TORCH}/lib" "-Wl,--allow-shlib-undefined")
