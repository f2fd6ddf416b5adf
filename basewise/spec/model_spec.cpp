#include "basewise/spec/model_spec.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <sstream>
#include <toml++/toml.h>

#include "basewise/core/options.h"
#include "basewise/core/toml_keys.h"
#include "basewise/spec/limits.h"

namespace basewise::spec {
namespace {

FilePosition position(const toml::source_region& region, const std::string& origin) {
  return {origin, static_cast<std::int64_t>(region.begin.line), 0};
}

// What a file says before repetitions are written out.
struct RawLayer {
  LayerSpec spec;
  std::int64_t repeat = 0;  // 0: not repeated
  std::vector<RawLayer> inside;
};

// Counts the layers of a model as they will be with repetitions written out, before that is done.
class LayerCount {
 public:
  /// Errors: ArgumentError that names the layer with which the limit is passed.
  void add(const std::vector<RawLayer>& raws) {
    for (const RawLayer& raw : raws) total_ = within(total_ + of(raw), raw);
  }

 private:
  // What is repeated is within the limit and at most 1000 repetitions are read, so no product is large.
  static std::int64_t of(const RawLayer& raw) {
    std::int64_t layers = 1;
    for (const RawLayer& inner : raw.inside) layers = within(layers + of(inner), inner);
    return within(layers * std::max<std::int64_t>(raw.repeat, 1), raw);
  }

  static std::int64_t within(std::int64_t layers, const RawLayer& raw) {
    if (layers <= kMostLayers) return layers;
    throw_spec_error(raw.spec.where, format("layer '{}': with it and its repetitions the model has {} layers or more; at most {} are allowed",
                                            raw.spec.name.empty() ? raw.spec.type : raw.spec.name, layers, kMostLayers));
  }

  std::int64_t total_ = 0;
};

class Reader {
 public:
  explicit Reader(std::string origin) : origin_(std::move(origin)) {}

  SpecValue value(const toml::node& node) const {
    const FilePosition where = at(node);
    if (const auto* x = node.as_boolean()) return {x->get(), where};
    if (const auto* x = node.as_integer()) return {x->get(), where};
    if (const auto* x = node.as_floating_point()) return {x->get(), where};
    if (const auto* x = node.as_string()) return {x->get(), where};
    if (const auto* list = node.as_array()) {
      std::vector<SpecValue> values;
      for (const toml::node& item : *list) values.push_back(value(item));
      return {std::move(values), where};
    }
    throw_spec_error(where, format("a value here must be a number, text, true/false or a list of them; found {}", type_text(node)));
  }

  FilePosition at(const toml::node& node) const { return position(node.source(), origin_); }
  FilePosition at(const toml::key& key) const { return position(key.source(), origin_); }

  static std::string type_text(const toml::node& node) {
    std::ostringstream text;
    text << node.type();
    return "a TOML " + text.str();
  }

  std::string text(const toml::node& node, std::string_view key) const {
    if (const auto* x = node.as_string(); x != nullptr && !x->get().empty()) return x->get();
    throw_spec_error(at(node), format("'{}' must be text in quotes; found {}", key, type_text(node)));
  }

  std::int64_t positive(const toml::node& node, std::string_view key, std::int64_t most = 1'000'000'000) const {
    const auto* x = node.as_integer();
    if (x == nullptr) throw_spec_error(at(node), format("'{}' must be a whole number; found {}", key, type_text(node)));
    if (x->get() < 1 || x->get() > most)
      throw_spec_error(at(node), format("'{}' is {}; expected 1 to {}", key, x->get(), most));
    return x->get();
  }

  std::vector<std::string> names(const toml::node& node, std::string_view key) const {
    if (node.is_string()) return {text(node, key)};
    const auto* list = node.as_array();
    if (list == nullptr || list->empty())
      throw_spec_error(at(node), format("'{}' must be a name or a list of names; found {}", key, type_text(node)));
    std::vector<std::string> all;
    for (const toml::node& item : *list) all.push_back(text(item, key));
    return all;
  }

