// The loops of the comparison for avx512; see CMakeLists.txt for the flags of this source.
#define BASEWISE_COMPARE_NAME compare_loops_avx512
#include "basewise/motifs/detail/compare_body.h"
