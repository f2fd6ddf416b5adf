// The keys of a model file, table by table.
#pragma once

#include "basewise/core/choice.h"

namespace basewise::spec::detail {

/// Of the file itself.
enum class FileKey { format, inputs, layers, heads, parts };
constexpr auto words_of(FileKey) {
  return words<FileKey>({{FileKey::format, "format"},
                         {FileKey::inputs, "inputs"},
                         {FileKey::layers, "layers"},
                         {FileKey::heads, "heads"},
                         {FileKey::parts, "parts"}});
}

enum class InputKey { channels, features, length, strands };
constexpr auto words_of(InputKey) {
  return words<InputKey>(
      {{InputKey::channels, "channels"}, {InputKey::features, "features"}, {InputKey::length, "length"}, {InputKey::strands, "strands"}});
}

enum class PartKey { model, heads };
constexpr auto words_of(PartKey) { return words<PartKey>({{PartKey::model, "model"}, {PartKey::heads, "heads"}}); }

/// Other keys of a layer are options of its type.
enum class LayerKey { type, name, from, combine, repeat, layers };
constexpr auto words_of(LayerKey) {
  return words<LayerKey>({{LayerKey::type, "type"},
                          {LayerKey::name, "name"},
                          {LayerKey::from, "from"},
                          {LayerKey::combine, "combine"},
                          {LayerKey::repeat, "repeat"},
                          {LayerKey::layers, "layers"}});
}

enum class HeadKey { name, from, combine, strands, bias_initial, layers };
constexpr auto words_of(HeadKey) {
  return words<HeadKey>({{HeadKey::name, "name"},
                         {HeadKey::from, "from"},
                         {HeadKey::combine, "combine"},
                         {HeadKey::strands, "strands"},
                         {HeadKey::bias_initial, "bias_initial"},
                         {HeadKey::layers, "layers"}});
}

}  // namespace basewise::spec::detail
