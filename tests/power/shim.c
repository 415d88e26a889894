/*
 * What a power cut may legally do to the files of a process.
 *
 * Loaded with LD_PRELOAD. Before anything below POWER_DIR changes, what was there is appended to the undo log POWER_UNDO,
 * which lies outside; a sync that succeeds leaves a mark. The process is killed with -9, and tests/support/power.rs undoes
 * everything that no sync covers. kill -9 alone proves nothing about durability: the kernel keeps what it was given.
 *
 *   POWER_LIE=1         syncs say that they succeeded, and do nothing: such a disk loses data, and the harness must see it
 *   POWER_SYNC_MS=n     each sync takes so long, as on a slow disk: most cuts fall between a write and the end of its sync
 *   POWER_FAIL_SYNC=n   the n-th sync fails with EIO, counted from 1, and so does every later one
 *   POWER_FAIL_NAME=s   only syncs of files whose name ends with s are counted
 *   POWER_FULL_AFTER=n  the files may grow by n bytes in all, then a write that makes one longer fails with ENOSPC
 *
 * Not modelled: memory maps (SQLite's -shm, which it makes anew), and names whose folder was not synced. A file that was
 * synced has its name, as ext4, xfs and btrfs keep it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* One entry of the undo log; the path and the bytes that were there follow. tests/support/power.rs reads it. */
struct entry {
    int64_t kind;   /* one of the letters below */
    int64_t offset; /* of the bytes; for a sync: the length of the log when it began */
    int64_t size;   /* of the file, before */
    int64_t path;   /* how many bytes of path follow */
    int64_t bytes;  /* how many bytes of the file follow */
};
enum { CREATED = 'C', CHANGED = 'W', SYNCED = 'S', REMOVED = 'U' };

