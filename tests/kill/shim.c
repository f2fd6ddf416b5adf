/* Preloaded into the program: counts the system calls that change files below a folder, and at one
   of them kills the process, sends it a signal, or says that the disk is full.

   KILL_SHIM_UNDER    the folder; calls elsewhere pass uncounted
   KILL_SHIM_COUNTER  a file of 8 bytes: the count, shared by all processes of a run
   KILL_SHIM_LOG      optional: one line for each call, "kind path"
   KILL_SHIM_AT       the number of the call, from 1; 0: none
   KILL_SHIM_DO       kill (before the call; a write is cut in half), int, term, full (once) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long *counter;
static const char *under, *what;
static long at;
static int log_file = -1;

/* Library calls of ours would be counted too. */
static long raw_open(const char *path, int flags) { return syscall(SYS_openat, AT_FDCWD, path, flags, 0666); }

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("KILL_SHIM_COUNTER");
  under = getenv("KILL_SHIM_UNDER");
  what = getenv("KILL_SHIM_DO");
  if (!file || !under || !what) return;
  const int shared = (int)raw_open(file, O_RDWR | O_CLOEXEC);
  if (shared < 0) return;
  void *memory = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
  syscall(SYS_close, shared);
  const char *number = getenv("KILL_SHIM_AT");
  at = number ? atol(number) : 0;
  const char *log = getenv("KILL_SHIM_LOG");
  if (log) log_file = (int)raw_open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC);
  if (memory != MAP_FAILED) counter = memory;
}

static int is_below(const char *path) {
  const size_t length = strlen(under);
  return strncmp(path, under, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int name_of(int descriptor, char *name) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const long length = syscall(SYS_readlinkat, AT_FDCWD, link, name, PATH_MAX - 1);
  if (length <= 0) return 0;
  name[length] = '\0';
  return name[0] == '/';
}

static int full_name(int folder, const char *path, char *name) {
  if (path[0] == '/') return snprintf(name, PATH_MAX, "%s", path) < PATH_MAX;
  char start[PATH_MAX];
  if (folder == AT_FDCWD ? syscall(SYS_getcwd, start, sizeof start) <= 0 : !name_of(folder, start)) return 0;
  return snprintf(name, PATH_MAX, "%s/%s", start, path) < PATH_MAX;
}

enum { go_on, is_full, is_killed };

/* Counts one call. */
static int count(const char *kind, const char *name) {
  if (!is_below(name)) return go_on;
  const long now = __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
  if (log_file >= 0) {
    char line[PATH_MAX + 32];
    const int length = snprintf(line, sizeof line, "%s %s\n", kind, name);
    syscall(SYS_write, log_file, line, length < (int)sizeof line ? length : (int)sizeof line);
  }
  if (now != at) return go_on;
  if (strcmp(what, "kill") == 0) return is_killed;
  if (strcmp(what, "full") == 0) return is_full;
  const int number = strcmp(what, "int") == 0 ? SIGINT : SIGTERM;
  syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), number);
  return go_on;
}

