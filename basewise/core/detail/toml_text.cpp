#include "basewise/core/detail/toml_text.h"

#include <algorithm>
#include <sstream>

#include "basewise/core/detail/option_value.h"
#include "basewise/core/printable.h"
#include "basewise/core/toml_keys.h"

namespace basewise::detail {
namespace {

// A piece of TOML and the line on which it stood.
struct Chunk {
  std::uint32_t line;
  std::string text;
};

bool is_section(const toml::node& node) { return node.is_table() && !node.as_table()->is_inline(); }

bool is_section_list(const toml::node& node) {
  const toml::array* list = node.as_array();
  return list && !list->empty() && std::all_of(list->begin(), list->end(), is_section);
}

bool is_bare(std::string_view key) {
  return !key.empty() &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-'); });
}

std::string key_text(std::string_view key) { return is_bare(key) ? std::string(key) : in_quotes(key); }

std::string value_text(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& value) { out << toml::toml_formatter{value}; });
  return out.str();
}

void collect(const toml::table& table, const std::string& prefix, std::vector<Chunk>& chunks) {
  for (const auto& [key, node] : table)
    if (!is_section(node) && !is_section_list(node))
      chunks.push_back({node.source().begin.line, format("{} = {}", key_text(key.str()), value_text(node))});
  for (const auto& [key, node] : table) {
    const std::string path = joined(prefix, key_text(key.str()));
    if (is_section_list(node)) {
      for (const toml::node& item : *node.as_array()) {
        chunks.push_back({item.source().begin.line, format("[[{}]]", path)});
        collect(*item.as_table(), path, chunks);
      }
    } else if (is_section(node)) {
      const toml::table& inside = *node.as_table();
      const bool only_sections = !inside.empty() && std::all_of(inside.begin(), inside.end(), [](const auto& item) {
        return is_section(item.second) || is_section_list(item.second);
      });
      if (!only_sections) chunks.push_back({inside.source().begin.line, format("[{}]", path)});
      collect(inside, path, chunks);
    }
  }
}

std::string lay_out(std::vector<Chunk> chunks, bool keep_lines) {
  std::stable_sort(chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) { return a.line < b.line; });
  std::string text;
  std::uint32_t line = 1;
  for (const Chunk& chunk : chunks) {
    if (!keep_lines && chunk.text.starts_with('[') && !text.empty()) text += '\n';
    for (; keep_lines && line < chunk.line; ++line) text += '\n';
    text += chunk.text + '\n';
    line += 1 + static_cast<std::uint32_t>(std::count(chunk.text.begin(), chunk.text.end(), '\n'));
  }
  return text;
}

bool means(const std::string& text, const toml::table& table) {
  try {
    return toml::parse(text) == table;
  } catch (const toml::parse_error&) {
    return false;
  }
}

}  // namespace

FilePosition position(const toml::node& node, const std::string& file) {
  return {file, node.source().begin.line, node.source().begin.column};
}

toml::table parse_toml(std::string_view text, const std::string& file) {
  check_toml_keys(text, file);
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& e) {
    const FilePosition where{file, e.source().begin.line, e.source().begin.column};
    throw ArgumentError(format("{}: this is no valid TOML: {}", where.to_string(), printable(e.description())));
  }
}

// Sections appear in the order of their lines, which is a valid order because the file had it.
// Dotted keys do not survive that rewriting; then the formatter of the library takes over, and only
// the line numbers are lost.
TomlText toml_text(const toml::table& table, const std::string& file) {
  std::vector<Chunk> chunks;
  collect(table, "", chunks);
  TomlText result{lay_out(std::move(chunks), true), position(table, file)};
  if (!means(result.text, table)) {
    std::ostringstream out;
    out << toml::toml_formatter{table} << '\n';
    result.text = out.str();
  }
  return result;
}

TomlText table_of_name(const std::string& name, const FilePosition& where) {
  if (name.empty()) return {};
  const auto lines = static_cast<std::size_t>(std::max<std::int64_t>(where.line, 1) - 1);
  return {std::string(lines, '\n') + format("name = {}\n", in_quotes(name)), where};
}

std::string toml_section(const TomlText& text, const std::string& prefix) {
  const toml::table table = parse_toml(text.text, text.where.file);
  std::vector<Chunk> chunks{{0, format("[{}]", prefix)}};
  collect(table, prefix, chunks);
  std::string section = lay_out(std::move(chunks), false);
  toml::table whole = table;
  for (auto name = prefix;;) {
    const auto dot = name.rfind('.');
    whole = toml::table{{dot == std::string::npos ? name : name.substr(dot + 1), std::move(whole)}};
    if (dot == std::string::npos) break;
    name.resize(dot);
  }
  if (means(section, whole)) return section;
  std::ostringstream out;
  out << toml::toml_formatter{whole} << '\n';
  return out.str();
}

}  // namespace basewise::detail
