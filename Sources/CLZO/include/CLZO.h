#ifndef BERTH_LZO_H
#define BERTH_LZO_H

#include <stddef.h>

/* liblzo2, loaded when it is first needed: its licence (GPL) and ours keep apart, and a machine
   without it lacks lzop files alone. */

/* Whether the library is there. */
int berth_lzo_is_available(void);

/* Unpacks LZO1X data. *target_size: in the room, out the octets made.
   Returns 0, or a negative number: the library's own, or -1000 without the library. */
int berth_lzo1x_decompress(
    const unsigned char *source, size_t source_size, unsigned char *target, size_t *target_size);

#endif