__attribute__((noreturn)) static void end(void) {
  for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

/* 0: go on; -1: fail with errno. Removing never finds a full disk. */
static int decide(const char *kind, const char *name, int can_be_full) {
  switch (count(kind, name)) {
    case is_killed:
      end();
    case is_full:
      if (!can_be_full) return 0;
      errno = ENOSPC;
      return -1;
    default:
      return 0;
  }
}

static int decide_path(const char *kind, int folder, const char *path, int can_be_full) {
  char name[PATH_MAX];
  const int before = errno;
  if (!counter || !path || !full_name(folder, path, name)) return 0;
  errno = before;
  return decide(kind, name, can_be_full);
}

static int decide_descriptor(const char *kind, int descriptor, int can_be_full) {
  char name[PATH_MAX];
  const int before = errno;
  if (!counter || !name_of(descriptor, name)) return 0;
  errno = before;
  return decide(kind, name, can_be_full);
}

#define REAL(type, name, ...)                        \
  static type (*real)(__VA_ARGS__);                  \
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  return decide_path("rename", AT_FDCWD, to, 1) ? -1 : real(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
  REAL(int, "renameat", int, const char *, int, const char *);
  return decide_path("rename", b, to, 1) ? -1 : real(a, from, b, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
  REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
  return decide_path("rename", b, to, 1) ? -1 : real(a, from, b, to, flags);
}
int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  return decide_path("unlink", AT_FDCWD, path, 0) ? -1 : real(path);
}
int unlinkat(int folder, const char *path, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  return decide_path("unlink", folder, path, 0) ? -1 : real(folder, path, flags);
}
int rmdir(const char *path) {
  REAL(int, "rmdir", const char *);
  return decide_path("unlink", AT_FDCWD, path, 0) ? -1 : real(path);
}
int remove(const char *path) {
  REAL(int, "remove", const char *);
  return decide_path("unlink", AT_FDCWD, path, 0) ? -1 : real(path);
}
int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  return decide_path("mkdir", AT_FDCWD, path, 1) ? -1 : real(path, mode);
}
int mkdirat(int folder, const char *path, mode_t mode) {
  REAL(int, "mkdirat", int, const char *, mode_t);
  return decide_path("mkdir", folder, path, 1) ? -1 : real(folder, path, mode);
}
int truncate(const char *path, off_t length) {
  REAL(int, "truncate", const char *, off_t);
  return decide_path("truncate", AT_FDCWD, path, 0) ? -1 : real(path, length);
}
int ftruncate(int file, off_t length) {
  REAL(int, "ftruncate", int, off_t);
  return decide_descriptor("truncate", file, 0) ? -1 : real(file, length);
}
int truncate64(const char *path, off64_t length) {
  REAL(int, "truncate64", const char *, off64_t);
  return decide_path("truncate", AT_FDCWD, path, 0) ? -1 : real(path, length);
}
int ftruncate64(int file, off64_t length) {
  REAL(int, "ftruncate64", int, off64_t);
  return decide_descriptor("truncate", file, 0) ? -1 : real(file, length);
}
int fsync(int file) {
  REAL(int, "fsync", int);
  return decide_descriptor("fsync", file, 1) ? -1 : real(file);
}
int fdatasync(int file) {
  REAL(int, "fdatasync", int);
  return decide_descriptor("fsync", file, 1) ? -1 : real(file);
}

#define OPEN(name)                                                          \
  int name(const char *path, int flags, ...) {                              \
    REAL(int, #name, const char *, int, ...);                               \
    va_list more;                                                           \
    va_start(more, flags);                                                  \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                           \
    if (flags & O_CREAT && decide_path("create", AT_FDCWD, path, 1)) return -1; \
    return real(path, flags, mode);                                         \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                        \
  int name(int folder, const char *path, int flags, ...) {                  \
    REAL(int, #name, int, const char *, int, ...);                          \
    va_list more;                                                           \
    va_start(more, flags);                                                  \
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                           \
    if (flags & O_CREAT && decide_path("create", folder, path, 1)) return -1; \
    return real(folder, path, flags, mode);                                 \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                         \
  FILE *name(const char *path, const char *mode) {                          \
    REAL(FILE *, #name, const char *, const char *);                        \
    if (mode[0] != 'r' && decide_path("create", AT_FDCWD, path, 1)) return NULL; \
    return real(path, mode);                                                \
  }
FOPEN(fopen)
FOPEN(fopen64)

/* A write is killed when half of it is there. */
static int cut_write(int file, const void *bytes, size_t size, long place) {
  char name[PATH_MAX];
  const int before = errno;
  if (!counter || !name_of(file, name)) return 0;
  errno = before;
  switch (count("write", name)) {
    case is_killed:
      if (place < 0) syscall(SYS_write, file, bytes, size / 2);
      else syscall(SYS_pwrite64, file, bytes, size / 2, place);
      end();
    case is_full:
      errno = ENOSPC;
      return -1;
    default:
      return 0;
  }
}
ssize_t write(int file, const void *bytes, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return cut_write(file, bytes, size, -1) ? -1 : real(file, bytes, size);
}
ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  return cut_write(file, bytes, size, place) ? -1 : real(file, bytes, size, place);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t place) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return cut_write(file, bytes, size, place) ? -1 : real(file, bytes, size, place);
}
ssize_t writev(int file, const struct iovec *parts, int number) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  const size_t size = number > 0 ? parts[0].iov_len : 0;
  return cut_write(file, number > 0 ? parts[0].iov_base : "", size, -1) ? -1 : real(file, parts, number);
}
