#include "basewise/draft/detail/recipe_text.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/printable.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"

namespace basewise::draft::detail {
namespace {

constexpr std::size_t kBehind = 120;  // columns of a line with its comment
constexpr std::size_t kAbove = 100;   // of a comment on lines of its own

/// Words in lines, each with `mark` in front.
std::string filled(const std::string& words, const std::string& mark) {
  std::istringstream in(words);
  std::string text, line = mark;
  for (std::string word; in >> word;) {
    if (line.size() + 1 + word.size() > kAbove && line.size() > mark.size()) {
      text += line + "\n";
      line = mark;
    }
    line += " " + word;
  }
  return text + line + "\n";
}

}  // namespace

// JSON's strings are TOML's; what is no UTF-8 cannot be written in either.
std::string toml(std::string_view text) {
  try {
    return json_text(nlohmann::json(std::string(text)));
  } catch (const nlohmann::json::exception&) {
    throw ArgumentError("a name that is no UTF-8 text cannot stand in a recipe; rename the file or the column");
  }
}

std::string toml(const std::vector<std::string>& texts) {
  std::vector<std::string> values;
  for (const std::string& text : texts) values.push_back(toml(text));
  return format("[{}]", fmt::join(values, ", "));
}

std::string toml(const std::vector<double>& numbers) { return format("[{}]", fmt::join(numbers, ", ")); }

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 1);
  return unit >= 1 ? std::round(value / unit) * unit : std::round(value / unit) / std::round(1 / unit);
}

std::string file_names(const std::vector<fs::path>& files) {
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.filename().string());
  return some_of(names, "", 1);
}

std::string grouped(std::int64_t number) {
  std::string digits = format("{}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

RecipeText::RecipeText(const DraftRequest& request, const std::string& made_from)
    : folder_(fs::absolute(request.out.empty() ? fs::path("recipe.toml") : request.out).parent_path()) {
  const std::string name = request.out.empty() ? "recipe" : request.out.stem().string();
  remark(
      format("Written by `basewise new` from {}. Behind each choice stands the number that it was made from; change what you know "
             "better. Every option: `basewise options recipe`, docs/options.md.",
             made_from));
  text("name", name);
  count("seed", 1);
}

void RecipeText::table(const std::string& name, bool list) {
  indent_.assign(2 * static_cast<std::size_t>(std::count(name.begin(), name.end(), '.')), ' ');
  text_ += format("\n{}{}{}{}\n", indent_, list ? "[[" : "[", name, list ? "]]" : "]");
}

// Names from files come into comments; what breaks lines, or TOML, is written as in messages.
void RecipeText::key(const std::string& name, const std::string& value, const std::string& reason) {
  const std::string why = printable(reason);
  const std::string line = format("{}{} = {}", indent_, name, value);
  constexpr std::size_t kColumn = 34;  // where short comments begin
  const std::string gap(line.size() + 2 < kColumn ? kColumn - line.size() : 2, ' ');
  if (why.empty())
    text_ += line + "\n";
  else if (line.size() + gap.size() + 2 + why.size() <= kBehind)
    text_ += line + gap + "# " + why + "\n";
  else
    text_ += filled(why, indent_ + "#") + line + "\n";
}

void RecipeText::number(const std::string& name, double value, const std::string& why) { key(name, format("{}", value), why); }
void RecipeText::count(const std::string& name, std::int64_t value, const std::string& why) { key(name, format("{}", value), why); }

std::string RecipeText::named(const fs::path& file) const {
  if (corpus::is_data_reference(file.string())) return file.string();
  const fs::path whole = fs::absolute(file).lexically_normal();
  const fs::path near = whole.lexically_relative(folder_.lexically_normal());
  const bool far = near.empty() || near.string().starts_with("../../");
  return (far ? whole : near).string();
}

void RecipeText::file(const std::string& name, const fs::path& value, const std::string& why) { key(name, toml(named(value)), why); }

void RecipeText::file(const std::string& name, const std::vector<fs::path>& values, const std::string& why) {
  if (values.size() > 1) return files(name, values, why);
  if (!values.empty()) file(name, values.front(), why);
}

void RecipeText::files(const std::string& name, const std::vector<fs::path>& values, const std::string& why) {
  std::vector<std::string> names;
  for (const fs::path& value : values) names.push_back(named(value));
  key(name, toml(names), why);
}

void RecipeText::remark(const std::string& words) { text_ += filled(printable(words), indent_ + "#"); }

void write_training(RecipeText& recipe, const Training& t) {
  constexpr std::int64_t kFewest = 5;
  const std::int64_t examples = std::max<std::int64_t>(1, t.examples), batch = examples < 1000 ? 16 : 64;
  const std::int64_t epochs = std::clamp(t.views / examples, kFewest, t.most_epochs);
  const bool parts = examples * kFewest > 2 * t.views;  // a pass is too long for an epoch
  const std::int64_t batches = std::max<std::int64_t>(1, t.views / kFewest / batch);
  recipe.table("train");
  recipe.count(
      "epochs", epochs,
      parts ? format("of {} batches: about {} examples in all{}", grouped(batches), grouped(kFewest * batches * batch), t.cost)
            : format("{} training examples {} times: about {} in all{}", grouped(examples), epochs, grouped(examples * epochs), t.cost));
  recipe.table("train.loader");
  recipe.count("batch_size", batch, batch < 64 ? format("small, for there are only {} examples", grouped(examples)) : "");
  if (parts)
    recipe.count("batches_per_epoch", batches,
                 format("a pass over {} examples would take long; the next epoch goes on where this one ends", grouped(examples)));
  recipe.table("train.optimizer");
  recipe.text("name", "adamw");
  recipe.number("learning_rate", t.learning_rate, "highest rate; halve it if the loss jumps");
  recipe.number("weight_decay", 0.01);
  recipe.table("train.schedule");
  recipe.text("name", "one_cycle", "rises, then falls to nothing at the last epoch");
  recipe.table("train.select");
  recipe.text("metric", t.metric, "of the validation set: the weights of the best epoch are kept");
}

}  // namespace basewise::draft::detail
