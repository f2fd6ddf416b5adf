#include "basewise/study/detail/child.h"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/program.h"

extern char** environ;

namespace basewise::study::detail {

Child::Child(const std::vector<std::string>& words, const fs::path& log) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const auto program = find_program(words.front());
  const int status = program ? ::posix_spawn(&pid_, program->c_str(), &files, &attributes, argv.data(), environ) : ENOENT;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (status != 0)
    throw StateError(format("cannot start {}: {}", words.front(), std::generic_category().message(status)));
}

std::optional<ChildEnd> Child::poll() {
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  if (ended < 0) return ChildEnd{.code = 4, .signal = 0};
  if (WIFSIGNALED(status)) return ChildEnd{.code = 128 + WTERMSIG(status), .signal = WTERMSIG(status)};
  return ChildEnd{.code = WEXITSTATUS(status), .signal = 0};
}

void Child::send(int signal) const { ::kill(pid_, signal); }

std::string last_lines(const fs::path& file, int lines) {
  if (!fs::exists(file)) return {};
  std::string text = read_file(file);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::size_t at = text.size();
  for (int i = 0; i < lines && at != std::string::npos && at > 0; ++i) at = text.rfind('\n', at - 1);
  return at == std::string::npos || at == 0 ? text : text.substr(at + 1);
}

}  // namespace basewise::study::detail
