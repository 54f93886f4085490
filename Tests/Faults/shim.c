// Preloaded into the program: makes system calls fail, cut short, or be the last.
//
//   FAULT=CALLS:N:ACTION[:ARGUMENT]
//
// CALLS: read, write, or any (each call below counts). N: which of them, from 1; 0 for every one, -2
// for every second. ACTION: an errno's number; `short` (one octet only); `kill` (SIGKILL, before the
// call); `cut` and `grow` (the file named by FAULT_FILE is cut to ARGUMENT octets, or gets so many
// octets more, before the call); `notmp` (open with O_TMPFILE fails).
// FAULT_RIVAL: the first hidden file is removed right after it was made, as another run does that
// comes before it is locked.
// Descriptors 0 to 2 count too, but for writes to standard error.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long counted, chosen;
static char calls[16], action[16];
static long argument;
static int is_ready;

static void prepare(void) {
    if (is_ready) return;
    is_ready = 1;
    const char *text = getenv("FAULT");
    if (text) sscanf(text, "%15[^:]:%ld:%15[^:]:%ld", calls, &chosen, action, &argument);
    // What it starts is none of the matter.
    unsetenv("LD_PRELOAD");
}

// 0: go on; 1: fail with errno set; 2: one octet only.
static int fault(const char *name) {
    prepare();
    if (strcmp(calls, name) && strcmp(calls, "any")) return 0;
    counted++;
    if (chosen > 0 ? counted != chosen : chosen < 0 && counted % -chosen) return 0;
    if (!strcmp(action, "short")) return 2;
    if (!strcmp(action, "kill")) raise(SIGKILL);
    if (!strcmp(action, "cut") && truncate(getenv("FAULT_FILE"), argument)) abort();
    if (!strcmp(action, "grow")) {
        FILE *file = fopen(getenv("FAULT_FILE"), "a");
        for (long index = 0; index < argument; index++) fputc('x', file);
        fclose(file);
    }
    if (action[0] >= '0' && action[0] <= '9') {
        errno = atoi(action);
        return 1;
    }
    return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t read(int descriptor, void *octets, size_t count) {
    int what = fault("read");
    if (what == 1) return -1;
    return REAL(read)(descriptor, octets, what == 2 && count > 1 ? 1 : count);
}

ssize_t pread(int descriptor, void *octets, size_t count, off_t at) {
    int what = fault("read");
    if (what == 1) return -1;
    return REAL(pread)(descriptor, octets, what == 2 && count > 1 ? 1 : count, at);
}

ssize_t pread64(int descriptor, void *octets, size_t count, off_t at) {
    return pread(descriptor, octets, count, at);
}

ssize_t write(int descriptor, const void *octets, size_t count) {
    int what = descriptor == 2 ? 0 : fault("write");
    if (what == 1) return -1;
    return REAL(write)(descriptor, octets, what == 2 && count > 1 ? 1 : count);
}

ssize_t pwrite(int descriptor, const void *octets, size_t count, off_t at) {
    int what = fault("write");
    if (what == 1) return -1;
    return REAL(pwrite)(descriptor, octets, what == 2 && count > 1 ? 1 : count, at);
}

ssize_t pwrite64(int descriptor, const void *octets, size_t count, off_t at) {
    return pwrite(descriptor, octets, count, at);
}

ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    int what = fault("write");
    if (what == 1) return -1;
    if (what == 2 && count > 0) {
        struct iovec first = {pieces[0].iov_base, pieces[0].iov_len > 1 ? 1 : pieces[0].iov_len};
        return REAL(writev)(descriptor, &first, 1);
    }
    return REAL(writev)(descriptor, pieces, count);
}

ssize_t copy_file_range(int from, off_t *at, int to, off_t *place, size_t count, unsigned flags) {
    int what = fault("write");
    if (what == 1) return -1;
    return REAL(copy_file_range)(from, at, to, place, what == 2 && count > 1 ? 1 : count, flags);
}

ssize_t splice(int from, off_t *at, int to, off_t *place, size_t count, unsigned flags) {
    int what = fault("write");
    if (what == 1) return -1;
    return REAL(splice)(from, at, to, place, what == 2 && count > 1 ? 1 : count, flags);
}

int ftruncate(int descriptor, off_t size) {
    return fault("write") == 1 ? -1 : REAL(ftruncate)(descriptor, size);
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    prepare();
    if (!strcmp(action, "notmp") || getenv("FAULT_NOTMP")) {
        if ((flags & O_TMPFILE) == O_TMPFILE) {
            errno = EOPNOTSUPP;
            return -1;
        }
    }
    if (fault("open") == 1) return -1;
    int opened = REAL(open)(path, flags, mode);
    if (opened >= 0 && flags & O_EXCL && strstr(path, ".berth-part") && getenv("FAULT_RIVAL")) {
        unsetenv("FAULT_RIVAL");
        unlink(path);
    }
    return opened;
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open(path, flags, mode);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
    return fault("link") == 1 ? -1 : REAL(linkat)(from, old, to, new, flags);
}

int rename(const char *old, const char *new) {
    return fault("rename") == 1 ? -1 : REAL(rename)(old, new);
}

int close(int descriptor) {
    // A failed close has closed.
    int what = descriptor > 2 ? fault("close") : 0;
    int result = REAL(close)(descriptor);
    return what == 1 ? -1 : result;
}
