#include "basewise/learn/model_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <set>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/io/safetensors.h"

namespace basewise::learn {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormatKey = "format";
constexpr const char* kDocumentKey = "document";

/// Arrays of a model, held until they are written.
class Writer {
 public:
  template <class T>
  void add(const std::string& name, const std::vector<T>& values, std::vector<std::int64_t> shape) {
    arrays_.push_back(io::Array::of(values, std::move(shape)));
    views_.emplace_back(name, arrays_.back().view());
  }
  template <class T>
  void add(const std::string& name, const std::vector<T>& values) {
    add(name, values, {std::ssize(values)});
  }
  const io::NamedTensors& views() const { return views_; }

 private:
  std::deque<io::Array> arrays_;
  io::NamedTensors views_;
};

template <class T>
void append(std::vector<T>& to, const std::vector<T>& values) {
  to.insert(to.end(), values.begin(), values.end());
}

void add_forest(Writer& out, const Forest& forest) {
  std::vector<std::int64_t> nodes, leaves;
  Tree all;
  for (const Tree& tree : forest.trees()) {
    nodes.push_back(tree.nodes());
    leaves.push_back(std::ssize(tree.values) / forest.channels());
    append(all.feature, tree.feature);
    append(all.threshold, tree.threshold);
    append(all.left, tree.left);
    append(all.missing_left, tree.missing_left);
    append(all.values, tree.values);
  }
  out.add("forest.nodes", nodes);
  out.add("forest.leaves", leaves);
  out.add("forest.feature", all.feature);
  out.add("forest.threshold", all.threshold);
  out.add("forest.left", all.left);
  out.add("forest.missing_left", all.missing_left);
  out.add("forest.values", all.values, {std::ssize(all.values) / forest.channels(), forest.channels()});
  out.add("forest.importances", forest.importances());
}

void add_logistic(Writer& out, const Logistic& regression, std::size_t k) {
  std::vector<double> all;
  for (const auto& channel : regression.coefficients) append(all, channel);
  out.add(format("logistic.{}.coefficients", k), all, {regression.channels(), std::ssize(regression.coefficients.front())});
  out.add(format("logistic.{}.intercepts", k), regression.intercepts);
}

Json document_of(const Model& model) {
  Json document = {{"features", model.features}, {"outputs", Json::array()}};
  for (const Output& output : model.outputs) document["outputs"].push_back({{"name", output.name}, {"classes", output.classes}});
  return document;
}

/// A file that is read, with the names that were asked for.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : file_(path) {
    const auto found = file_.metadata().find(kFormatKey);
    if (found == file_.metadata().end() || found->second != kModelFormat)
      fail(format("is no model of basewise learn: its format is '{}', expected '{}'", found == file_.metadata().end() ? "" : found->second,
                  kModelFormat));
  }

  [[noreturn]] void fail(const std::string& message) const { throw DataError(format("{}: {}", file_.path().string(), message)); }

  bool has(const std::string& name) const { return file_.contains(name); }

  /// An array of this type and shape; -1 allows any extent.
  template <class T>
  std::vector<T> read(const std::string& name, const std::vector<std::int64_t>& shape) {
    if (!has(name)) fail(format("has no array '{}'", name));
    const io::TensorView& view = file_.at(name);
    const bool fits = std::equal(shape.begin(), shape.end(), view.shape.begin(), view.shape.end(),
                                 [](std::int64_t want, std::int64_t have) { return want < 0 || want == have; });
    if (view.dtype != io::dtype_of<T>() || !fits)
      fail(format("'{}' is {} of shape {}, expected {} of shape {} (-1: any)", name, io::name(view.dtype), io::shape_text(view.shape),
                  io::name(io::dtype_of<T>()), io::shape_text(shape)));
    std::vector<T> values(view.bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
    asked_.insert(name);
    return values;
  }

  /// The same of finite numbers of `least` or more.
  std::vector<double> finite(const std::string& name, const std::vector<std::int64_t>& shape,
                             double least = -std::numeric_limits<double>::infinity()) {
    std::vector<double> values = read<double>(name, shape);
    for (const double value : values)
      if (!std::isfinite(value) || value < least) fail(format("'{}' holds {}", name, value));
    return values;
  }

  void require_all_asked() const {
    for (const std::string& name : file_.names())
      if (!asked_.contains(name)) fail(format("has an array '{}' that no model of its kind has", name));
  }

  Json document() const {
    const auto found = file_.metadata().find(kDocumentKey);
    if (found == file_.metadata().end()) fail(format("has no '{}' in its metadata", kDocumentKey));
    Json document = parse_json(found->second, file_.path().string());
    if (!document.is_object()) fail(format("'{}' in its metadata is no object", kDocumentKey));
    return document;
  }

 private:
  io::SafetensorsFile file_;
  std::set<std::string> asked_;
};

std::vector<std::string> texts(const Reader& in, const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_array()) in.fail(format("its document has no list '{}'", key));
  std::vector<std::string> all;
  for (const Json& item : object[key]) {
    if (!item.is_string()) in.fail(format("'{}' in its document holds {}, not text", key, item.type_name()));
    all.push_back(item.get<std::string>());
  }
  return all;
}

