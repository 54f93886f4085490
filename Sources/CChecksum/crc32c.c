// Swift has no access to the CRC32 instruction, and the tables alone would cost more than moving
// the bytes does: hence this one C file.

#include "CChecksum.h"
#include "crc32c_fold.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u

static uint32_t table[8][256];

__attribute__((constructor)) static void make_tables(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t crc = n;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
        table[0][n] = crc;
    }
    for (uint32_t n = 0; n < 256; n++)
        for (int k = 1; k < 8; k++)
            table[k][n] = (table[k - 1][n] >> 8) ^ table[0][table[k - 1][n] & 0xff];
}

uint32_t berth_crc32c_portable(uint32_t crc, const void *data, size_t length) {
    const uint8_t *p = data;
    crc = ~crc;
    while (length >= 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
                              | (uint32_t)p[3] << 24);
        crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff]
            ^ table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]]
            ^ table[0][p[7]];
        p += 8;
        length -= 8;
    }
    while (length--) crc = (crc >> 8) ^ table[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

#if defined(__x86_64__) || (defined(__aarch64__) && defined(__ARM_FEATURE_CRC32))

// The instruction takes three cycles but one can start each cycle, so three stretches are worked
// side by side. A stretch's checksum is moved behind the next by a table that tells what
// appending STRETCH zero octets does to it.
#define STRETCH 1360

static uint32_t shift_table[4][256];

static uint32_t append_zeros(uint32_t crc, size_t count) {
    while (count--) crc = (crc >> 8) ^ table[0][crc & 0xff];
    return crc;
}

__attribute__((constructor)) static void make_shift_tables(void) {
    make_tables();
    uint32_t image[32];
    for (int bit = 0; bit < 32; bit++) image[bit] = append_zeros(1u << bit, STRETCH);
    for (int k = 0; k < 4; k++)
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t value = 0;
            for (int bit = 0; bit < 8; bit++)
                if (n >> bit & 1) value ^= image[8 * k + bit];
            shift_table[k][n] = value;
        }
}

static uint32_t shift(uint32_t crc) {
    return shift_table[0][crc & 0xff] ^ shift_table[1][crc >> 8 & 0xff]
        ^ shift_table[2][crc >> 16 & 0xff] ^ shift_table[3][crc >> 24];
}

static inline uint64_t load64(const uint8_t *p) {
    uint64_t value;
    memcpy(&value, p, 8);
    return value;
}

#if defined(__x86_64__)
#include <nmmintrin.h>
#define TARGET __attribute__((target("sse4.2")))
#define STEP64(crc, value) ((uint32_t)_mm_crc32_u64((crc), (value)))
#define STEP8(crc, value) _mm_crc32_u8((crc), (value))
#else
#include <arm_acle.h>
#define TARGET
#define STEP64(crc, value) __crc32cd((crc), (value))
#define STEP8(crc, value) __crc32cb((crc), (value))
#endif

TARGET static uint32_t crc32c_instruction(uint32_t crc, const void *data, size_t length) {
    const uint8_t *p = data;
    crc = ~crc;
    while (length >= 3 * STRETCH) {
        uint32_t a = crc, b = 0, c = 0;
        for (size_t i = 0; i < STRETCH; i += 8) {
            a = STEP64(a, load64(p + i));
            b = STEP64(b, load64(p + STRETCH + i));
            c = STEP64(c, load64(p + 2 * STRETCH + i));
        }
        crc = shift(shift(a) ^ b) ^ c;
        p += 3 * STRETCH;
        length -= 3 * STRETCH;
    }
    while (length >= 8) {
        crc = STEP64(crc, load64(p));
        p += 8;
        length -= 8;
    }
    while (length--) crc = STEP8(crc, *p++);
    return ~crc;
}

#if defined(__x86_64__)
static int has_instruction;
__attribute__((constructor)) static void look_for_instruction(void) {
    __builtin_cpu_init();
    has_instruction = __builtin_cpu_supports("sse4.2") != 0;
}
#else
static const int has_instruction = 1;
#endif

uint32_t berth_crc32c_unfolded(uint32_t crc, const void *data, size_t length) {
    return has_instruction ? crc32c_instruction(crc, data, length)
                           : berth_crc32c_portable(crc, data, length);
}

uint32_t berth_crc32c(uint32_t crc, const void *data, size_t length) {
#if defined(__x86_64__)
    if (length >= BERTH_FOLD_LEAST && berth_can_fold()) {
        size_t folded = length & ~(size_t)255;
        crc = ~berth_crc32c_fold(~crc, data, folded);
        data = (const uint8_t *)data + folded;
        length -= folded;
    }
#endif
    return berth_crc32c_unfolded(crc, data, length);
}

#else

uint32_t berth_crc32c_unfolded(uint32_t crc, const void *data, size_t length) {
    return berth_crc32c_portable(crc, data, length);
}

uint32_t berth_crc32c(uint32_t crc, const void *data, size_t length) {
    return berth_crc32c_portable(crc, data, length);
}

#endif

// Octets that are still in the nearest cache when they have been copied.
#define COPIED 8192

uint32_t berth_crc32c_copy(uint32_t crc, void *to, const void *data, size_t length) {
    uint8_t *out = to;
    const uint8_t *p = data;
#if defined(__x86_64__)
    if (length >= BERTH_FOLD_LEAST && berth_can_fold()) {
        size_t folded = length & ~(size_t)255;
        crc = ~berth_crc32c_fold_copy(~crc, out, p, folded);
        out += folded;
        p += folded;
        length -= folded;
    }
#endif
    while (length > 0) {
        size_t count = length < COPIED ? length : COPIED;
        memcpy(out, p, count);
        crc = berth_crc32c_unfolded(crc, out, count);
        out += count;
        p += count;
        length -= count;
    }
    return crc;
}
