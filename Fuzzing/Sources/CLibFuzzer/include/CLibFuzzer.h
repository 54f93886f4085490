#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own mutations, from its run-time library.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maximum);

/// libFuzzer itself: reads its options and calls `test` for each input.
int LLVMFuzzerRunDriver(int *count, char ***arguments,
                        int (*test)(const uint8_t *data, size_t size));