std::vector<Output> outputs_of(const Reader& in, const Json& document) {
  std::vector<Output> outputs;
  if (!document.contains("outputs") || !document["outputs"].is_array() || document["outputs"].empty())
    in.fail("its document has no outputs");
  for (const Json& item : document["outputs"]) {
    Output output = {.classes = texts(in, item, "classes")};
    if (!item.contains("name") || !item["name"].is_string()) in.fail("its document has an output without a name");
    output.name = item["name"].get<std::string>();
    if (output.classes.size() == 1) in.fail(format("its output '{}' has one class", output.name));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Pca pca_of(Reader& in, std::int64_t features) {
  Pca pca = {.mean = in.finite("pca.mean", {features}), .components = {}, .variances = in.finite("pca.variances", {-1}, 0)};
  if (pca.variances.empty()) in.fail("has no principal component");
  pca.components = in.finite("pca.components", {pca.count(), features});
  pca.total_variance = in.finite("pca.total_variance", {1}, 0).front();
  return pca;
}

/// The next `n` of values that lie behind each other.
template <class T>
std::vector<T> next(const std::vector<T>& values, std::size_t& at, std::int64_t n) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at);
  at += static_cast<std::size_t>(n);
  return {begin, begin + n};
}

/// Every tree has one or more, and all together as many as there are.
void check_total(const Reader& in, const std::vector<std::int64_t>& counts, std::int64_t most, const char* what) {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) {
    if (count < 1 || count > most - sum) in.fail(format("its trees have {} {} in all, and one is said to have {}", most, what, count));
    sum += count;
  }
  if (sum != most) in.fail(format("its trees are said to have {} {}, and there are {}", sum, what, most));
}

void check_probabilities(const Reader& in, const std::vector<Output>& outputs, const std::vector<double>& values) {
  std::vector<bool> probability;
  for (const Output& output : outputs)
    probability.insert(probability.end(), static_cast<std::size_t>(output.channels()), !output.is_number());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (probability[i % probability.size()] && !(values[i] >= -1e-9 && values[i] <= 1 + 1e-9))
      in.fail(format("'forest.values' holds the probability {}", values[i]));
}

Forest forest_of(Reader& in, const std::vector<Output>& outputs, std::int64_t inputs) {
  const std::int64_t channels = channels_of(outputs);
  const auto nodes = in.read<std::int64_t>("forest.nodes", {-1}), leaves = in.read<std::int64_t>("forest.leaves", {std::ssize(nodes)});
  Tree all = {.feature = in.read<std::int32_t>("forest.feature", {-1})};
  all.threshold = in.read<double>("forest.threshold", {all.nodes()});
  all.left = in.read<std::int32_t>("forest.left", {all.nodes()});
  all.missing_left = in.read<std::uint8_t>("forest.missing_left", {all.nodes()});
  all.values = in.finite("forest.values", {-1, channels});
  check_total(in, nodes, all.nodes(), "nodes");
  check_total(in, leaves, std::ssize(all.values) / channels, "leaves");
  check_probabilities(in, outputs, all.values);
  std::vector<Tree> trees;
  std::size_t feature = 0, threshold = 0, left = 0, missing = 0, values = 0;
  for (std::size_t t = 0; t < nodes.size(); ++t)
    trees.push_back({next(all.feature, feature, nodes[t]), next(all.threshold, threshold, nodes[t]), next(all.left, left, nodes[t]),
                     next(all.missing_left, missing, nodes[t]), next(all.values, values, leaves[t] * channels)});
  try {
    return Forest(std::move(trees), channels, in.finite("forest.importances", {inputs}, 0));
  } catch (const ArgumentError& error) {
    in.fail(format("its forest is damaged: {}", error.what()));
  }
}

Logistic logistic_of(Reader& in, const Output& output, std::int64_t inputs, std::size_t k) {
  if (output.is_number()) in.fail(format("its output '{}' is a number, which no logistic regression predicts", output.name));
  const std::vector<double> all = in.finite(format("logistic.{}.coefficients", k), {output.channels(), inputs});
  Logistic regression = {.intercepts = in.finite(format("logistic.{}.intercepts", k), {output.channels()})};
  std::size_t at = 0;
  for (std::int64_t c = 0; c < output.channels(); ++c) regression.coefficients.push_back(next(all, at, inputs));
  return regression;
}

}  // namespace

void write_model(const std::filesystem::path& path, const Model& model) {
  Writer out;
  if (model.scaling) {
    out.add("scaling.mean", model.scaling->mean);
    out.add("scaling.deviation", model.scaling->deviation);
  }
  if (model.pca) {
    out.add("pca.mean", model.pca->mean);
    out.add("pca.components", model.pca->components, {model.pca->count(), std::ssize(model.pca->mean)});
    out.add("pca.variances", model.pca->variances);
    out.add("pca.total_variance", std::vector<double>{model.pca->total_variance});
  }
  if (model.forest) add_forest(out, *model.forest);
  for (std::size_t k = 0; k < model.logistic.size(); ++k) add_logistic(out, model.logistic[k], k);
  io::write_safetensors(
      path, out.views(),
      {{kFormatKey, std::string(kModelFormat)}, {"basewise_version", version()}, {kDocumentKey, json_text(document_of(model))}});
}

Model read_model(const std::filesystem::path& path) {
  Reader in(path);
  const Json document = in.document();
  Model model = {.features = texts(in, document, "features"), .outputs = outputs_of(in, document)};
  const std::int64_t features = std::ssize(model.features);
  if (features == 0 || std::set<std::string>(model.features.begin(), model.features.end()).size() != model.features.size())
    in.fail("its document names no features, or one twice");
  if (in.has("scaling.mean"))
    model.scaling = Scaling{in.finite("scaling.mean", {features}), in.finite("scaling.deviation", {features}, 1e-300)};
  if (in.has("pca.mean")) model.pca = pca_of(in, features);
  const std::int64_t inputs = model.pca ? model.pca->count() : features;
  if (in.has("forest.nodes"))
    model.forest = forest_of(in, model.outputs, inputs);
  else
    for (std::size_t k = 0; k < model.outputs.size(); ++k) model.logistic.push_back(logistic_of(in, model.outputs[k], inputs, k));
  in.require_all_asked();
  return model;
}

}  // namespace basewise::learn
