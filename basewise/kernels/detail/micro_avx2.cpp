// The innermost loops for avx2; see CMakeLists.txt for the flags of this source.
#define BASEWISE_VECTOR 8
#define BASEWISE_REGISTERS 16
#define BASEWISE_MICRO_NAME micro_avx2
#include "basewise/kernels/detail/micro_body.h"
