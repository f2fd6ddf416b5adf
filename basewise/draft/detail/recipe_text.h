// TOML that is written for people: every key with the reason for its value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/draft/draft.h"

namespace basewise::draft::detail {

/// Values as TOML.
std::string toml(std::string_view text);
std::string toml(const std::vector<std::string>& texts);
std::string toml(const std::vector<double>& numbers);

/// Of the three, the middle value in rising order. `values` must not be empty.
double median_of(std::vector<double> values);

/// Two significant digits: 0.0123 is 0.012, 1234 is 1200.
double rounded(double value);

/// "pos.fa and 2 more"
std::string file_names(const std::vector<std::filesystem::path>& files);

/// "12,345,678"
std::string grouped(std::int64_t number);

class RecipeText {
 public:
  /// A heading: what it is made of, and what to run.
  RecipeText(const DraftRequest& request, const std::string& made_from);

  /// "[data.split]", behind an empty line; "[[loss]]" with `list`.
  void table(const std::string& name, bool list = false);
  /// `value` is TOML; `why` may be empty.
  void key(const std::string& name, const std::string& value, const std::string& why = {});
  void text(const std::string& name, std::string_view value, const std::string& why = {}) { key(name, toml(value), why); }
  void number(const std::string& name, double value, const std::string& why = {});
  void count(const std::string& name, std::int64_t value, const std::string& why = {});
  void yes(const std::string& name, const std::string& why = {}) { key(name, "true", why); }
  /// As the recipe names the file.
  void file(const std::string& name, const std::filesystem::path& value, const std::string& why = {});
  /// One file as text, several as a list, none not at all.
  void file(const std::string& name, const std::vector<std::filesystem::path>& values, const std::string& why = {});
  void files(const std::string& name, const std::vector<std::filesystem::path>& values, const std::string& why = {});
  /// Lines of their own.
  void remark(const std::string& words);

  const std::string& str() const { return text_; }

 private:
  std::string named(const std::filesystem::path& file) const;

  std::filesystem::path folder_;
  std::string indent_;
  std::string text_;
};

/// How long and how a model is trained.
struct Training {
  std::int64_t examples = 0;  ///< of the training set
  std::int64_t views = 0;     ///< examples that training looks at in all, about
  std::int64_t most_epochs = 30;
  double learning_rate = 0.003;
  std::string metric = "loss";
  std::string cost = {};  ///< how long that takes, for the comment
};

/// The table [train]: epochs for about `views` examples, batches of 64 (16 for small sets).
void write_training(RecipeText& recipe, const Training& training);

}  // namespace basewise::draft::detail
