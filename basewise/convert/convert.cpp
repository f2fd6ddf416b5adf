#include "basewise/convert/convert.h"

#include <fstream>

#include <nlohmann/json.hpp>

#include "basewise/convert/detail/basenji_2018.h"
#include "basewise/convert/detail/basset.h"
#include "basewise/convert/detail/json_model.h"
#include "basewise/convert/detail/keras.h"
#include "basewise/convert/detail/tables.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/io/safetensors.h"
#include "basewise/spec/writer.h"

namespace basewise::convert {
namespace {

constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
constexpr const char *kModel = "model.toml", *kRecipe = "recipe.toml", *kWeights = "weights.safetensors", *kTensors = "tensors.tsv";
constexpr std::uintmax_t kMostText = 16 << 20;  // of parameters

/// The first bytes of a file.
std::string beginning(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(512, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

Converted read_parameters(const ConvertOptions& options, const std::string& start) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(options.file, error);
  if (!error && size > kMostText)
    throw DataError(format("{} has {} bytes; a file of parameters has at most {}", options.file.string(), size, kMostText));
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && start[first] == '{') return detail::json_model(read_json(options.file), options);
  detail::Keys keys = detail::read_table(options.file);
  return detail::is_basset(keys) ? detail::basset_model(std::move(keys), options) : detail::basenji_model(std::move(keys), options);
}

void write_weights(const fs::path& file, const Converted& converted) {
  io::NamedTensors tensors;
  // One counter of batches for each batch norm, as the layer keeps it.
  static constexpr std::int64_t kNone = 0;
  for (const ConvertedTensor& tensor : converted.weights) {
    tensors.emplace_back(tensor.name, io::TensorView{io::DType::f32, tensor.shape, std::as_bytes(std::span(tensor.values))});
    constexpr std::string_view kEnding = "running_var";
    if (!tensor.name.ends_with(kEnding)) continue;
    const std::string counter = tensor.name.substr(0, tensor.name.size() - kEnding.size()) + "num_batches_tracked";
    tensors.emplace_back(counter, io::TensorView{io::DType::i64, {}, std::as_bytes(std::span(&kNone, 1))});
  }
  io::write_safetensors(file, tensors, {{"format", "pt"}, {"basewise_version", version()}});
}

std::string tensors_text(const Converted& converted) {
  std::string text = "source\tsource_shape\ttarget\ttarget_shape\thow\n";
  const auto shape = [](const std::string& name, const std::vector<std::int64_t>& s) {
    return name.empty() ? std::string() : io::shape_text(s);
  };
  for (const MappedTensor& t : converted.tensors)
    text += format("{}\t{}\t{}\t{}\t{}\n", t.source, shape(t.source, t.source_shape), t.target, shape(t.target, t.target_shape), t.how);
  return text;
}

}  // namespace

void describe(Visitor& v, ConvertOptions& o) {
  v("file", o.file, "parameters of Basset, Basenji or Baskerville, or a Keras model (HDF5)", required());
  v("out", o.out, "folder for what is made of it", required());
  v("partial", o.partial, "stop before the first layer that has no counterpart instead of refusing the file, and list the rest");
  v("overwrite", o.overwrite, "replace files that are there");
  v("gelu", o.gelu, "what parameter files mean by gelu");
  v("basset_form", o.basset_form, "convolutions of Basset");
  v("targets", o.targets, "outputs, where the file does not say", between(0, 1e6));
  v("length", o.length, "bases of the sequence, where the file does not say", between(0, 1e9));
}

Converted read_foreign(const ConvertOptions& options) {
  if (options.file.empty()) throw ArgumentError("say which file is to be converted");
  const std::string start = fs::is_regular_file(options.file) ? beginning(options.file) : read_file(options.file);
  if (start.empty()) throw DataError(format("{} is empty (0 bytes)", options.file.string()));
  return start.starts_with(kHdf5) ? detail::keras_model(options) : read_parameters(options, start);
}

std::vector<fs::path> converted_files(const Converted& converted, const ConvertOptions& options) {
  if (converted.kind == SourceKind::keras) return {options.out / kModel, options.out / kWeights, options.out / kTensors};
  return {options.out / kModel, options.out / kRecipe};
}

std::vector<fs::path> write_converted(const Converted& converted, const ConvertOptions& options) {
  if (options.out.empty()) throw ArgumentError("--out is missing, the folder for what is made of the file");
  const std::vector<fs::path> files = converted_files(converted, options);
  for (const fs::path& file : files)
    if (!options.overwrite && fs::exists(file))
      throw ArgumentError(format("{} is there; choose another --out, or --overwrite it", file.string()));
  // The weights come last: only then the folder opens as a run.
  write_file(options.out / kModel, spec::to_toml(converted.model, converted.comment));
  if (converted.kind != SourceKind::keras) return write_file(options.out / kRecipe, converted.recipe), files;
  write_file(options.out / kTensors, tensors_text(converted));
  write_weights(options.out / kWeights, converted);
  return files;
}

}  // namespace basewise::convert