static struct {
    int log;
    const char *dir, *fail_name;
    long lie, sync_ms, fail_from, full_after;
    long syncs, grown;
    pthread_mutex_t lock;
} power = {.log = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *undo = getenv("POWER_UNDO");
    power.dir = getenv("POWER_DIR");
    power.fail_name = getenv("POWER_FAIL_NAME");
    power.lie = number("POWER_LIE");
    power.sync_ms = number("POWER_SYNC_MS");
    power.fail_from = number("POWER_FAIL_SYNC");
    power.full_after = number("POWER_FULL_AFTER");
    if (power.dir && undo) power.log = open(undo, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
}

/* The function that ours takes the place of. */
#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t append(const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    return real(power.log, parts, count);
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

/* Whether a path is looked after: below the folder, and not a map that the next start makes anew. */
static int is_ours(const char *path) {
    return power.log >= 0 && !strncmp(path, power.dir, strlen(power.dir)) && !ends_with(path, "-shm");
}

/* The path of an open file that is looked after. */
static int path_of(int fd, char path[PATH_MAX]) {
    struct stat found;
    char link[64];
    if (power.log < 0 || fd == power.log || fstat(fd, &found) || !S_ISREG(found.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void record(int kind, const char *path, int64_t offset, int64_t size, const void *bytes, int64_t count) {
    struct entry entry = {kind, offset, size, (int64_t)strlen(path), count};
    struct iovec parts[] = {
        {&entry, sizeof entry}, {(void *)path, (size_t)entry.path}, {(void *)bytes, (size_t)count}};
    append(parts, count ? 3 : 2);
}

/* Keeps `count` bytes of an open file from `offset` on, or as many as there are. Through the descriptor that is at hand:
 * closing another one of the same file would drop the process's locks on it. */
static void keep(int fd, const char *path, int64_t offset, int64_t count, int64_t size) {
    char *bytes = NULL;
    if (offset + count > size) count = size - offset;
    if (count > 0) {
        bytes = malloc((size_t)count);
        count = bytes ? pread(fd, bytes, (size_t)count, offset) : 0;
    }
    record(CHANGED, path, offset, size, bytes, count > 0 ? count : 0);
    free(bytes);
}

/* The count of a change that cuts the file off at its offset. */
enum { CUT = -1 };

/* Before a change of an open file. Returns with the lock held if the file is looked after; -1 if the disk is full. */
static int before_write(int fd, int64_t offset, int64_t count) {
    char path[PATH_MAX];
    struct stat found;
    if (!path_of(fd, path)) return 0;
    pthread_mutex_lock(&power.lock);
    fstat(fd, &found);
    if (offset < 0) {
        int append_only = fcntl(fd, F_GETFL) & O_APPEND;
        offset = append_only ? found.st_size : lseek(fd, 0, SEEK_CUR);
    }
    if (count == CUT) count = found.st_size > offset ? found.st_size - offset : 0;
    int64_t grows = offset + count - found.st_size;
    if (power.full_after && grows > 0 && (power.grown += grows) > power.full_after) {
        pthread_mutex_unlock(&power.lock);
        errno = ENOSPC;
        return -1;
    }
    keep(fd, path, offset, count, found.st_size);
    return 1;
}

static int64_t length_of(const struct iovec *parts, int count) {
    int64_t length = 0;
    for (int n = 0; n < count; n++) length += (int64_t)parts[n].iov_len;
    return length;
}

/* A change of a file, between saving what was there and letting the next one in. */
#define CHANGE(fd, offset, count, call) \
    int ours = before_write(fd, offset, count); \
    if (ours < 0) return -1; \
    __typeof__(call) result = call; \
    if (ours) pthread_mutex_unlock(&power.lock); \
    return result

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    CHANGE(fd, -1, (int64_t)count, real(fd, bytes, count));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    CHANGE(fd, -1, length_of(parts, count), real(fd, parts, count));
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    CHANGE(fd, offset, (int64_t)count, real(fd, bytes, count, offset));
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return pwrite64(fd, bytes, count, offset); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
    CHANGE(fd, offset, length_of(parts, count), real(fd, parts, count, offset));
}

/* What is cut off is kept; what is added is nothing to keep. */
int ftruncate64(int fd, off64_t size) {
    REAL(int, "ftruncate64", int, off64_t);
    CHANGE(fd, size, CUT, real(fd, size));
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* A sync covers what was written before it began, so the mark names the length of the log at that moment. */
static int sync_with(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return real(fd);
    pthread_mutex_lock(&power.lock);
    int64_t begun = lseek(power.log, 0, SEEK_END);
    int counts = !power.fail_name || ends_with(path, power.fail_name);
    int fails = counts && power.fail_from && ++power.syncs >= power.fail_from;
    pthread_mutex_unlock(&power.lock);
    if (power.sync_ms) usleep((useconds_t)power.sync_ms * 1000);
    if (power.lie) return 0;
    if (fails) return errno = EIO, -1;
    int result = real(fd);
    if (!result) record(SYNCED, path, begun, 0, NULL, 0);
    return result;
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return sync_with(fd, real);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    return sync_with(fd, real);
}

/* Before a file is opened: it may be made. SQLite empties no file by opening it. */
static void before_open(const char *path, int flags) {
    struct stat found;
    if (is_ours(path) && stat(path, &found) && (flags & O_CREAT)) record(CREATED, path, 0, 0, NULL, 0);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, #name, const char *, int, mode_t); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        before_open(path, flags); \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

/* The removed file lives on beside the log, under the number that the log had reached. */
int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    struct stat found;
    if (is_ours(path) && !stat(path, &found)) {
        char kept[PATH_MAX];
        pthread_mutex_lock(&power.lock);
        int64_t number = lseek(power.log, 0, SEEK_END);
        snprintf(kept, sizeof kept, "%s.%lld", getenv("POWER_UNDO"), (long long)number);
        record(REMOVED, path, number, link(path, kept), NULL, 0);
        pthread_mutex_unlock(&power.lock);
    }
    return real(path);
}
