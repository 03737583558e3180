// A standard stream that is closed from the start must not look as if it could be used.
//
// Rust's runtime opens /dev/null for it, readable and writable, before any code of ours: what is written there is lost
// without a word, and nothing tells it from a stream that somebody sent to /dev/null. This runs before the runtime and
// opens /dev/null the wrong way round, so that whoever looks at the stream can see it: src/stdio.rs does.

#include <fcntl.h>

__attribute__((constructor)) static void mark_closed_streams(void) {
    for (int stream = 0; stream < 2; stream++) {
        if (fcntl(stream, F_GETFD) == -1) {
            // The lowest free descriptor, which is this one.
            (void)open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}
