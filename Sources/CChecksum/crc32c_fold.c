// CRC-32C by folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction"): a polynomial is congruent to a shorter one in which its first part has been
// multiplied by a constant and added further down. Four vectors of 64 octets are folded side by side;
// the instruction for CRC-32C finishes the last of them.

#include "crc32c_fold.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("sse4.2,pclmul,avx512f,avx512vl,avx512dq,vpclmulqdq")))

static int can_fold;

__attribute__((constructor)) static void look(void) {
    __builtin_cpu_init();
    can_fold = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")
        && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("vpclmulqdq");
}

int berth_can_fold(void) { return can_fold; }

// x^(d + 32) and x^(d - 32) modulo the polynomial, reflected, one bit to the left: for the first and
// the second eight octets of each sixteen, d bits before where they are added.
#define FOLD_2048_LOW 0xdcb17aa4ull
#define FOLD_2048_HIGH 0xb9e02b86ull
#define FOLD_512_LOW 0x740eef02ull
#define FOLD_512_HIGH 0x9e4addf8ull

TARGET static inline __m512i fold(__m512i value, __m512i by, __m512i next) {
    __m512i low = _mm512_clmulepi64_epi128(value, by, 0x00);
    __m512i high = _mm512_clmulepi64_epi128(value, by, 0x11);
    // All three added at once.
    return _mm512_ternarylogic_epi64(low, high, next, 0x96);
}

// The same code with and without a copy: `to` is a constant where it is compiled in.
TARGET static inline __attribute__((always_inline)) uint32_t fold_all(
    uint32_t crc, uint8_t *to, const uint8_t *p, size_t length) {
    const __m512i by2048 = _mm512_broadcast_i64x2(_mm_set_epi64x(FOLD_2048_HIGH, FOLD_2048_LOW));
    const __m512i by512 = _mm512_broadcast_i64x2(_mm_set_epi64x(FOLD_512_HIGH, FOLD_512_LOW));
    __m512i a = _mm512_loadu_si512(p);
    __m512i b = _mm512_loadu_si512(p + 64);
    __m512i c = _mm512_loadu_si512(p + 128);
    __m512i d = _mm512_loadu_si512(p + 192);
    if (to) {
        _mm512_storeu_si512(to, a);
        _mm512_storeu_si512(to + 64, b);
        _mm512_storeu_si512(to + 128, c);
        _mm512_storeu_si512(to + 192, d);
        to += 256;
    }
    a = _mm512_xor_si512(a, _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)crc)));
    for (p += 256, length -= 256; length >= 256; p += 256, length -= 256) {
        __m512i e = _mm512_loadu_si512(p);
        __m512i f = _mm512_loadu_si512(p + 64);
        __m512i g = _mm512_loadu_si512(p + 128);
        __m512i h = _mm512_loadu_si512(p + 192);
        if (to) {
            _mm512_storeu_si512(to, e);
            _mm512_storeu_si512(to + 64, f);
            _mm512_storeu_si512(to + 128, g);
            _mm512_storeu_si512(to + 192, h);
            to += 256;
        }
        a = fold(a, by2048, e);
        b = fold(b, by2048, f);
        c = fold(c, by2048, g);
        d = fold(d, by2048, h);
    }
    b = fold(a, by512, b);
    c = fold(b, by512, c);
    d = fold(c, by512, d);
    uint64_t words[8];
    memcpy(words, &d, sizeof words);
    uint64_t result = 0;
    for (int i = 0; i < 8; i++) result = _mm_crc32_u64(result, words[i]);
    return (uint32_t)result;
}

TARGET uint32_t berth_crc32c_fold(uint32_t crc, const uint8_t *p, size_t length) {
    return fold_all(crc, NULL, p, length);
}

TARGET uint32_t berth_crc32c_fold_copy(
    uint32_t crc, uint8_t *to, const uint8_t *p, size_t length) {
    return fold_all(crc, to, p, length);
}
#endif
