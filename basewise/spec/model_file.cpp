#include "basewise/spec/model_file.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "basewise/core/files.h"
#include "basewise/spec/join.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"

namespace basewise::spec {
namespace {

/// Reads files and their parts, those that are being read in mind.
class Files {
 public:
  ModelSpec joined(ModelSpec model, const fs::path& folder) {
    if (model.parts.empty()) return model;
    std::vector<Part> parts;
    for (const PartSpec& part : model.parts) parts.push_back({part.name, part.where, read(part, folder), part.heads});
    model.parts.clear();
    return join(parts, model);
  }

 private:
  ModelSpec read(const PartSpec& part, const fs::path& folder) {
    fs::path file = folder / part.model;
    if (fs::is_directory(file)) file /= "model.toml";
    if (!fs::is_regular_file(file))
      throw_spec_error(part.where, format("part '{}': there is no model file or run folder {}", part.name,
                                          (folder / part.model).string()));
    const fs::path real = fs::canonical(file);
    if (std::find(open_.begin(), open_.end(), real) != open_.end())
      throw_spec_error(part.where, format("part '{}': {} is a part of itself", part.name, file.string()));
    open_.push_back(real);
    ModelSpec model = joined(parse_spec(read_file(file), file.string()), file.parent_path());
    open_.pop_back();
    return model;
  }

  std::vector<fs::path> open_;
};

}  // namespace

ModelFile read_model_text(const std::string& text, const std::string& origin, const std::filesystem::path& folder) {
  ModelFile file{parse_spec(text, origin), text};
  if (file.model.parts.empty()) return file;
  std::vector<std::string> names;
  for (const PartSpec& part : file.model.parts) names.push_back(format("{} ({})", part.name, part.model));
  file.model = Files().joined(std::move(file.model), folder);
  file.text = to_toml(file.model, format("Joined from {}.", fmt::join(names, ", ")));
  return file;
}

ModelFile read_model_file(const std::filesystem::path& file) {
  return read_model_text(read_file(file), file.string(), file.parent_path());
}

}  // namespace basewise::spec
