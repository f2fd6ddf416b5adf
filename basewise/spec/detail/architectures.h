// The architectures that have a name.
#pragma once

#include "basewise/spec/named_model.h"

namespace basewise::spec::detail {

/// Each for a task that has heads; the sizes of the model were checked one by one.
/// Errors: ArgumentError, see `build_named`.
ModelSpec cnn(const NamedModel& model, const ModelTask& task);

/// Kelley et al. 2016, Genome Research 26:990: 300 x 19, pool 3, 200 x 11, pool 4, 200 x 7, pool 4,
/// valid convolutions, dense 1000 and 1000, batch norm and ReLU behind each.
ModelSpec basset(const NamedModel& model, const ModelTask& task);

/// After Kelley et al. 2018, Genome Research 28:739: convolutions and pooling down to the bins of
/// the target, then residual dilated convolutions.
ModelSpec dilated(const NamedModel& model, const ModelTask& task);

/// Avsec et al. 2021, Nature Genetics 53:354, with valid convolutions as in chrombpnet: 64 filters,
/// a first convolution of width 21, up to nine residual dilated ones, a head of width 75 for the
/// profile and one of counts behind the mean.
ModelSpec bpnet(const NamedModel& model, const ModelTask& task);

}  // namespace basewise::spec::detail