  StrandRule strands(const toml::node& node, std::string_view owner) const {
    const std::string word = text(node, "strands");
    for (const StrandRule rule : {StrandRule::unchanged, StrandRule::mirrored, StrandRule::paired, StrandRule::complemented})
      if (to_word(rule) == word) return rule;
    throw_spec_error(at(node), format("'strands' of {} is \"{}\"; expected \"unchanged\", \"mirrored\", \"paired\" or \"complemented\"", owner, word));
  }

  std::string combine(const toml::node& node) const {
    std::string how = text(node, "combine");
    if (how != "add" && how != "concat") throw_spec_error(at(node), format("'combine' is \"{}\"; expected \"add\" or \"concat\"", how));
    return how;
  }

  std::string name(const toml::node& node) const {
    std::string name = text(node, "name");
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
    if (!plain) throw_spec_error(at(node), format("name \"{}\" must consist of letters, digits, _ and -", name));
    return name;
  }

  [[noreturn]] void unknown(const toml::key& key, std::string_view inside, const std::vector<std::string>& known) const {
    const auto near = nearest(key.str(), known);
    throw_spec_error(at(key), format("unknown key '{}' in {}; {}", key.str(), inside,
                                     near ? format("did you mean '{}'?", *near) : format("expected one of: {}", fmt::join(known, ", "))));
  }

  const toml::array& tables(const toml::node& node, std::string_view key) const {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty() || !list->is_homogeneous<toml::table>())
      throw_spec_error(at(node), format("'{0}' must be tables, written as [[{0}]]; found {1}", key, type_text(node)));
    return *list;
  }

  InputSpec input(const toml::key& key, const toml::node& node) const;
  RawLayer layer(const toml::table& table) const;
  std::vector<RawLayer> layers(const toml::node& node, std::string_view key) const;
  HeadSpec head(const toml::table& table, LayerCount& count) const;

 private:
  std::string origin_;
};

InputSpec Reader::input(const toml::key& key, const toml::node& node) const {
  const toml::table* table = node.as_table();
  if (table == nullptr) throw_spec_error(at(node), format("input '{0}' must be a table [inputs.{0}]; found {1}", key.str(), type_text(node)));
  InputSpec input{std::string(key.str()), at(key)};
  for (const auto& [option, value] : *table) {
    if (option == "channels") input.channels = positive(value, "channels");
    else if (option == "features") input.channels = positive(value, "features"), input.positions = false;
    else if (option == "length") input.length = positive(value, "length");
    else if (option == "strands") input.strands = strands(value, format("input '{}'", input.name));
    else unknown(option, format("input '{}'", input.name), {"channels", "features", "length", "strands"});
  }
  if (input.channels == 0)
    throw_spec_error(input.where, format("input '{}' needs 'channels' (for a tensor (N, channels, L)) or 'features' (for (N, features))", input.name));
  if (input.strands == StrandRule::paired && input.channels % 2 != 0)
    throw_spec_error(input.where, format("input '{}' has {} channels, so they cannot be strands in pairs: strands = \"paired\" needs an even number",
                                         input.name, input.channels));
  if (!input.positions && (input.length > 0 || table->contains("channels")))
    throw_spec_error(input.where, format("input '{}' has 'features', so it has no positions: drop 'channels' and 'length'", input.name));
  return input;
}

RawLayer Reader::layer(const toml::table& table) const {
  RawLayer raw;
  raw.spec.where = at(table);
  for (const auto& [key, node] : table) {
    if (key == "type") raw.spec.type = text(node, "type");
    else if (key == "name") raw.spec.name = name(node);
    else if (key == "from") raw.spec.from = names(node, "from"), raw.spec.from_where = at(node);
    else if (key == "combine") raw.spec.combine = combine(node);
    else if (key == "repeat") raw.repeat = positive(node, "repeat", 1000);
    else if (key == "layers") raw.inside = layers(node, "layers");
    else raw.spec.options.push_back({std::string(key.str()), value(node)});
  }
  // toml++ keeps keys sorted; errors should come in the order of the file.
  std::stable_sort(raw.spec.options.begin(), raw.spec.options.end(),
                   [](const SpecOption& a, const SpecOption& b) { return a.value.where.line < b.value.where.line; });
  if (raw.spec.type.empty()) throw_spec_error(raw.spec.where, "this layer has no 'type'; for example type = \"conv\"");
  return raw;
}

std::vector<RawLayer> Reader::layers(const toml::node& node, std::string_view key) const {
  std::vector<RawLayer> all;
  for (const toml::node& item : tables(node, key)) all.push_back(layer(*item.as_table()));
  return all;
}

// Value `i` of options that are lists as long as the repetition. Lists of another length stay: the type may want a list.
SpecValue pick(const SpecOption& option, std::int64_t i, std::int64_t repeat, const LayerSpec& layer) {
  const auto* list = std::get_if<std::vector<SpecValue>>(&option.value.value);
  if (list == nullptr) return option.value;
  if (static_cast<std::int64_t>(list->size()) != repeat)
    throw_spec_error(option.value.where, format("layer '{}': option '{}' lists {} values, but the repetition has {}; give one value for all or {}",
                                                layer.name.empty() ? layer.type : layer.name, option.key, list->size(), repeat, repeat));
  return (*list)[static_cast<std::size_t>(i)];
}

// Fixes list options of `raw` and of everything inside it that is not repeated by itself.
void pick_all(RawLayer& raw, std::int64_t i, std::int64_t repeat) {
  for (SpecOption& option : raw.spec.options) option.value = pick(option, i, repeat, raw.spec);
  for (RawLayer& inner : raw.inside)
    if (inner.repeat == 0) pick_all(inner, i, repeat);
}

// Names are unique within one list of layers; a layer without name is called by its type, numbered from the second on.
class Names {
 public:
  void give(RawLayer& raw) {
    LayerSpec& spec = raw.spec;
    if (spec.name.empty()) {
      spec.name = spec.type;
      for (int& n = numbers_.try_emplace(spec.type, 2).first->second; used_.contains(spec.name); ++n) spec.name = format("{}_{}", spec.type, n);
    } else if (const auto it = used_.find(spec.name); it != used_.end()) {
      throw_spec_error(spec.where, format("name '{}' is used twice; the first is in line {}", spec.name, it->second));
    }
    used_[spec.name] = spec.where.line;
  }
  void reserve(const std::string& name, const FilePosition& where) {
    if (const auto it = used_.find(name); it != used_.end())
      throw_spec_error(where, format("name '{}' is used twice; the first is in line {}", name, it->second));
    used_[name] = where.line;
  }

