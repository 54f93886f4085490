// In C, because memfd_create and the flags of mmap are behind a feature macro that Swift's module of
// the C library is built without.
#define _GNU_SOURCE
#include "CMirror.h"

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>

void *berth_mirror_map(size_t size) {
    int file = memfd_create("berth window", MFD_CLOEXEC);
    if (file < 0) return NULL;
    char *memory = MAP_FAILED;
    if (ftruncate(file, (off_t)size) == 0) {
        memory = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    for (int half = 0; half < 2 && memory != MAP_FAILED; half++) {
        // Populated at once: a window is filled from end to end anyway.
        if (mmap(memory + half * size, size, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0) == MAP_FAILED) {
            munmap(memory, 2 * size);
            memory = MAP_FAILED;
        }
    }
    close(file);
    return memory == MAP_FAILED ? NULL : memory;
}

void berth_mirror_unmap(void *memory, size_t size) { munmap(memory, 2 * size); }
#else
void *berth_mirror_map(size_t size) { return NULL; }
void berth_mirror_unmap(void *memory, size_t size) {}
#endif
