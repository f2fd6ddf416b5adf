#include "basewise/core/program.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace basewise {
namespace {

namespace fs = std::filesystem;

bool is_current_folder(const fs::path& folder) {
  std::error_code ignored;
  return fs::equivalent(folder, ".", ignored);
}

std::vector<fs::path> trusted_folders(const char* variable) {
  const char* value = std::getenv(variable);
  std::string_view list = value ? value : "";
  std::vector<fs::path> folders;
  while (!list.empty()) {
    const auto end = std::min(list.find(':'), list.size());
    const fs::path folder = list.substr(0, end);
    if (folder.is_absolute() && !is_current_folder(folder)) folders.push_back(folder);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return folders;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> all;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(changes.begin(), changes.end(), [&](const auto& change) { return change.first == name; }))
      all.emplace_back(text);
  }
  for (const auto& [name, value] : changes)
    if (!value.empty()) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

std::string absolute_folders(const char* variable) {
  std::string list;
  for (const fs::path& folder : trusted_folders(variable)) list += (list.empty() ? "" : ":") + folder.string();
  return list;
}

std::optional<fs::path> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return fs::path(name);
  for (const fs::path& folder : trusted_folders("PATH"))
    if (const fs::path file = folder / name; fs::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0) return file;
  return std::nullopt;
}

std::optional<int> run_program(std::string_view name, const std::vector<std::string>& arguments,
                               const std::vector<std::pair<std::string, std::string>>& environment, const fs::path& log) {
  const auto program = find_program(name);
  if (!program) return std::nullopt;
  std::vector<std::string> words = {program->string()}, variables = environment_with(environment);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv = pointers(words), envp = pointers(variables);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.empty() ? "/dev/null" : log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, program->c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::nullopt;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace basewise
