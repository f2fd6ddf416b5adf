// Damaged files through every reader: an error of ours or a result, and nothing else.
//
//   basewise_fuzz [--mutants N] [--seed S] [--reader NAME] [--from I] [--keep FOLDER] [--list]
//
// Mutant i of a reader is a function of (seed, reader, i). A child process reads; when it dies (a
// crash, a finding of a sanitizer, more than 20 seconds of a processor or ten times as long by the
// clock for one mutant), its files are kept, and another child goes on behind that mutant. The
// files that mutants are made of are read first, and must be in order: damage to files that are
// refused anyway would find little.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/readers.h"

namespace basewise::fuzz {
namespace {

constexpr unsigned kSeconds = 20;
constexpr unsigned kClock = 10;  // a busy machine may take so many times longer
constexpr int kMostDeaths = 20;

struct Options {
  std::int64_t mutants = 1000;
  std::uint64_t seed = 1;
  std::int64_t from = 0;
  std::string reader = {};
  fs::path keep = "build/fuzz";
  bool list = false;
};

/// What a child leaves for its parent.
struct Shared {
  std::int64_t mutant = 0;
  std::int64_t wrong = 0;   ///< mutants that ended in an exception that is none of ours
  std::int64_t errors = 0;  ///< that ended in one of ours
};

std::uint64_t mixed(std::uint64_t seed, const std::string& name, std::int64_t i) {
  std::uint64_t sum = seed;
  for (const char c : name) sum = Draw(sum + static_cast<unsigned char>(c)).next();
  return Draw(sum + static_cast<std::uint64_t>(i)).next();
}

/// Without waiting for the disk.
void write_plainly(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void make_anew(const fs::path& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
}

void write_mutant(const Reader& reader, const Options& options, std::int64_t i, const fs::path& folder) {
  Draw draw(mixed(options.seed, reader.name, i));
  const Files& files = reader.seeds[draw.below(reader.seeds.size())];
  const std::size_t which = draw.below(3) == 0 ? draw.below(files.size()) : 0;
  const std::string& other = reader.seeds[draw.below(reader.seeds.size())].front().second;
  make_anew(folder);
  for (std::size_t f = 0; f < files.size(); ++f) {
    const auto& [name, bytes] = files[f];
    write_plainly(folder / name, f == which ? damaged(bytes, other, draw) : bytes);
  }
}

void keep(const fs::path& folder, const Options& options, const Reader& reader, std::int64_t i, const std::string& why) {
  const fs::path place = options.keep / format("{}_{}", reader.name, i);
  fs::remove_all(place);
  fs::create_directories(options.keep);
  fs::copy(folder, place, fs::copy_options::recursive);
  fmt::print(stderr, "{}: mutant {}: {} (kept in {})\n", reader.name, i, why, place.string());
}

/// Signals end this process when a mutant takes too long; 0: no longer.
void limit_time(unsigned seconds) {
  const itimerval limit{{0, 0}, {static_cast<std::time_t>(seconds), 0}};
  ::setitimer(ITIMER_PROF, &limit, nullptr);
  ::alarm(kClock * seconds);
}

void read_undamaged(const Reader& reader, const fs::path& folder, Shared& shared) {
  for (const Files& files : reader.seeds) {
    make_anew(folder);
    for (const auto& [name, bytes] : files) write_plainly(folder / name, bytes);
    try {
      reader.read(folder);
    } catch (const Error& e) {
      ++shared.wrong;
      fmt::print(stderr, "{}: {} without damage is refused: {}\n", reader.name, files.front().first, e.what());
    }
  }
}

void read_mutants(const Reader& reader, const Options& options, std::int64_t from, std::int64_t end, const fs::path& folder,
                  Shared& shared) {
  for (std::int64_t i = from; i < end; ++i) {
    shared.mutant = i;
    write_mutant(reader, options, i, folder);
    limit_time(kSeconds);
    try {
      reader.read(folder);
    } catch (const Error&) {
      ++shared.errors;
    } catch (const std::exception& e) {
      ++shared.wrong;
      keep(folder, options, reader, i, format("an exception that is none of ours: {}", e.what()));
    }
    limit_time(0);
  }
}

/// So that a reader that believes a size is told apart from a machine without memory; a sanitizer
/// needs terabytes of addresses and has limits of its own.
void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__)
  const rlimit limit{std::uint64_t{4} << 30, std::uint64_t{4} << 30};
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

std::string death_of(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF) return format("more than {} seconds", kSeconds);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return format("more than {} seconds by the clock", kClock * kSeconds);
  if (WIFSIGNALED(status)) return format("ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return format("ended with exit code {}", WEXITSTATUS(status));
}

/// Number of mutants that went wrong.
std::int64_t fuzz(const Reader& reader, const Options& options, const fs::path& folder, Shared& shared) {
  shared = {};
  const std::int64_t end = options.from + options.mutants;
  std::int64_t from = options.from;
  int deaths = 0;
  const std::time_t began = std::time(nullptr);
  while (from < end && deaths < kMostDeaths) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      limit_memory();
      if (from == options.from) read_undamaged(reader, folder, shared);
      read_mutants(reader, options, from, end, folder, shared);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    ++deaths;
    keep(folder, options, reader, shared.mutant, death_of(status));
    from = shared.mutant + 1;
  }
  fmt::print("{:<18} {:>7} mutants, {:>7} errors, {} wrong, {} deaths, {} s\n", reader.name, shared.mutant + 1 - options.from,
             shared.errors, shared.wrong, deaths, std::time(nullptr) - began);
  return shared.wrong + deaths;
}

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("--gtest_output")) continue;
    if (word == "--list") {
      o.list = true;
      continue;
    }
    if (i + 1 >= argc) throw ArgumentError(word + " needs a value");
    const std::string value = argv[++i];
    if (word == "--mutants") {
      o.mutants = std::stoll(value);
    } else if (word == "--seed") {
      o.seed = std::stoull(value);
    } else if (word == "--from") {
      o.from = std::stoll(value);
    } else if (word == "--reader") {
      o.reader = value;
    } else if (word == "--keep") {
      o.keep = value;
    } else {
      throw ArgumentError("unknown flag " + word);
    }
  }
  return o;
}

