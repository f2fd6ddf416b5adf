// Model files as values, without libtorch: model_file FILE Prints the layers as they are built, and
// what parts and repetitions it is made of.
#include <cstdio>

#include "basewise/spec/expand.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/writer.h"

namespace spec = basewise::spec;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  spec::ModelSpec model = spec::read_model_file(argv[1]).model;  // parts are joined, repetitions as given
  for (const spec::LayerSpec& layer : spec::expanded(model).layers)
    std::printf("%s: %s\n", layer.path.c_str(), layer.type.c_str());

  model.heads.front().name = "answer";
  std::printf("\n%s", spec::to_toml(model, "With another name for its first head.").c_str());
}
