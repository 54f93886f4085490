#include "CLZO.h"

#include <dlfcn.h>
#include <pthread.h>

/* lzo1x_decompress_safe of lzo/lzo1x.h. lzo_uint is as wide as size_t wherever Linux runs. */
typedef int (*decompress)(
    const unsigned char *, size_t, unsigned char *, size_t *, void *);

static decompress function;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    void *library = dlopen("liblzo2.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    function = (decompress)dlsym(library, "lzo1x_decompress_safe");
}

int berth_lzo_is_available(void) {
    pthread_once(&once, load);
    return function != NULL;
}

int berth_lzo1x_decompress(
    const unsigned char *source, size_t source_size, unsigned char *target, size_t *target_size) {
    if (!berth_lzo_is_available()) return -1000;
    return function(source, source_size, target, target_size, NULL);
}
