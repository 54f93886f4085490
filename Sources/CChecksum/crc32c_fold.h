#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
/// Octets below which folding is not worth it, and can't be done.
#define BERTH_FOLD_LEAST 1024

/// Whether the processor multiplies polynomials in vectors of 512 bits.
int berth_can_fold(void);

/// The checksum's register after the octets up to the last multiple of 256.
/// `crc`: the register before them, not inverted.
uint32_t berth_crc32c_fold(uint32_t crc, const uint8_t *p, size_t length);

/// The same, and puts a copy of those octets at `to`.
uint32_t berth_crc32c_fold_copy(uint32_t crc, uint8_t *to, const uint8_t *p, size_t length);
#endif
