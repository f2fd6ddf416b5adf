#include "basewise/convert/detail/json_model.h"

#include <nlohmann/json.hpp>

#include "basewise/convert/detail/json_training.h"
#include "basewise/convert/detail/trunk.h"
#include "basewise/convert/detail/words.h"
#include "basewise/core/error.h"

namespace basewise::convert::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kLength = 131'072, kMostBlocks = 1000;

/// "gelu" as a word of ours. Files of the older generation say batch_norm = true where later ones
/// say norm_type.
std::string gelu_of(Keys& model, const ConvertOptions& options, std::vector<std::string>& notes) {
  const bool older = model.has("batch_norm") && !model.has("norm_type");
  switch (options.gelu) {
    case GeluForm::sigmoid:
      return "gelu_sigmoid";
    case GeluForm::tanh:
      return "gelu_tanh";
    case GeluForm::automatic:
      break;
  }
  if (model.has("activation") && model.text("activation", "") == kGelu)
    notes.push_back(format("gelu is taken for {}, as the keys of the file are those of {} (--gelu)",
                           older ? "x sigmoid(1.702 x)" : "its approximation by tanh", older ? "2020" : "later years"));
  return older ? "gelu_sigmoid" : "gelu_tanh";
}

/// Blocks up to the first without a counterpart.
std::vector<std::string> build(Trunk& trunk, const Json& blocks, const std::string& place) {
  std::vector<std::string> missing;
  std::int64_t number = 0;
  for (const Json& block : blocks) {
    const std::string where = format("{}.{}", place, number++);
    if (!block.is_object()) throw DataError(format("{} is {}; expected a block, {{\"name\": ..., ...}}", where, shown(block)));
    const auto name = block.find("name");
    if (name == block.end() || !name->is_string()) throw DataError(format("{} has no name; for example \"conv_block\"", where));
    if (!missing.empty() || !trunk.append(block, where)) missing.push_back(format("{} ({})", where, name->get<std::string>()));
  }
  return missing;
}

/// A head of the file: one block, "final" or "dense".
spec::HeadSpec head_of(const Json& given, const std::string& place, const std::string& name, Keys& model, const Trunk& trunk,
                       bool& sigmoid) {
  const Json& block = given.is_array() && given.size() == 1 ? given[0] : given;
  if (!block.is_object()) throw DataError(format("{} is {}; expected one block, {{\"name\": \"final\", ...}}", place, shown(given)));
  Keys keys(block, place, {}, &model);
  keys.choice("name", BlockWord::final, {BlockWord::final, BlockWord::dense});
  const std::int64_t units = keys.whole("units", 1);
  const bool each = !trunk.flow().flat && !keys.flag("flatten", false);
  // The function of the trunk is no default of a head.
  const std::string own = block.contains("activation") ? trunk.function_of(keys, "activation", "") : std::string();
  LayerSpec last = each ? make_layer("conv", "conv", {{"filters", units}, {"width", 1}}) : make_layer("dense", "dense", {{"units", units}});
  last.set("initialiser", {trunk.initialiser_of(keys), {}});
  last.set("bias_initialiser", {std::string("zeros"), {}});
  if (const double l2 = keys.number("l2_scale", 0, 0, 1e3); l2 > 0) last.set("l2", {l2, {}});
  if (const double l1 = keys.number("l1_scale", 0, 0, 1e3); l1 > 0) last.set("l1", {l1, {}});
  keys.refuse_others();
  spec::HeadSpec head = make_head(name, {last});
  sigmoid = own == kSigmoid;
  if (!sigmoid)
    for (LayerSpec& layer : make_function("rate", own)) head.layers.push_back(std::move(layer));
  if (each) head.strands = spec::StrandRule::mirrored;
  return head;
}

void add_heads(Converted& result, const Json& heads, const std::string& file, Keys& model, const Trunk& trunk) {
  for (const auto& [key, head] : heads.items()) {
    bool sigmoid = false;
    std::string name = key.substr(key.starts_with("head_") ? 5 : 4);
    for (char& c : name)
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') c = '_';
    if (name.empty()) name = "tracks";
    result.model.heads.push_back(head_of(head, format("{}: model.{}", file, key), name, model, trunk, sigmoid));
    if (!sigmoid) continue;
    if (heads.size() == 1) result.model.heads.back().name = "logits";
    result.notes.push_back(format("head '{}' gives logits: its sigmoid is part of the loss and of `basewise predict --activation sigmoid`",
                                  result.model.heads.back().name));
  }
}

}  // namespace

Converted json_model(const Json& root, const ConvertOptions& options) {
  const std::string file = options.file.string();
  Converted result;
  result.kind = SourceKind::parameter_json;
  Keys top(root, file);
  Json inside = top.value("model");
  if (!inside.is_object()) top.fail("model", "is missing or no table; a file of parameters has \"model\" with \"trunk\" and \"head\"");
  const Json training = top.value("train");
  // Trunk and heads are read apart; what stays counts for every block.
  const Json blocks = inside.value("trunk", Json());
  if (!blocks.is_array() || blocks.empty() || std::ssize(blocks) > kMostBlocks)
    throw DataError(format("{}: model.trunk is {}; expected a list of 1 to {} blocks", file, shown(blocks), kMostBlocks));
  Json heads = Json::object(), shared = Json::object();
  for (const auto& [key, value] : inside.items()) {
    (key.starts_with("head") ? heads : shared)[key] = value;
  }
  shared.erase("trunk");
  Keys model(shared, file + ": model");
  const std::int64_t length = model.whole("seq_length", options.length > 0 ? options.length : kLength, 1, 1'000'000'000);
  Trunk trunk(model, gelu_of(model, options, result.notes), {.length = length});
  const std::vector<std::string> missing = build(trunk, blocks, file + ": model.trunk");
  if (!missing.empty() && !options.partial)
    throw DataError(format("{} has no counterpart here{}; --partial converts what stands before it", missing.front(),
                           missing.size() > 1 ? format(", and {} blocks follow", missing.size() - 1) : ""));
  if (heads.empty()) throw DataError(format("{}: model has no head; for example \"head\": {{\"name\": \"final\", \"units\": 3}}", file));
  if (missing.empty()) {
    trunk.append_function("last_function", trunk.function_of(model, "activation", "relu"));
    add_heads(result, heads, file, model, trunk);
  } else {
    for (const std::string& one : missing) result.notes.push_back(format("not converted: {}", one));
    result.notes.push_back("the heads of the file are left out: they read what was not converted; head 'trunk' gives the last block");
    result.model.heads = {make_head("trunk", {})};
    result.model.heads.back().strands = spec::StrandRule::mirrored;
  }
  // Dense layers over positions need a fixed length.
  result.model.inputs = {make_sequence(trunk.flow().flat ? length : 0)};
  const Flow flow = trunk.flow();
  result.model.layers = trunk.take();
  if (const std::int64_t bins = model.whole("target_length", flow.length, 1, 1'000'000'000);
      !flow.flat && missing.empty() && bins != flow.length)
    result.notes.push_back(format("{} is {}, and the blocks give {} bins", model.where("target_length"), bins, flow.length));
  result.recipe = json_recipe(training, model, {length, flow.cut, flow.stride, flow.flat}, result, options);
  result.comment = format("From {}", options.file.filename().string());
  model.refuse_others();
  top.refuse_others();
  return result;
}

}  // namespace basewise::convert::detail
