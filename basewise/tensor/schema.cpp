#include "basewise/tensor/schema.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/tensor/tensors.h"

namespace basewise {

namespace {

using Json = nlohmann::ordered_json;

// Names that say what a tensor is where its data set says no more.
constexpr std::string_view kSequence = "sequence", kControl = "control", kWeight = "weight", kReplicate = "replicate", kProfile = "profile";
constexpr std::array<std::string_view, 3> kPlaces{"position", "chromosome", "circle"};

constexpr std::array kTypes{at::kFloat, at::kDouble, at::kHalf, at::kBFloat16, at::kLong,
                            at::kInt,   at::kShort,  at::kChar, at::kByte,     at::kBool};

at::ScalarType parse_type(const std::string& word) {
  for (const at::ScalarType type : kTypes)
    if (dtype_text(type) == word) return type;
  throw DataError(format("schema: the type '{}' is none that tensors have here", word));
}

// A mask of positions has no bases to complement.
StrandRule rule_of_mask(StrandRule rule) { return rule == StrandRule::tokens ? StrandRule::mirrored : rule; }

// "x" of "x.mask"; empty where the name does not end so.
std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() && name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : std::string_view();
}

std::string field_text(std::string_view name, at::IntArrayRef shape, at::ScalarType type) {
  return format("{} {} {}", name, shape_text(shape), dtype_text(type));
}

// What a name says about a tensor that is no mask.
Field field_by_name(const std::string& name, const at::Tensor& tensor, const Bundle& example) {
  Field field{.name = name, .type = tensor.scalar_type(), .shape = tensor.sizes().vec(), .role = Role::target};
  field.bin = tensor.dim() >= 2 ? 1 : 0;
  if (name == kSequence) {
    const bool tokens = tensor.scalar_type() == at::kByte && tensor.dim() == 1;
    field.role = Role::input;
    field.rule = tokens ? StrandRule::tokens : StrandRule::complemented;
    field.bin = 1;
  } else if (std::find(kPlaces.begin(), kPlaces.end(), name) != kPlaces.end()) {
    field.role = Role::place;
  } else if (name.starts_with(kControl)) {
    field.role = Role::control;
  } else if (name == kWeight || !without_suffix(name, ".weight").empty()) {
    field.role = Role::weight;
    field.of = without_suffix(name, ".weight");
  } else if (name.starts_with(kReplicate)) {
    // "replicate" is that of "profile", "replicate_x" that of x.
    const std::string of(name == kReplicate ? kProfile : std::string_view(name).substr(std::min(name.size(), kReplicate.size() + 1)));
    if (example.contains(of)) field.role = Role::replicate, field.of = of;
  }
  return field;
}

void check_one(const Field& field, const at::Tensor& tensor) {
  bool fits = tensor.scalar_type() == field.type && tensor.dim() == std::ssize(field.shape);
  for (std::int64_t axis = 0; fits && axis < tensor.dim(); ++axis) {
    const std::int64_t wanted = field.shape[static_cast<std::size_t>(axis)];
    fits = wanted < 0 || tensor.size(axis) == wanted;
  }
  if (!fits)
    throw ShapeError(format("an example has {}, its schema says {}", field_text(field.name, tensor.sizes(), tensor.scalar_type()),
                            field_text(field.name, field.shape, field.type)));
}

Json to_json(const Field& field) {
  Json json = {{"name", field.name},
               {"type", dtype_text(field.type)},
               {"shape", field.shape},
               {"role", to_word(field.role)},
               {"strands", to_word(field.rule)}};
  if (!field.of.empty()) json["of"] = field.of;
  if (field.bin > 0) json["bin"] = field.bin;
  if (!field.channels.empty()) json["channels"] = field.channels;
  if (!field.sets.empty()) json["sets"] = field.sets;
  if (!field.partners.empty()) json["partners"] = field.partners;
  return json;
}

Field field_from_json(const Json& json) {
  return {.name = json.at("name").get<std::string>(),
          .type = parse_type(json.at("type").get<std::string>()),
          .shape = json.at("shape").get<std::vector<std::int64_t>>(),
          .rule = parse_choice<StrandRule>(json.at("strands").get<std::string>(), "strands"),
          .role = parse_choice<Role>(json.at("role").get<std::string>(), "role"),
          .of = json.value("of", std::string()),
          .bin = json.value("bin", std::int64_t{0}),
          .channels = json.value("channels", std::vector<std::string>()),
          .sets = json.value("sets", std::vector<std::int64_t>()),
          .partners = json.value("partners", std::vector<std::int64_t>())};
}

void check_partners(const Field& field) {
  const std::vector<std::int64_t>& partners = field.partners;
  if (partners.empty()) return;
  const bool suits = field.rule == StrandRule::unchanged || (field.rule == StrandRule::mirrored && field.shape.size() >= 2);
  if (!suits || field.shape.empty() || field.shape[0] != std::ssize(partners))
    throw ArgumentError(format("schema: '{}' {} of shape {} cannot have {} channels with partners", field.name, to_word(field.rule),
                               shape_text(field.shape), partners.size()));
  for (std::int64_t c = 0; c < std::ssize(partners); ++c) {
    const std::int64_t other = partners[static_cast<std::size_t>(c)];
    if (other < 0 || other >= std::ssize(partners) || partners[static_cast<std::size_t>(other)] != c)
      throw ArgumentError(format("schema: channel {} of '{}' has the partner {}, which does not have it as its own", c, field.name, other));
  }
}

}  // namespace

