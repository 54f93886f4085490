// Stands in for the C library's allocator, counts, and hands on: linked into a program, or as a
// shared library before one (LD_PRELOAD). Built with -DTELL it tells the calls at the end, on
// descriptor 9.

#define _GNU_SOURCE
#include "CAllocationCounter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic uint64_t calls;

static void count(void) { atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed); }

uint64_t berth_allocations(void) { return atomic_load_explicit(&calls, memory_order_relaxed); }

#ifdef TELL
__attribute__((destructor)) static void tell(void) {
    dprintf(9, "%llu\n", (unsigned long long)berth_allocations());
}
#endif

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count();
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (!made && size) return ENOMEM;
    *result = made;
    return 0;
}
