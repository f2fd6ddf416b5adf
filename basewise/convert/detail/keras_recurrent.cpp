#include "basewise/convert/detail/keras_recurrent.h"

#include <algorithm>
#include <optional>

namespace basewise::convert::detail {
namespace {

enum class CellWord { gru, lstm };
constexpr auto words_of(CellWord) { return words<CellWord>({{CellWord::gru, "GRU"}, {CellWord::lstm, "LSTM"}}); }

enum class GateWord { sigmoid, hard_sigmoid };
constexpr auto words_of(GateWord) { return words<GateWord>({{GateWord::sigmoid, "sigmoid"}, {GateWord::hard_sigmoid, "hard_sigmoid"}}); }

enum class StateWord { tanh };
constexpr auto words_of(StateWord) { return words<StateWord>({{StateWord::tanh, "tanh"}}); }

enum class MergeWord { concat };
constexpr auto words_of(MergeWord) { return words<MergeWord>({{MergeWord::concat, "concat"}}); }

// Rows of gates here for columns of gates there.
struct Gates {
  std::vector<std::int64_t> order;  // which of the file's each of ours is
  std::int64_t units;

  std::int64_t count() const { return std::ssize(order) * units; }

  // (inputs, gates units) to (gates units, inputs).
  std::vector<float> rows(const std::vector<float>& x, std::int64_t inputs) const {
    std::vector<float> y(x.size());
    for (std::int64_t row = 0; row < count(); ++row)
      for (std::int64_t i = 0; i < inputs; ++i)
        y[static_cast<std::size_t>(row * inputs + i)] =
            x[static_cast<std::size_t>(i * count() + order[static_cast<std::size_t>(row / units)] * units + row % units)];
    return y;
  }
};

// What a layer says of itself, and the option that says the same here.
struct Cell {
  LayerSpec layer;
  Gates gates{};
  bool two_biases = false;
  bool bias = true;
  bool sequence = false;
};

Cell cell_of(KerasBuilder& builder, CellWord kind, const std::string& name, Keys& keys) {
  const bool lstm = kind == CellWord::lstm;
  Cell cell{make_layer(name, lstm ? "lstm" : "gru", {{"units", keys.whole("units", 0)}})};
  cell.gates = {lstm ? std::vector<std::int64_t>{0, 1, 2, 3} : std::vector<std::int64_t>{1, 0, 2}, keys.whole("units", 0)};
  cell.two_biases = !lstm && keys.flag("reset_after", false);
  cell.bias = keys.flag("use_bias", true);
  cell.sequence = keys.flag("return_sequences", false);
  const std::string function = function_word(keys.value("activation")), word = function_word(keys.value("recurrent_activation"));
  if (!find_choice<StateWord>(function)) throw NoCounterpart(format("its activation is \"{}\"", function));
  const std::optional<GateWord> gates = find_choice<GateWord>(word);
  if (!gates) throw NoCounterpart(format("its recurrent_activation is \"{}\"", word));
  if (cell.two_biases && gates != GateWord::sigmoid) throw NoCounterpart("its reset_after stands with gates that are no sigmoids");
  if (keys.flag("go_backwards", false)) throw NoCounterpart("it goes backwards alone; bidirectional layers have a counterpart");
  for (const char* key : {"dropout", "recurrent_dropout"})
    if (keys.number(key, 0) > 0) builder.note(format("{} of '{}' acts in training alone and is left out", key, name));
  if (!lstm && !cell.two_biases) cell.layer.set("cell", {std::string("keras1"), {}});
  const GateWord usual = lstm || cell.two_biases ? GateWord::sigmoid : GateWord::hard_sigmoid;
  if (gates != usual) cell.layer.set("gates", {word, {}});
  if (!cell.sequence) cell.layer.set("output", {std::string("final"), {}});
  return cell;
}

// The weights of one direction, for the names that end so.
void give_direction(KerasBuilder& builder, const KerasLayer& layer, const Cell& cell, const std::string& name, std::int64_t channels,
                    const std::string& end) {
  const std::int64_t units = cell.gates.units, all = cell.gates.count();
  const std::string how = cell.gates.order[0] == 0 ? "(inputs, gates) to (gates, inputs)" : "(inputs, z r n) to (r z n, inputs)";
  const auto give = [&](const char* from, const char* to, std::int64_t inputs) {
    const std::vector<float> values = builder.weight(layer, from, {inputs, all});
    builder.give_weight(layer, from, name + "." + to + end, {all, inputs}, cell.gates.rows(values, inputs), how);
  };
  give("kernel", "weight", channels);
  give("recurrent_kernel", "recurrent_weight", units);
  std::vector<float> bias(static_cast<std::size_t>(all)), recurrent = bias;
  if (cell.bias && cell.two_biases) {
    const std::vector<float> both = builder.weight(layer, "bias", {2, all});
    bias.assign(both.begin(), both.begin() + all);
    recurrent.assign(both.begin() + all, both.end());
  } else if (cell.bias) {
    bias = builder.weight(layer, "bias", {all});
  }
  const std::string told = cell.bias ? "gates in our order" : "the file has none";
  builder.give_weight(layer, "bias", name + ".bias" + end, {all}, cell.gates.rows(bias, 1), told);
  if (cell.two_biases) builder.give_weight(layer, "bias", name + ".recurrent_bias" + end, {all}, cell.gates.rows(recurrent, 1), told);
}

// `directions`: the layer, with the weights of one direction each.
void put_recurrent(KerasBuilder& builder, const KerasLayer& layer, Cell cell, const std::vector<KerasLayer>& directions) {
  KerasValue value = builder.only_source(layer, true);
  const std::int64_t channels = value.channels;
  if (directions.size() == 2) cell.layer.set("bidirectional", {true, {}});
  value.name = builder.put(cell.layer, {value.name});
  for (std::size_t d = 0; d < directions.size(); ++d)
    give_direction(builder, directions[d], cell, value.name, channels, d == 0 ? "" : "_reverse");
  value.channels = std::ssize(directions) * cell.gates.units;
  value.positions = cell.sequence;
  if (!cell.sequence) value.length = -1;
  builder.give(layer, value);
}

void alone(KerasBuilder& builder, const KerasLayer& layer) {
  Keys keys = builder.config(layer);
  put_recurrent(builder, layer, cell_of(builder, parse_choice<CellWord>(layer.type, "class_name"), builder.name_of(layer), keys), {layer});
}

void bidirectional(KerasBuilder& builder, const KerasLayer& layer) {
  Keys keys = builder.config(layer);
  const std::string merge = keys.text("merge_mode", std::string(to_word(MergeWord::concat)));
  if (!find_choice<MergeWord>(merge)) throw NoCounterpart(format("its merge_mode is \"{}\"", merge));
  const nlohmann::ordered_json inner = keys.value("layer");
  const bool known = inner.is_object() && inner.contains("class_name") && inner.contains("config") && inner["class_name"].is_string() &&
                     inner["config"].is_object();
  const std::string type = known ? inner["class_name"].get<std::string>() : "?";
  const std::optional<CellWord> kind = find_choice<CellWord>(type);
  if (!kind) throw NoCounterpart(format("it holds a layer of class {}", type));
  KerasLayer one = layer;
  one.type = type;
  one.config = inner["config"];
  Keys inside = builder.config(one);
  std::vector<KerasLayer> directions;
  for (const char* word : {"/forward_", "/backward_"}) {
    directions.push_back(one);
    std::erase_if(directions.back().weights, [&](const KerasWeight& w) { return w.path.find(word) == std::string::npos; });
  }
  put_recurrent(builder, layer, cell_of(builder, *kind, builder.name_of(layer), inside), directions);
}

}  // namespace

std::span<const KerasType> keras_recurrent() {
  static constexpr KerasType kTypes[] = {{"GRU", alone}, {"LSTM", alone}, {"Bidirectional", bidirectional}};
  return kTypes;
}

}  // namespace basewise::convert::detail
