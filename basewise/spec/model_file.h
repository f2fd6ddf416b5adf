// Model files on disk: a model whose parts are other files is read as a whole.
#pragma once

#include <filesystem>
#include <string>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// A model and a text that says all of it.
struct ModelFile {
  ModelSpec model;   ///< without parts: they are joined
  std::string text;  ///< as given; where there were parts, what `to_toml` writes of the joined model
};

/// Reads a model from its text; parts are files or run folders, relative to `folder`.
/// `origin` is for messages.
/// Errors: those of `parse_spec` and `join`;
/// ArgumentError for a part that is not there or holds itself.
ModelFile read_model_text(const std::string& text, const std::string& origin, const std::filesystem::path& folder);

/// The same from a file. Errors: also DataError for a file that cannot be read.
ModelFile read_model_file(const std::filesystem::path& file);

}  // namespace basewise::spec
