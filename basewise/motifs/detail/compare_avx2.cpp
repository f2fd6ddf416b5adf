// The loops of the comparison for avx2; see CMakeLists.txt for the flags of this source.
#define BASEWISE_COMPARE_NAME compare_loops_avx2
#include "basewise/motifs/detail/compare_body.h"
