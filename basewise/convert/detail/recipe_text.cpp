#include "basewise/convert/detail/recipe_text.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "basewise/core/printable.h"

namespace basewise::convert::detail {
namespace {

/// Letters, digits, _ and - alone, for a name within quotes.
std::string plain(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-'; }, '_');
  return name;
}

}  // namespace

RecipeWriter::RecipeWriter(const std::string& name, const std::string& origin) {
  text_ = format("# What {} says of training. What it learns from is no part of that file: fill in [data] (docs/data.md).\n",
                 message_line(origin));
  text("name", plain(name));
  text("model_file", "model.toml");
}

void RecipeWriter::line(const std::string& text, const std::string& note) {
  constexpr std::size_t kColumn = 28;
  text_ += text;
  if (!note.empty()) text_ += std::string(text.size() < kColumn ? kColumn - text.size() : 2, ' ') + "# " + note;
  text_ += '\n';
}

void RecipeWriter::table(const std::string& header, const std::string& note) {
  text_ += '\n';
  line(header, note);
}

void RecipeWriter::text(const std::string& name, const std::string& value, const std::string& note) {
  line(format("{} = \"{}\"", name, value), note);
}

void RecipeWriter::tracks(std::int64_t length, std::int64_t context, std::int64_t bin) {
  table("[data]");
  text("kind", "genome", "or their own sets as they are: \"binned\" and binned.folder, with target = \"signal\"");
  table("[data.genome]");
  text("fasta", "", "the genome");
  key("per_base", true);
  key("window", length - 2 * context, "bases that it answers for");
  key("context", context, "bases beyond them at each end");
  table("[data.genome.tracks]");
  key("files", "[]", "a bigWig for each output");
  key("bin", bin);
  text("statistic", "sum");
  split();
}

void RecipeWriter::sites(std::int64_t length) {
  table("[data]");
  text("kind", "genome");
  table("[data.genome]");
  text("fasta", "", "the genome");
  key("window", length);
  table("[data.genome.sites]");
  text("file", "", "places, a label for each output");
  split();
}

void RecipeWriter::split() {
  table("[data.split]");
  text("by", "chromosome");
  key("validation_chromosomes", "[]", "the epoch is chosen by these");
  key("test_chromosomes", "[]", "and these are left for the end");
}

}  // namespace basewise::convert::detail
