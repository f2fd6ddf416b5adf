// The innermost loops for portable; see CMakeLists.txt for the flags of this source.
#define BASEWISE_VECTOR 4
#define BASEWISE_REGISTERS 16
#define BASEWISE_MICRO_NAME micro_portable
#include "basewise/kernels/detail/micro_body.h"
