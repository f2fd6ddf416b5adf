#include "basewise/learn/model_file.h"

#include <cmath>
#include <cstring>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/safetensors.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::learn {
namespace {

using testing::HasSubstr;
using testing_files::Folder;

/// A model as it is in its file: arrays and metadata that a test may change.
struct Parts {
  std::map<std::string, io::Array> arrays = {};
  io::Metadata metadata = {};

  static Parts of(const fs::path& path) {
    const io::SafetensorsFile file(path);
    Parts parts = {.metadata = file.metadata()};
    for (const std::string& name : file.names()) parts.arrays.emplace(name, io::Array(file.at(name)));
    return parts;
  }

  void write(const fs::path& path) const {
    io::NamedTensors views;
    for (const auto& [name, array] : arrays) views.emplace_back(name, array.view());
    io::write_safetensors(path, views, metadata);
  }

  template <class T>
  void set(const std::string& name, std::size_t at, T value) {
    std::memcpy(arrays.at(name).bytes.data() + at * sizeof(T), &value, sizeof(T));
  }
};

Model fitted(Method method, std::int64_t pca) {
  const Columns columns = {6, {"a", "b"}, {{1, 2, 3, 4, 5, 6}, {0, 1, 0, 2, 0, 5}}};
  const Targets targets = {{{"y", {"0", "1"}}}, {{0, 0, 1, 0, 1, 1}}};
  ModelOptions options = {.method = method, .pca = pca};
  options.forest = {.trees = 2, .bootstrap = false};
  return fit_model(columns, targets, {}, options, 3).model;
}

/// The error of reading what `change` makes of the file of a model.
template <class Change>
std::string damaged(Method method, const Change& change) {
  const Folder folder;
  const fs::path path = folder.path() / "m.safetensors";
  write_model(path, fitted(method, 1));
  Parts parts = Parts::of(path);
  change(parts);
  parts.write(path);
  return error_text<DataError>([&] { read_model(path); });
}

TEST(ModelFile, RefusesWhatIsDamaged) {
  using P = Parts;
  const auto forest = [](const auto& change) { return damaged(Method::forest, change); };
  EXPECT_THAT(forest([](P& p) { p.metadata["format"] = "pt"; }),
              HasSubstr("m.safetensors: is no model of basewise learn: its format is 'pt', expected 'basewise.learn/1'"));
  EXPECT_THAT(forest([](P& p) { p.metadata.erase("document"); }), HasSubstr("has no 'document' in its metadata"));
  EXPECT_THAT(forest([](P& p) { p.metadata["document"] = "[]"; }), HasSubstr("is no object"));
  EXPECT_THAT(forest([](P& p) { p.metadata["document"] = R"({"features": ["a", "a"], "outputs": [{"name": "y", "classes": []}]})"; }),
              HasSubstr("names no features, or one twice"));
  EXPECT_THAT(forest([](P& p) { p.metadata["document"] = R"({"features": ["a", "b"], "outputs": [{"name": "y", "classes": ["0"]}]})"; }),
              HasSubstr("output 'y' has one class"));
  EXPECT_THAT(forest([](P& p) { p.arrays.erase("forest.left"); }), HasSubstr("has no array 'forest.left'"));
  EXPECT_THAT(forest([](P& p) { p.arrays.emplace("more", p.arrays.at("pca.mean")); }),
              HasSubstr("has an array 'more' that no model of its kind has"));
  EXPECT_THAT(forest([](P& p) { p.arrays["forest.left"] = io::Array::of(std::vector<std::int64_t>{1}, {1}); }),
              HasSubstr("'forest.left' is int64 of shape (1,), expected int32"));
  EXPECT_THAT(forest([](P& p) { p.set<std::int64_t>("forest.nodes", 0, 1000); }), HasSubstr("one is said to have 1000"));
  EXPECT_THAT(forest([](P& p) { p.set<std::int64_t>("forest.nodes", 1, -1); }), HasSubstr("one is said to have -1"));
  EXPECT_THAT(forest([](P& p) { p.set<std::int32_t>("forest.left", 0, 0); }), HasSubstr("its forest is damaged: tree 0: node 0"));
  EXPECT_THAT(forest([](P& p) { p.set<double>("forest.values", 0, 1.5); }), HasSubstr("holds the probability 1.5"));
  EXPECT_THAT(forest([](P& p) { p.set<double>("forest.importances", 0, -1.0); }), HasSubstr("'forest.importances' holds -1"));
  EXPECT_THAT(forest([](P& p) { p.set<double>("scaling.deviation", 0, 0.0); }), HasSubstr("'scaling.deviation' holds 0"));
  EXPECT_THAT(forest([](P& p) { p.set<double>("pca.components", 0, NAN); }), HasSubstr("'pca.components' holds nan"));
  const auto logistic = [](const auto& change) { return damaged(Method::logistic, change); };
  EXPECT_THAT(logistic([](P& p) { p.set<double>("logistic.0.intercepts", 0, INFINITY); }), HasSubstr("holds inf"));
  EXPECT_THAT(logistic([](P& p) { p.arrays.erase("logistic.0.coefficients"); }), HasSubstr("has no array 'logistic.0.coefficients'"));
  EXPECT_THAT(logistic([](P& p) { p.metadata["document"] = R"({"features": ["a", "b"], "outputs": [{"name": "y", "classes": []}]})"; }),
              HasSubstr("output 'y' is a number, which no logistic regression predicts"));
}

TEST(ModelFile, ColumnsMustHaveTheNamesOfTheModel) {
  const Model model = fitted(Method::forest, 0);
  EXPECT_THAT(error_text<ArgumentError>([&] { model.predict({1, {"b", "a"}, {{1}, {2}}}); }), HasSubstr("columns of other names"));
}

}  // namespace
}  // namespace basewise::learn
