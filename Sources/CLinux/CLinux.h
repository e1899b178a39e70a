// The C library's headers, and the few inline functions for what Swift can't import from them.
#ifndef CLINUX_H
#define CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/// errno is a macro that calls a function.
static inline int clinux_errno(void) { return errno; }

/// openat is variadic. Here, and in all that makes a system call itself, the C library's own function has more to do,
/// or brings more along, and is larger.
static inline int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

/// environ is a variable that anybody may change, which Swift takes no reference to.
static inline char *const *clinux_environment(void) { return environ; }

/// fcntl is variadic.
static inline int clinux_duplicate(int descriptor, int lowest) {
    return (int)syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, lowest);
}

/// The status of the file with this path or, where that is empty, of an open one.
static inline int clinux_status(int descriptor, const char *path, struct stat *status) {
    return (int)syscall(SYS_newfstatat, descriptor, path, status, AT_EMPTY_PATH);
}

/// Of a file that is open for more than its path.
static inline int clinux_set_mode(int descriptor, mode_t mode) { return (int)syscall(SYS_fchmod, descriptor, mode); }

/// Other programs get neither end.
static inline int clinux_pipe(int *ends) { return (int)syscall(SYS_pipe2, ends, O_CLOEXEC); }

/// MAP_FAILED is a macro with a cast: NULL where it fails.
static inline void *clinux_map(size_t size) {
    long start = syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return start == -1 ? NULL : (void *)start;
}

/// fcntl is variadic. Locks one byte, which need not be there, for reading.
static inline int clinux_lock_byte(int descriptor, off_t byte) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return (int)syscall(SYS_fcntl, descriptor, F_SETLK, &lock);
}

/// fcntl is variadic. Whether another process has locked the byte.
static inline int clinux_is_byte_locked(int descriptor, off_t byte) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return syscall(SYS_fcntl, descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/// C libraries keep signals 32 to 34 for themselves and leave them out of every set, the system call does not.
static inline int clinux_change_mask(int how, uint64_t signals, uint64_t *before) {
    return (int)syscall(SYS_rt_sigprocmask, how, &signals, before, sizeof signals);
}

/// The same. A limit below 0 is none.
static inline int clinux_wait_for_signal(uint64_t signals, siginfo_t *information, int64_t milliseconds) {
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    return (int)syscall(SYS_rt_sigtimedwait, &signals, information, milliseconds < 0 ? NULL : &limit, sizeof signals);
}

/// The same.
static inline int clinux_signal_descriptor(uint64_t signals) {
    return (int)syscall(SYS_signalfd4, -1, &signals, sizeof signals, O_CLOEXEC);
}

/// As a number of milliseconds. Not by the C library, which brings code for the vDSO along.
static inline int64_t clinux_monotonic_clock(void) {
    struct timespec now = {0, 0};
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Has the kernel send SIGALRM when so many seconds have passed.
static inline void clinux_alarm(unsigned seconds) {
    struct itimerval time = {.it_value.tv_sec = seconds};
    syscall(SYS_setitimer, ITIMER_REAL, &time, NULL);
}

/// si_pid is a macro for a member of a union.
static inline pid_t clinux_sender(const siginfo_t *information) { return information->si_pid; }

/// The kernel's struct sigaction, which is no header's.
struct clinux_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/// A handler must not return, but end the process: the kernel is not told what it would return to.
static inline int clinux_set_handler(int signal, void (*handler)(int)) {
    struct clinux_action action = {.handler = handler, .flags = 0x04000000 /* SA_RESTORER */};
    return (int)syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof action.mask);
}

/// SIG_DFL is a macro with a cast.
static inline int clinux_set_default(int signal) { return clinux_set_handler(signal, SIG_DFL); }

/// SIG_IGN is a macro with a cast.
static inline int clinux_set_ignored(int signal) { return clinux_set_handler(signal, SIG_IGN); }

/// SIG_IGN is a macro with a cast.
static inline int clinux_is_ignored(int signal) {
    struct clinux_action action;
    return syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof action.mask) == 0 && action.handler == SIG_IGN;
}

/// fork, which Swift doesn't import, since most programs have threads that would not survive it. These have none.
static inline pid_t clinux_fork(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL); }

/// prctl is variadic.
static inline int clinux_become_subreaper(void) { return (int)syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

/// WIFSIGNALED, WTERMSIG and WEXITSTATUS are macros. A shell says what they tell as one number, too.
static inline int clinux_exit_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// WIFSIGNALED is a macro.
static inline int clinux_was_killed(int status) { return WIFSIGNALED(status); }

#endif