 private:
  std::map<std::string, std::int64_t> used_;
  std::map<std::string, int> numbers_;  // of the next layer of a type that has no name
};

std::vector<LayerSpec> expand(std::vector<RawLayer> raws, Names& names);

LayerSpec finished(RawLayer raw, std::string name) {
  Names inside;
  raw.spec.name = std::move(name);
  raw.spec.layers = expand(std::move(raw.inside), inside);
  return std::move(raw.spec);
}

std::vector<LayerSpec> expand(std::vector<RawLayer> raws, Names& names) {
  std::vector<LayerSpec> all;
  // Given names first: they win over names made from types.
  for (RawLayer& raw : raws)
    if (!raw.spec.name.empty()) names.give(raw);
  for (RawLayer& raw : raws) {
    if (raw.spec.name.empty()) names.give(raw);
    if (raw.repeat == 0) {
      std::string name = raw.spec.name;
      all.push_back(finished(std::move(raw), std::move(name)));
      continue;
    }
    for (std::int64_t i = 0; i < raw.repeat; ++i) {
      RawLayer one = raw;
      pick_all(one, i, raw.repeat);
      // Only the first takes what the repetition takes; each later one follows the one before it.
      if (i > 0) one.spec.from.clear(), one.spec.combine.clear();
      all.push_back(finished(std::move(one), format("{}.{}", raw.spec.name, i)));
    }
  }
  return all;
}

void set_paths(std::vector<LayerSpec>& layers, const std::string& prefix) {
  for (LayerSpec& layer : layers) {
    layer.path = prefix.empty() ? layer.name : prefix + "." + layer.name;
    set_paths(layer.layers, layer.path);
  }
}

HeadSpec Reader::head(const toml::table& table, LayerCount& count) const {
  HeadSpec head;
  head.where = at(table);
  std::vector<RawLayer> raws;
  for (const auto& [key, node] : table) {
    if (key == "name") head.name = name(node);
    else if (key == "from") head.from = names(node, "from"), head.from_where = at(node);
    else if (key == "combine") head.combine = combine(node);
    else if (key == "strands") head.strands = strands(node, "a head");
    else if (key == "layers") raws = layers(node, "heads.layers");
    else if (key == "bias_initial") {
      head.bias_where = at(node);
      const toml::array one = node.is_array() ? *node.as_array() : toml::array{node};
      for (const toml::node& item : one) {
        const auto number = item.value<double>();
        if (!number || item.is_boolean()) throw_spec_error(head.bias_where, format("'bias_initial' must be a number or a list of numbers; found {}", type_text(item)));
        head.bias_initial.push_back(*number);
      }
    } else {
      unknown(key, "a head", {"name", "from", "combine", "strands", "bias_initial", "layers"});
    }
  }
  if (head.name.empty()) throw_spec_error(head.where, "this head has no 'name'; for example name = \"logits\"");
  count.add(raws);
  Names names;
  head.layers = expand(std::move(raws), names);
  set_paths(head.layers, head.name);
  return head;
}

toml::table parse_toml(const std::string& text, const std::string& origin) {
  check_toml_keys(text, origin);
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& e) {
    throw_spec_error(position(e.source(), origin), format("this is no valid TOML: {}", e.description()));
  }
}

}  // namespace

