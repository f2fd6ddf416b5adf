// Tables to learn from, and fitted models.
#include "basewise/core/files.h"
#include "basewise/learn/model_file.h"
#include "basewise/learn/table.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

const char* const kTable = "name\tchrom\tx\ty\topen\n\"a 1\"\tchr1\t0.5\t-3e2\t1\nb\tchr1\tNA\t7\t0\nc\tchr2\t1\t2\t1\nd\tchr2\t4\t\t0\n";

learn::LabelledTable read_table(const fs::path& path) {
  return learn::read_labelled({.table = path, .labels = {"open"}, .groups = "chrom", .name = "name"});
}

std::string model(const fs::path& scratch, learn::Method method, std::int64_t pca) {
  const learn::Columns columns = {6, {"x", "y"}, {{1, 2, 3, 4, 5, 6}, {0, 1, 0, 2, 0, 5}}};
  const learn::Targets targets = {{{"open", {"0", "1"}}, {"state", {"a", "b", "c"}}}, {{0, 0, 1, 0, 1, 1}, {0, 1, 2, 0, 1, 2}}};
  learn::ModelOptions options = {.method = method, .pca = pca};
  options.forest.trees = 3;
  write_model(scratch / "x.safetensors", learn::fit_model(columns, targets, {}, options, 3).model);
  return read_file(scratch / "x.safetensors");
}

}  // namespace

std::vector<Reader> learn_readers(const fs::path& scratch) {
  using learn::Method;
  return {
      {"labelled_table", {{{"x.tsv", kTable}}}, [](const fs::path& f) { read_table(f / "x.tsv"); }},
      {"learned_model",
       {{{"x.safetensors", model(scratch, Method::forest, 0)}},
        {{"x.safetensors", model(scratch, Method::forest, 2)}},
        {{"x.safetensors", model(scratch, Method::logistic, 1)}}},
       [](const fs::path& f) {
         const learn::Model model = learn::read_model(f / "x.safetensors");
         if (model.features.size() == 2) model.predict({2, model.features, {{1, 5}, {0, 2}}});
       }},
  };
}

}  // namespace basewise::fuzz
