#ifndef BERTH_CCHECKSUM_H
#define BERTH_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78) of `length` octets at `data`, going on
/// from `crc`, the checksum of what came before (0 at the beginning).
///
/// Uses the processor's vectors or its CRC instructions where it has them, tables elsewhere.
uint32_t berth_crc32c(uint32_t crc, const void *data, size_t length);

/// The same, and copies the octets to `to` in the same pass; the two don't overlap.
uint32_t berth_crc32c_copy(uint32_t crc, void *to, const void *data, size_t length);

/// The same without vectors of 512 bits: what most processors do, so that tests can hold it
/// against the tables on every one.
uint32_t berth_crc32c_unfolded(uint32_t crc, const void *data, size_t length);

/// The same by tables alone: the reference that tests hold the fast one against.
uint32_t berth_crc32c_portable(uint32_t crc, const void *data, size_t length);

#endif
