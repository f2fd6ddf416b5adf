// 1-D convolutions in length-major memory, forward and backward, fused with what stands around
// them.
#pragma once

#include "basewise/kernels/conv_backward.h"
#include "basewise/kernels/conv_forward.h"
