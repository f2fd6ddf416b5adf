// The loops of the comparison for portable; see CMakeLists.txt for the flags of this source.
#define BASEWISE_COMPARE_NAME compare_loops_portable
#include "basewise/motifs/detail/compare_body.h"
