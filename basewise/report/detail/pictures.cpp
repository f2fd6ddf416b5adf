#include "basewise/report/detail/pictures.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/interrupt.h"
#include "basewise/core/json.h"
#include "basewise/core/program.h"
#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/page_template.h"

namespace basewise::report::detail {
namespace {

constexpr const char* kWayOut = "pictures are made by vl-convert: python3 -m pip install vl-convert-python (no browser is needed)";
constexpr int kWidth = 640;  // of half and third figures, in pixels; the page decides by itself
constexpr int kFullWidth = 960;

// With -c, Python looks for modules in the current folder first, where somebody else's files may
// lie. (-P, which forbids that, is of Python 3.11; -I would hide what users installed for
// themselves.)
constexpr const char* kNoCodeFromHere = R"(
import sys, os
here = os.path.realpath(os.curdir)
sys.path[:] = [p for p in sys.path if os.path.isabs(p) and os.path.realpath(p) != here]
)";

constexpr const char* kProbe = "import vl_convert\n";

// Arguments: formats with commas between them, then the files. One process for all: it starts once.
constexpr const char* kConvert = R"(
import json, pathlib
import vl_convert as vlc
formats, files = sys.argv[1].split(","), sys.argv[2:]
for file in map(pathlib.Path, files):
    spec = json.loads(file.read_text(encoding="utf-8"))
    vega = file.name.endswith(".vg.json")
    base = file.with_name(file.name.removesuffix(".vg.json").removesuffix(".vl.json"))
    for kind in formats:
        convert = getattr(vlc, ("vega_to_" if vega else "vegalite_to_") + kind)
        more = {"scale": 2} if kind == "png" else {}
        if not vega:
            more["vl_version"] = "6.4"
        made = convert(spec, **more)
        temporary = base.with_name("." + base.name + ".tmp-picture")
        temporary.write_bytes(made.encode() if isinstance(made, str) else made)
        temporary.rename(base.with_name(base.name + "." + kind))
)";

/// What `script` returns; -1 where there is no Python.
/// Its messages are dropped unless `log` names a file for them.
int run_python(const std::string& script, const std::vector<std::string>& arguments, const fs::path& log) {
  std::vector<std::string> words = {"-c", kNoCodeFromHere + script};
  words.insert(words.end(), arguments.begin(), arguments.end());
  // Of older Python, PYTHONPATH alone may still name the current folder, for what runs before the
  // script does.
  return run_program("python3", words, {{"PYTHONSAFEPATH", "1"}, {"PYTHONPATH", absolute_folders("PYTHONPATH")}}, log).value_or(-1);
}

bool have_converter() { return run_python(kProbe, {}, {}) == 0; }

void make_pictures(const std::vector<fs::path>& specs, const std::vector<PictureFormat>& formats, const fs::path& folder,
                   ReportResult& result) {
  std::vector<std::string> arguments = {format("{}", fmt::join(formats, ","))};
  for (const fs::path& spec : specs) arguments.push_back(spec.string());
  const fs::path log = folder / ".pictures.log";
  const Vanishing vanishing(log);
  const int code = run_python(kConvert, arguments, log);
  std::string message = fs::exists(log) ? read_file(log) : "";
  fs::remove(log);
  while (message.ends_with('\n')) message.pop_back();
  if (code != 0)
    throw StateError(
        format("the pictures of the figures in {} could not be made: {}", folder.string(), message.substr(message.rfind('\n') + 1)));
  for (const fs::path& spec : specs)
    for (const PictureFormat f : formats)
      result.files.push_back(fs::path(spec).replace_extension().replace_extension(format(".{}", f)));
}

/// Rows of a table as objects.
Json rows_of(const Json& table) {
  const Json &fields = table.at("fields"), &columns = table.at("columns");
  Json rows = Json::array();
  const auto at = [](const Json& column, std::size_t i) -> const Json& {
    return column.is_array() ? column.at(i) : column.at("dictionary").at(column.at("codes").at(i).get<std::size_t>());
  };
  const std::size_t count = columns.at(0).is_array() ? columns.at(0).size() : columns.at(0).at("codes").size();
  for (std::size_t i = 0; i < count; ++i) {
    Json row = Json::object();
    for (std::size_t c = 0; c < fields.size(); ++c) row[fields.at(c).at("name").get<std::string>()] = at(columns.at(c), i);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string tsv_cell(const Json& value) {
  if (value.is_null()) return "";
  std::string text = value.is_string() ? value.get<std::string>() : json_text(value);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string tsv_of(const Json& table) {
  std::string text;
  for (const Json& field : table.at("fields")) text += (text.empty() ? "" : "\t") + field.at("name").get<std::string>();
  text += "\n";
  for (const Json& row : rows_of(table)) {
    std::string line;
    for (const auto& [name, value] : row.items()) line += tsv_cell(value) + "\t";
    line.back() = '\n';
    text += line;
  }
  return text;
}

/// The look of the page by day.
void add_theme(Json& spec) {
  static const Json theme = parse_json(figure_theme(), "the theme of figures").at("light");
  spec["config"] = theme.at("config");
  for (const char* list : {"signals", "params"}) {
    if (!spec.contains(list)) continue;
    for (Json& signal : spec[list])
      if (const auto value = theme.at("signals").find(signal.at("name").get<std::string>()); value != theme.at("signals").end())
        signal["value"] = *value;
  }
}

/// Who draws a figure of a document.
Engine engine_of(const Json& figure) { return parse_choice<Engine>(figure.at("engine").get<std::string>(), "engine"); }

}  // namespace

Json standalone_spec(const Json& figure) {
  Json spec = figure.at("spec");
  add_theme(spec);
  const bool full = find_choice<FigureSize>(figure.value("size", "")) == FigureSize::full;
  if (engine_of(figure) == Engine::vega) {
    spec["width"] = full ? kFullWidth : kWidth;
    for (Json& table : spec.at("data"))
      for (const Json& ours : figure.at("data"))
        if (table.at("name") == ours.at("name")) table["values"] = rows_of(ours);
    return spec;
  }
  spec["width"] = full ? kFullWidth : kWidth;
  spec["datasets"] = Json::object();
  for (const Json& table : figure.at("data")) spec["datasets"][table.at("name").get<std::string>()] = rows_of(table);
  return spec;
}

void export_figures(const Json& document, const fs::path& folder, const std::vector<PictureFormat>& formats, ReportResult& result) {
  std::vector<fs::path> specs;
  for (const Json& section : document.at("sections"))
    for (const Json& block : section.at("blocks")) {
      if (block.at("type") != kFigureBlock) continue;
      const std::string id = block.at("id");
      specs.push_back(folder / (id + (engine_of(block) == Engine::vega ? ".vg.json" : ".vl.json")));
      write_file(specs.back(), json_text(standalone_spec(block), 1) + "\n");
      result.files.push_back(specs.back());
      for (const Json& table : block.at("data")) {
        result.files.push_back(folder / format("{}.{}.tsv", id, table.at("name").get<std::string>()));
        write_file(result.files.back(), tsv_of(table));
      }
    }
  if (specs.empty()) return;
  if (have_converter()) return make_pictures(specs, formats.empty() ? std::vector{PictureFormat::svg} : formats, folder, result);
  if (!formats.empty()) throw StateError(format("no {} of the figures in {}: {}", fmt::join(formats, ", "), folder.string(), kWayOut));
  result.notes.push_back(format("{} holds specifications and tables only; {}.", folder.string(), kWayOut));
}

}  // namespace basewise::report::detail
