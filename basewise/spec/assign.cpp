#include "basewise/spec/assign.h"

#include <algorithm>
#include <functional>

#include "basewise/spec/detail/model_keys.h"
#include "basewise/spec/detail/toml_values.h"
#include "basewise/spec/expand.h"

namespace basewise::spec {
namespace {

using detail::HeadKey;
using detail::InputKey;
using detail::LayerKey;

using Paths = std::vector<std::string>;
using UseLayer = std::function<void(const Paths&, LayerSpec&)>;

/// Every layer with the paths that lead to it: by names, by positions, and mixed.
void for_each_layer(std::vector<LayerSpec>& layers, const Paths& above, const UseLayer& use) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Paths paths, inside;
    for (const std::string& prefix : above)
      for (const std::string& own : {layers[i].name, format("layers.{}", i)}) {
        paths.push_back(prefix + own);
        inside.push_back(prefix + own + ".");
      }
    use(paths, layers[i]);
    for_each_layer(layers[i].layers, inside, use);
  }
}

void for_each_layer(ModelSpec& model, const UseLayer& use) {
  for_each_layer(model.layers, {""}, use);
  for (std::size_t i = 0; i < model.heads.size(); ++i)
    for_each_layer(model.heads[i].layers, {model.heads[i].name + ".", format("heads.{}.", i)}, use);
}

bool holds(const Paths& paths, const std::string& path) { return std::find(paths.begin(), paths.end(), path) != paths.end(); }

/// "body.conv" of "body.0.conv": which repetition does not matter.
std::string without_number(const std::string& path) {
  for (std::size_t begin = 0, end = 0; begin < path.size(); begin = end + 1) {
    end = std::min(path.find('.', begin), path.size());
    if (begin > 0 && path.find_first_not_of("0123456789", begin) >= end) return path.substr(0, begin - 1) + path.substr(end);
  }
  return path;
}

/// One assignment, taken apart.
class Assignment {
 public:
  Assignment(ModelSpec& model, std::string_view text, const std::string& origin) : model_(model), told_(origin + std::string(text)) {
    const std::size_t equals = text.find('=');
    const std::string path(text.substr(0, equals));
    const std::size_t dot = path.rfind('.');
    if (equals == std::string_view::npos || dot == std::string::npos || dot == 0 || dot + 1 == path.size())
      fail(format("expected LAYER.OPTION=VALUE, as in {}stem.filters=48", origin));
    path_ = path.substr(0, dot);
    key_ = path.substr(dot + 1);
    parse(std::string(text.substr(equals + 1)));
  }

  void apply() {
    if (!set_layer() && !set_head() && !set_input()) refuse_path();
  }

 private:
  // TOML where the text is TOML, else the bare text.
  void parse(const std::string& text) {
    const detail::TomlValues reader(told_);
    toml::table table;
    try {
      table = toml::parse("value = " + text);
    } catch (const toml::parse_error&) {
    }
    if (table.size() != 1) table = toml::table{{"value", text}};
    value_ = reader.value(*table.get("value"));
    place(value_);
  }

  void place(SpecValue& value) const {
    value.where = {told_, 0, 0};
    if (auto* list = std::get_if<std::vector<SpecValue>>(&value.value))
      for (SpecValue& item : *list) place(item);
  }

  bool set_layer() {
    LayerSpec* found = nullptr;
    for_each_layer(model_, [&](const Paths& paths, LayerSpec& layer) {
      if (holds(paths, path_)) found = &layer;
    });
    if (found == nullptr) return false;
    const std::optional<LayerKey> key = find_choice<LayerKey>(key_);
    if (!key)
      found->set(key_, value_);
    else if (*key == LayerKey::repeat)
      found->repeat = repetitions();
    else
      fail(format("'{}' says how the model is put together: write it into a model file", key_));
    return true;
  }

  bool set_head() {
    for (std::size_t i = 0; i < model_.heads.size(); ++i) {
      if (path_ != model_.heads[i].name && path_ != format("heads.{}", i)) continue;
      if (find_choice<HeadKey>(key_) != HeadKey::bias_initial)
        fail(format("of a head only bias_initial can be set; its layers are {}", layers_of(model_.heads[i])));
      model_.heads[i].bias_initial = value_;
      return true;
    }
    return false;
  }

  bool set_input() {
    for (InputSpec& input : model_.inputs) {
      if (path_ != input.name && path_ != format("inputs.{}", input.name)) continue;
      if (find_choice<InputKey>(key_) != InputKey::length) fail("of an input only length can be set");
      input.length = whole(1, 1'000'000'000);
      return true;
    }
    return false;
  }

  std::int64_t repetitions() const {
    const std::int64_t number = whole(0, 1000);
    return number == 0 ? kLeftOut : number;
  }

  std::int64_t whole(std::int64_t least, std::int64_t most) const {
    const auto* number = std::get_if<std::int64_t>(&value_.value);
    if (number == nullptr || *number < least || *number > most) fail(format("expected a whole number from {} to {}", least, most));
    return *number;
  }

  static std::string layers_of(HeadSpec& head) {
    Paths names;
    for_each_layer(head.layers, {head.name + "."}, [&](const Paths& paths, LayerSpec&) { names.push_back(paths.front()); });
    return fmt::to_string(fmt::join(names, ", "));
  }

  [[noreturn]] void refuse_path() {
    constexpr std::size_t kMost = 20;
    Paths known;
    bool numbered = false;
    const std::string plain = without_number(path_);
    for_each_layer(model_, [&](const Paths& paths, LayerSpec&) {
      known.push_back(paths.front());
      numbered = numbered || (plain != path_ && holds(paths, plain));
    });
    if (numbered)
      fail(format("there is one '{0}' for all repetitions; {0}.{1} sets it, a list gives one value for each of them", plain, key_));
    const auto near = nearest(path_, known);
    const std::size_t more = known.size() - std::min(known.size(), kMost);
    known.resize(known.size() - more);
    fail(format("the model has no layer '{}'{}; its layers are {}{}", path_, near ? format("; did you mean '{}'?", *near) : "",
                fmt::join(known, ", "), more > 0 ? format(" and {} more", more) : ""));
  }

  [[noreturn]] void fail(const std::string& message) const { throw ArgumentError(format("{}: {}", told_, message)); }

  ModelSpec& model_;
  std::string told_;
  std::string path_;
  std::string key_;
  SpecValue value_ = {};
};

}  // namespace

void assign(ModelSpec& model, std::string_view assignment, const std::string& origin) { Assignment(model, assignment, origin).apply(); }

}  // namespace basewise::spec
