// A store with the faults of a network: preloaded into a program, it answers some calls on files below $STORE otherwise.
//   STORE_LOCKS=none   no file can be locked (ENOLCK)
//   STORE_STALE=N      every Nth opening, and every Nth renaming, of such a file fails once with ESTALE
//   STORE_QUOTA=N      what a process writes beyond N bytes does not fit (EDQUOT)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long setting(const char *name) {
  const char *value = getenv(name);
  return value ? atol(value) : 0;
}

static int is_in_store(const char *path) {
  const char *store = getenv("STORE");
  return store && path && strncmp(path, store, strlen(store)) == 0;
}

static int is_open_in_store(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0)
    return 0;
  path[length] = 0;
  return is_in_store(path);
}

static int is_stale(atomic_long *calls, const char *path) {
  long every = setting("STORE_STALE");
  if (every == 0 || !is_in_store(path) || atomic_fetch_add(calls, 1) % every != every - 1)
    return 0;
  errno = ESTALE;
  return 1;
}

static int exceeds_quota(int fd, size_t bytes) {
  static atomic_long written;
  long quota = setting("STORE_QUOTA");
  if (quota == 0 || !is_open_in_store(fd) || atomic_fetch_add(&written, (long)bytes) + (long)bytes <= quota)
    return 0;
  errno = EDQUOT;
  return 1;
}

static atomic_long opened, renamed;

#define OPEN(name)                                                     \
  int name(const char *path, int flags, ...) {                         \
    static int (*real)(const char *, int, ...);                        \
    if (!real)                                                         \
      real = dlsym(RTLD_NEXT, #name);                                  \
    va_list more;                                                      \
    va_start(more, flags);                                             \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0; \
    va_end(more);                                                      \
    return is_stale(&opened, path) ? -1 : real(path, flags, mode);     \
  }
OPEN(open)
OPEN(open64)

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (!real)
    real = dlsym(RTLD_NEXT, "rename");
  // As NFS may: what was asked for is done, and the answer lost, every other time.
  if (is_stale(&renamed, to)) {
    if (renamed / setting("STORE_STALE") % 2)
      real(from, to);
    errno = ESTALE;
    return -1;
  }
  return real(from, to);
}

int flock(int fd, int operation) {
  static int (*real)(int, int);
  if (!real)
    real = dlsym(RTLD_NEXT, "flock");
  if (getenv("STORE_LOCKS") && is_open_in_store(fd)) {
    errno = ENOLCK;
    return -1;
  }
  return real(fd, operation);
}

ssize_t write(int fd, const void *data, size_t bytes) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real)
    real = dlsym(RTLD_NEXT, "write");
  return exceeds_quota(fd, bytes) ? -1 : real(fd, data, bytes);
}

#define PWRITE(name)                                                    \
  ssize_t name(int fd, const void *data, size_t bytes, off_t at) {      \
    static ssize_t (*real)(int, const void *, size_t, off_t);           \
    if (!real)                                                          \
      real = dlsym(RTLD_NEXT, #name);                                   \
    return exceeds_quota(fd, bytes) ? -1 : real(fd, data, bytes, at);   \
  }
PWRITE(pwrite)
PWRITE(pwrite64)
