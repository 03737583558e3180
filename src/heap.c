// How much memory stays with a program that has done with it.
//
// GNU's allocator gives each thread a heap of its own, and keeps what a large list took for the next one. Sixteen workers
// that each once read a page then hold the memory of sixteen. Two heaps are enough for threads that mostly wait for a
// server; and what is large is a mapping of its own, which goes back to the system when it is freed. Elsewhere the system's
// allocator does as it likes.

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

enum { HEAPS = 2, LARGE = 128 * 1024 };

__attribute__((constructor)) static void keep_little(void) {
    (void)mallopt(M_ARENA_MAX, HEAPS);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE);
}
#endif
