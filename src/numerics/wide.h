// numerics/wide.h — the same source for narrow and wide instructions: the program takes the widest the machine has.
//
// Promises: the same bytes whatever is taken: the functions so marked work lane by lane, and nothing is fused or
//           reordered (-ffp-contract=off).
#pragma once

// Sanitizers and other compilers than GCC do without: the choice is made before they are ready. LOTWRIGHT_ONE_WIDTH
// takes the width that the compiler is told, to compare with.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && !defined(LOTWRIGHT_ONE_WIDTH)
#define LOTWRIGHT_WIDE __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define LOTWRIGHT_WIDE
#endif

// Into its caller, so that it is as wide as the caller is.
#define LOTWRIGHT_INLINE inline __attribute__((always_inline))
