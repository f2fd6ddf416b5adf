// The innermost loops for avx512; see CMakeLists.txt for the flags of this source.
#define BASEWISE_VECTOR 16
#define BASEWISE_REGISTERS 32
#define BASEWISE_MICRO_NAME micro_avx512
#include "basewise/kernels/detail/micro_body.h"
