// Models of other programs: parameter files of Basset and Basenji become model files and recipes,
// Keras files become model files and weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/array.h"
#include "basewise/spec/model_spec.h"

namespace basewise::convert {

/// Which function a file means by "gelu": Basenji changed it on 2022-10-30.
enum class GeluForm { automatic, sigmoid, tanh };
constexpr auto words_of(GeluForm) {
  return words<GeluForm>({{GeluForm::automatic, "auto", "sigmoid where the file says batch_norm = true (older), else tanh"},
                          {GeluForm::sigmoid, "sigmoid", "x sigmoid(1.702 x), as the released models of 2020"},
                          {GeluForm::tanh, "tanh", "its approximation by tanh"}});
}

/// The two forms of Basset's convolutions.
enum class BassetForm { valid, same };
constexpr auto words_of(BassetForm) {
  return words<BassetForm>({{BassetForm::valid, "valid", "only whole windows, as in its released weights"},
                            {BassetForm::same, "same", "padded, and pooling up to the last base, as its newest code"}});
}

struct ConvertOptions {
  std::filesystem::path file = {};  ///< parameters or a Keras model
  std::filesystem::path out = {};   ///< folder
  bool partial = false;             ///< stop before the first layer that has no counterpart here, instead of refusing the file
  bool overwrite = false;
  GeluForm gelu = GeluForm::automatic;
  BassetForm basset_form = BassetForm::valid;
  std::int64_t targets = 0;  ///< outputs of a file that does not say how many
  std::int64_t length = 0;   ///< bases of the sequence where the file does not say; 0: 600 for Basset
};
void describe(Visitor& v, ConvertOptions& o);

/// What kind of file it was.
enum class SourceKind { basset_table, basenji_table, parameter_json, keras };
constexpr auto words_of(SourceKind) {
  return words<SourceKind>({{SourceKind::basset_table, "Basset parameters"},
                            {SourceKind::basenji_table, "Basenji parameters of 2018"},
                            {SourceKind::parameter_json, "Basenji or Baskerville parameters"},
                            {SourceKind::keras, "Keras model"}});
}

/// A tensor of the model that the file gave. Names are those of the model's weights.
struct ConvertedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// One line of the report of both sides: a tensor of the file, one of the model, or both.
struct MappedTensor {
  std::string source;  ///< empty: the file has none for it
  std::vector<std::int64_t> source_shape;
  std::string target;  ///< empty: not taken
  std::vector<std::int64_t> target_shape;
  std::string how;  ///< what was done with it, or why it was not taken
};

/// A model of another program.
struct Converted {
  SourceKind kind = SourceKind::parameter_json;
  spec::ModelSpec model = {};
  std::string comment = {};                   ///< first line of the model file
  std::string recipe = {};                    ///< TOML; empty for Keras files
  std::vector<ConvertedTensor> weights = {};  ///< of Keras files
  std::vector<MappedTensor> tensors = {};     ///< of Keras files: all of the file and all of the model
  std::vector<std::string> notes = {};        ///< what means something else here, or nothing
};

/// Reads a file: HDF5 is taken for Keras, JSON for parameters of Basenji since 2018, other text for
/// a table of parameters, of Basset where it names conv_filters or hidden_units.
/// Errors: DataError that names file, line or path, for text that is none of these, unknown keys
/// (with the nearest known one), values out of bounds, and layers without a counterpart, all of
/// them at once; with `partial` those and what follows them are listed in `notes`.
Converted read_foreign(const ConvertOptions& options);

/// The files that `write_converted` writes, in `out`.
std::vector<std::filesystem::path> converted_files(const Converted& converted, const ConvertOptions& options);

/// Writes what was read into the folder `out` and returns the files: model.toml; of parameters
/// recipe.toml; of a Keras model weights.safetensors, so that the folder can be opened like a run,
/// and tensors.tsv, the report of both sides.
/// Errors: ArgumentError for a folder that is not given, and for files that are there without
/// `overwrite`; DataError (disk).
std::vector<std::filesystem::path> write_converted(const Converted& converted, const ConvertOptions& options);

}  // namespace basewise::convert
