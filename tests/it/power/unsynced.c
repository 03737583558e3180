/* Keeps book of what a process wrote below $POWER_FOLDER and did not sync, so that a test can take it back: what a
 * power cut would have done. Preloaded by tests/it/power.rs, which reads the book.
 *
 * An entry stands in the book before its write happens, and a sync after it has happened. One is
 *   kind (1 byte) · length of the path (2) · sequence (8) · offset (8) · size before (8) · old bytes (4) · new bytes (4)
 * in the machine's own byte order, then the path, the bytes that stood there, and the new ones. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int book = -1;
static const char *folder = NULL;
static uint64_t sequence = 0;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...) \
  static result (*real_##name)(__VA_ARGS__) = NULL; \
  if (real_##name == NULL) real_##name = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_BOOK");
  folder = getenv("POWER_FOLDER");
  if (path != NULL && folder != NULL) book = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_kept(const char *path) { return book >= 0 && strncmp(path, folder, strlen(folder)) == 0; }

/* The path of an open file, where it is one that is kept book of. */
static int path_of(int fd, char *path, size_t most) {
  char link[64];
  if (book < 0 || fd == book) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, most - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return is_kept(path);
}

static void enter(char kind, const char *path, uint64_t number, uint64_t offset, uint64_t size, const void *old,
                  uint32_t old_length, const void *new, uint32_t new_length) {
  REAL(ssize_t, write, int, const void *, size_t);
  uint16_t path_length = strlen(path);
  size_t length = 35 + path_length + old_length + new_length;
  char *entry = malloc(length), *at = entry;
  if (entry == NULL) abort();
#define PUT(from, bytes) (memcpy(at, from, bytes), at += (bytes))
  PUT(&kind, 1);
  PUT(&path_length, 2);
  PUT(&number, 8);
  PUT(&offset, 8);
  PUT(&size, 8);
  PUT(&old_length, 4);
  PUT(&new_length, 4);
  PUT(path, path_length);
  if (old_length > 0) PUT(old, old_length);
  if (new_length > 0) PUT(new, new_length);
  if (real_write(book, entry, length) != (ssize_t)length) abort();
  free(entry);
}

/* Keeps what stands at `offset`, up to `most` bytes, before new bytes (or, for 'T', nothing) take its place. */
static void keep(char kind, int fd, const char *path, uint64_t offset, uint64_t most, const void *new,
                 uint32_t new_length) {
  struct stat stat;
  if (fstat(fd, &stat) != 0) abort();
  uint64_t size = stat.st_size, there = size > offset ? size - offset : 0;
  if (there > most) there = most;
  char *old = malloc(there + 1);
  /* The file may be open for writing alone. */
  int reader = open(path, O_RDONLY | O_CLOEXEC);
  if (old == NULL || reader < 0 || pread(reader, old, there, offset) != (ssize_t)there) abort();
  close(reader);
  enter(kind, path, ++sequence, offset, size, old, there, new, new_length);
  free(old);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, int64_t offset, const char *path) {
  REAL(ssize_t, write, int, const void *, size_t);
  REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
  pthread_mutex_lock(&one_at_a_time);
  off64_t place = offset;
  if (offset < 0) {
    struct stat stat;
    int appends = fcntl(fd, F_GETFL) & O_APPEND;
    place = appends && fstat(fd, &stat) == 0 ? stat.st_size : lseek64(fd, 0, SEEK_CUR);
  }
  keep('W', fd, path, place, length, bytes, length);
  ssize_t written = offset < 0 ? real_write(fd, bytes, length) : real_pwrite64(fd, bytes, length, offset);
  pthread_mutex_unlock(&one_at_a_time);
  return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(ssize_t, write, int, const void *, size_t);
  char path[4096];
  if (!path_of(fd, path, sizeof path)) return real_write(fd, bytes, length);
  return write_at(fd, bytes, length, -1, path);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  char path[4096];
  if (!path_of(fd, path, sizeof path) || count < 1) return real_writev(fd, parts, count);
  /* A short write is allowed. */
  return write_at(fd, parts[0].iov_base, parts[0].iov_len, -1, path);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
  char path[4096];
  if (!path_of(fd, path, sizeof path)) return real_pwrite64(fd, bytes, length, offset);
  return write_at(fd, bytes, length, offset, path);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

int ftruncate64(int fd, off64_t length) {
  REAL(int, ftruncate64, int, off64_t);
  char path[4096];
  if (!path_of(fd, path, sizeof path)) return real_ftruncate64(fd, length);
  pthread_mutex_lock(&one_at_a_time);
  keep('T', fd, path, length, UINT32_MAX, NULL, 0);
  int result = real_ftruncate64(fd, length);
  pthread_mutex_unlock(&one_at_a_time);
  return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, int (*sync)(int)) {
  char path[4096];
  if (!path_of(fd, path, sizeof path)) return sync(fd);
  pthread_mutex_lock(&one_at_a_time);
  uint64_t until = sequence;
  pthread_mutex_unlock(&one_at_a_time);
  int result = sync(fd);
  pthread_mutex_lock(&one_at_a_time);
  if (result == 0) enter('S', path, until, 0, 0, NULL, 0, NULL, 0);
  pthread_mutex_unlock(&one_at_a_time);
  return result;
}

int fsync(int fd) {
  REAL(int, fsync, int);
  return synced(fd, real_fsync);
}

int fdatasync(int fd) {
  REAL(int, fdatasync, int);
  return synced(fd, real_fdatasync);
}

/* What becomes of the folder itself is taken for durable. */
static void gone(const char *path) {
  char whole[4096];
  if (book < 0 || realpath(path, whole) == NULL || !is_kept(whole)) return;
  pthread_mutex_lock(&one_at_a_time);
  enter('S', whole, sequence, 0, 0, NULL, 0, NULL, 0);
  pthread_mutex_unlock(&one_at_a_time);
}

int unlink(const char *path) {
  REAL(int, unlink, const char *);
  gone(path);
  return real_unlink(path);
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  gone(from);
  gone(to);
  return real_rename(from, to);
}