Schema::Schema(std::initializer_list<Field> fields) {
  for (const Field& field : fields) add(field);
}

void Schema::add(Field field) {
  if (find(field.name)) throw ArgumentError(format("schema: '{}' is there twice", field.name));
  if (!field.of.empty() && !find(field.of))
    throw ArgumentError(format("schema: {} '{}' belongs to '{}', which is not there", to_word(field.role), field.name, field.of));
  check_partners(field);
  fields_.push_back(std::move(field));
}

void Schema::add_mask(const std::string& name) {
  const Field& masked = at(name);
  add({.name = name + ".mask",
       .type = at::kBool,
       .shape = masked.shape,
       .rule = rule_of_mask(masked.rule),
       .role = Role::mask,
       .of = name,
       .bin = masked.bin,
       .sets = masked.sets,
       .partners = masked.partners});
}

void Schema::add_places(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) add({.name = std::string(name), .type = at::kLong, .role = Role::place});
}

const Field* Schema::find(std::string_view name) const {
  const auto found = std::find_if(begin(), end(), [&](const Field& field) { return field.name == name; });
  return found == end() ? nullptr : &*found;
}

const Field& Schema::at(std::string_view name) const {
  if (const Field* field = find(name)) return *field;
  throw ArgumentError(format("the data have no '{}'; there are: {}", name, fmt::join(names(), ", ")));
}

Field& Schema::mutable_at(std::string_view name) { return fields_[static_cast<std::size_t>(&at(name) - fields_.data())]; }

const Field* Schema::first(Role role) const {
  const auto found = std::find_if(begin(), end(), [&](const Field& field) { return field.role == role; });
  return found == end() ? nullptr : &*found;
}

const Field* Schema::of(std::string_view name, Role role) const {
  const auto found = std::find_if(begin(), end(), [&](const Field& field) { return field.role == role && field.of == name; });
  return found == end() ? nullptr : &*found;
}

StrandRule Schema::strand_rule(std::string_view name) const {
  const Field* field = find(name);
  return field ? field->rule : StrandRule::unchanged;
}

void Schema::set_strand_rule(std::string_view name, StrandRule rule) {
  mutable_at(name).rule = rule;
  if (const Field* mask = of(name, Role::mask)) mutable_at(mask->name).rule = rule_of_mask(rule);
}