/// In memory where there is such a place: on a disk, writing a mutant takes longer than reading it.
fs::path place_for_mutants() {
  const char* memory = "/dev/shm";
  return ::access(memory, W_OK) == 0 ? fs::path(memory) : fs::temp_directory_path();
}

int run(const Options& options) {
  set_log_level(LogLevel::silent);
  std::string pattern = (place_for_mutants() / "basewise-fuzz-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw InternalError("mkdtemp failed");
  const fs::path scratch = pattern;
  std::vector<Reader> all = text_readers(scratch);
  for (auto&& part :
       {binary_readers(scratch), hdf5_readers(scratch), binned_readers(scratch), genome_readers(scratch), read_readers(scratch),
        methylation_readers(scratch), learn_readers(scratch), draft_readers(), foreign_readers(scratch), document_readers()})
    all.insert(all.end(), part.begin(), part.end());
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& shared = *new (memory) Shared();
  std::int64_t wrong = 0, readers = 0;
  for (const Reader& reader : all) {
    if (options.list) fmt::print("{}\n", reader.name);
    if (options.list || (!options.reader.empty() && options.reader != reader.name)) continue;
    ++readers;
    wrong += fuzz(reader, options, scratch / "mutant", shared);
  }
  fs::remove_all(scratch);
  if (!options.list) fmt::print("{} readers, {} mutants went wrong\n", readers, wrong);
  return wrong == 0 && (readers > 0 || options.list) ? 0 : 1;
}

}  // namespace
}  // namespace basewise::fuzz

int main(int argc, char** argv) {
  try {
    return basewise::fuzz::run(basewise::fuzz::parse(argc, argv));
  } catch (const std::exception& e) {
    fmt::print(stderr, "basewise_fuzz: {}\n", e.what());
    return 2;
  }
}
