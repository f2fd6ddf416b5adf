// Fitted models as files.
#pragma once

#include <filesystem>
#include <string_view>

#include "basewise/learn/model.h"

namespace basewise::learn {

/// What the metadata of such a file call its format; another number is another layout.
inline constexpr std::string_view kModelFormat = "basewise.learn/1";

/// Writes a safetensors file, atomically; equal models give equal bytes. Metadata: `format`
/// (kModelFormat) and `document`, a JSON object of `features` (names) and `outputs` (name and
/// classes, none for a number). Arrays, of 64-bit floats where nothing else is said:
///  * scaling.mean, scaling.deviation (features), where columns are brought to one scale;
///  * pca.mean (features), pca.components (components, features), pca.variances (components),
///    pca.total_variance (1), where there are components;
///  * of a forest: forest.nodes and forest.leaves (trees), int64: how many each tree has; behind
///    each other, forest.feature and forest.left (nodes), int32, forest.threshold (nodes),
///    forest.missing_left (nodes), uint8 (see `Tree`); forest.values (leaves, channels),
///    forest.importances (inputs: components, else features);
///  * of logistic regression: logistic.K.coefficients (channels, inputs), logistic.K.intercepts
///    (channels) for output K from 0.
/// Errors: DataError (disk).
void write_model(const std::filesystem::path& path, const Model& model);

/// Errors: DataError that names the file and what does not fit: another format, arrays that are
/// missing, unknown or of another type or shape, numbers that are not finite, trees that lead out
/// of themselves.
Model read_model(const std::filesystem::path& path);

}  // namespace basewise::learn
