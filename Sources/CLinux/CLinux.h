// The C library's headers, and the few inline functions for what Swift can't import from them.
#ifndef CLINUX_H
#define CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/// errno is a macro that calls a function.
static inline int clinux_errno(void) { return errno; }

/// openat is variadic.
static inline int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

/// fcntl is variadic.
static inline int clinux_duplicate(int descriptor, int lowest) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, lowest);
}

/// sigaction's handler is a member of a union, behind a macro.
static inline int clinux_set_handler(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    return sigaction(signal, &action, NULL);
}

#endif