void Schema::set_shape(std::string_view name, std::vector<std::int64_t> shape) {
  if (const Field* mask = of(name, Role::mask)) mutable_at(mask->name).shape = shape;
  mutable_at(name).shape = std::move(shape);
}

Schema Schema::of_set(std::int64_t set) const {
  Schema own;
  for (const Field& field : fields_)
    if (field.sets.empty() || std::find(field.sets.begin(), field.sets.end(), set) != field.sets.end()) own.fields_.push_back(field);
  return own;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> names;
  for (const Field& field : fields_) names.push_back(field.name);
  return names;
}

std::vector<std::string> Schema::names(Role role) const {
  std::vector<std::string> names;
  for (const Field& field : fields_)
    if (field.role == role) names.push_back(field.name);
  return names;
}

at::Tensor other_strand(const at::Tensor& batch, const Field& field) {
  return partners_swapped(other_strand(batch, field.rule, field.name), field.partners, field.name);
}

at::Tensor partners_swapped(const at::Tensor& batch, const std::vector<std::int64_t>& partners, std::string_view what) {
  if (partners.empty()) return batch;
  if (batch.dim() < 2 || batch.size(1) != std::ssize(partners))
    throw ShapeError(format("tensor '{}' of shape {} does not have the {} channels that have partners on the other strand", what,
                            shape_text(batch.sizes()), partners.size()));
  return batch.index_select(1, at::tensor(partners, at::TensorOptions(at::kLong)).to(batch.device()));
}

Schema schema_by_names(const Bundle& example) {
  std::vector<Field> fields;
  std::vector<std::string> masked;
  for (const auto& [name, tensor] : example) {
    const std::string of(without_suffix(name, ".mask"));
    if (of.empty() || !example.contains(of)) {
      fields.push_back(field_by_name(name, tensor, example));
      continue;
    }
    fields.push_back({.name = name, .type = tensor.scalar_type(), .shape = tensor.sizes().vec(), .role = Role::mask, .of = of});
    fields.back().bin = tensor.dim() >= 2 ? 1 : 0;
  }
  // What belongs to another field may stand before it in a bundle, but not in a schema.
  std::stable_partition(fields.begin(), fields.end(), [](const Field& field) { return field.of.empty(); });
  Schema schema;
  for (Field& field : fields) schema.add(std::move(field));
  if (const Field* sequence = schema.find(kSequence)) schema.set_strand_rule(kSequence, sequence->rule);
  return schema;
}

Bundle blank_example(const Schema& schema) {
  Bundle example;
  for (const Field& field : schema) {
    if (std::any_of(field.shape.begin(), field.shape.end(), [](std::int64_t size) { return size < 0; }))
      throw ShapeError(format("'{}' varies from example to example: {}", field.name, field_text(field.name, field.shape, field.type)));
    example.set(field.name, at::zeros(field.shape, field.type));
  }
  return example;
}

void check_example(const Schema& schema, const Bundle& example) {
  for (const Field& field : schema) {
    if (!example.contains(field.name)) throw ShapeError(format("an example lacks '{}', which its schema has", field.name));
    check_one(field, example.at(field.name));
  }
  for (const auto& [name, tensor] : example)
    if (!schema.find(name))
      throw ShapeError(format("an example has {}, its schema does not", field_text(name, tensor.sizes(), tensor.scalar_type())));
}

std::string to_string(const Schema& schema) {
  std::vector<std::string> parts;
  for (const Field& field : schema) parts.push_back(field_text(field.name, field.shape, field.type));
  return fmt::to_string(fmt::join(parts, ", "));
}

Json to_json(const Schema& schema) {
  Json json = Json::array();
  for (const Field& field : schema) json.push_back(to_json(field));
  return json;
}

Schema schema_from_json(const Json& json) {
  return with_context("schema", [&] {
    Schema schema;
    try {
      for (const Json& field : json) schema.add(field_from_json(field));
    } catch (const Json::exception& error) {
      throw DataError(error.what());
    }
    return schema;
  });
}

}  // namespace basewise