void throw_spec_error(const FilePosition& where, const std::string& message) {
  throw ArgumentError(format("{}: {}", where.to_string(), message));
}

std::string SpecValue::kind() const {
  switch (value.index()) {
    case 0: return "true or false";
    case 1: return "a whole number";
    case 2: return "a number";
    case 3: return "text";
    default: return format("a list of {} values", std::get<std::vector<SpecValue>>(value).size());
  }
}

std::string LayerSpec::label() const { return format("{}: layer '{}' ({})", where.to_string(), path, type); }

ModelSpec parse_spec(const std::string& toml, const std::string& origin) {
  const toml::table root = parse_toml(toml, origin);
  const Reader reader(origin);
  ModelSpec model;
  const FilePosition top{origin, 1, 0};
  const auto* version = root.get("format");
  if (version == nullptr) throw_spec_error(top, "a model file starts with format = 1; 'format' is missing");
  if (version->value<std::int64_t>() != 1)
    throw_spec_error(reader.at(*version), "unknown 'format' of a model file; this program reads format = 1: a newer basewise may be needed");

  LayerCount count;
  std::vector<RawLayer> raws;
  for (const auto& [key, node] : root) {
    if (key == "format") continue;
    if (key == "inputs") {
      if (!node.is_table()) throw_spec_error(reader.at(node), "'inputs' must be tables, written as [inputs.sequence]");
      for (const auto& [name, input] : *node.as_table()) model.inputs.push_back(reader.input(name, input));
    } else if (key == "layers") {
      raws = reader.layers(node, "layers");
    } else if (key == "heads") {
      for (const toml::node& item : reader.tables(node, "heads")) model.heads.push_back(reader.head(*item.as_table(), count));
    } else {
      reader.unknown(key, "a model file", {"format", "inputs", "layers", "heads"});
    }
  }
  if (model.inputs.empty()) throw_spec_error(top, "the model has no input; for example [inputs.sequence] with channels = 4");
  if (model.heads.empty()) throw_spec_error(top, "the model has no head; end the file with [[heads]] and a name such as \"logits\"");
  // The order of the file, with "sequence" first: layers without `from` start there.
  std::stable_sort(model.inputs.begin(), model.inputs.end(), [](const InputSpec& a, const InputSpec& b) {
    return std::pair(a.name != "sequence", a.where.line) < std::pair(b.name != "sequence", b.where.line);
  });
  Names names;
  for (const InputSpec& input : model.inputs) names.reserve(input.name, input.where);
  for (const HeadSpec& head : model.heads) names.reserve(head.name, head.where);
  count.add(raws);
  model.layers = expand(std::move(raws), names);
  set_paths(model.layers, "");
  return model;
}

}  // namespace basewise::spec
