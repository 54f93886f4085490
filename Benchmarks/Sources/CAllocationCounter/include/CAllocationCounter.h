#ifndef BERTH_CALLOCATIONCOUNTER_H
#define BERTH_CALLOCATIONCOUNTER_H

#include <stdint.h>

/// Calls of malloc and its like in this process so far.
uint64_t berth_allocations(void);

#endif
