#pragma once
#include <stddef.h>

/// Memory of `size` octets, a multiple of the page size, that is mapped twice, one mapping behind
/// the other: what is written at an offset is read `size` octets further on as well.
/// Null where the system has no such memory.
void *berth_mirror_map(size_t size);

/// Gives both mappings back.
void berth_mirror_unmap(void *memory, size_t size);
