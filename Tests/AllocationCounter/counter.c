// Stands in for the C library's allocator, counts, and hands on. The linker prefers these names to
// those of a shared library.

#define _GNU_SOURCE
#include "CAllocationCounter.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// Of each thread alone: tests run side by side.
static _Thread_local uint64_t calls __attribute__((tls_model("initial-exec")));

uint64_t berth_allocations(void) { return calls; }

void *malloc(size_t size) {
    calls++;
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    calls++;
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    calls++;
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    calls++;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (!made && size) return ENOMEM;
    *result = made;
    return 0;
}
