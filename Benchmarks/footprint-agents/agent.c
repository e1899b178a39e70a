// What cat-etc-hosts does, in C: the same steps in the same order, for the comparison in ../footprint.
//
//     agent --state-dir DIR FILE
//
// It has no other options, and no text but the reasons of failures.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *subject, const char *reason) {
    const char *pieces[] = {"agent: ", subject, ": ", reason, "\n"};
    struct iovec line[5];
    for (int i = 0; i < 5; i++) line[i] = (struct iovec){(char *)pieces[i], strlen(pieces[i])};
    struct pollfd error = {.fd = 2, .events = POLLOUT};
    if (poll(&error, 1, 1000) == 1) writev(2, line, 5);
}

static _Noreturn void fail(const char *subject) {
    report(subject, strerror(errno));
    exit(1);
}

// The result of a system call, which is made again for as long as a signal interrupts it.
#define CALL(subject, call) ({                                   \
    __typeof__(call) result;                                     \
    while ((result = (call)) == -1) if (errno != EINTR) fail(subject); \
    result;                                                      \
})

static void close_or_fail(int descriptor, const char *subject) {
    if (close(descriptor) == -1 && errno != EINTR) fail(subject);
}

// Never 0, 1 or 2: where the caller closed a standard stream, no other file takes its place.
static int open_above(int directory, const char *path, int flags, const char *subject) {
    int number = CALL(subject, openat(directory, path, flags | O_CLOEXEC, 0644));
    if (number > 2) return number;
    int moved = CALL(subject, fcntl(number, F_DUPFD_CLOEXEC, 3));
    close_or_fail(number, subject);
    return moved;
}

static bool has(int state, const char *name) {
    int file = openat(state, name, O_PATH | O_CLOEXEC);
    if (file == -1) return false;
    close(file);
    return true;
}

// Whether this process is the first to record the start.
static bool begin(int state, const char *subject) {
    int file = openat(state, "started", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file == -1 && errno == EEXIST) return false;
    if (file == -1) fail(subject);
    close_or_fail(file, subject);
    CALL(subject, fsync(state));
    return true;
}

static void copy(int source, const char *subject) {
    static char buffer[65536];
    ssize_t count;
    do {
        count = CALL(subject, read(source, buffer, sizeof buffer));
        ssize_t written = 0;
        do {
            ssize_t more = write(1, buffer + written, count - written);
            struct pollfd full = {.fd = 1, .events = POLLOUT};
            if (more == -1 && errno == EAGAIN) CALL("standard output", poll(&full, 1, -1));
            else if (more == -1 && errno != EINTR) fail("standard output");
            else if (more != -1) written += more;
        } while (written < count);
    } while (count > 0);
}

static void end(int signal) { _exit(128 + signal); }

static void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    CALL("sigaction", sigaction(signal, &action, NULL));
}

// As the kernel knows it: bit N - 1 is signal N. C libraries leave out some.
static uint64_t change_mask(int how, uint64_t signals) {
    uint64_t before = 0;
    CALL("signals", syscall(SYS_rt_sigprocmask, how, &signals, &before, sizeof signals));
    return before;
}

static bool is_stop(int signal) {
    return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGHUP;
}

static void wait_for_stop(void) {
    uint64_t all = UINT64_MAX;
    siginfo_t information;
    for (;;) {
        int signal = CALL("signals", syscall(SYS_rt_sigtimedwait, &all, &information, NULL, sizeof all));
        bool is_from_process = information.si_code <= 0;
        if (is_from_process && information.si_pid == getpid()) continue;
        if (is_from_process || (is_stop(signal) && signal != SIGHUP)) return;
    }
}

int main(int count, char **arguments) {
    if (count != 4 || strcmp(arguments[1], "--state-dir") != 0) return 2;
    const char *directory = arguments[2], *file = arguments[3];
    uint64_t stops = 0;
    for (int signal = 1; signal < 32; signal++) if (is_stop(signal)) stops |= UINT64_C(1) << (signal - 1);
    change_mask(SIG_BLOCK, UINT64_MAX);

    int state = open_above(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, directory);
    CALL(directory, flock(state, LOCK_EX | LOCK_NB));
    bool is_done = has(state, "ready") || has(state, "succeeded");
    if (!is_done && !begin(state, directory)) {
        report(directory, "the task was started before and did not end in success; it is not run again");
    } else {
        if (!is_done) {
            for (int signal = 1; signal < 32; signal++) if (is_stop(signal)) handle(signal, end);
            change_mask(SIG_UNBLOCK, stops);
            int source = open_above(AT_FDCWD, file, O_RDONLY, file);
            copy(source, file);
            close_or_fail(source, file);
            change_mask(SIG_BLOCK, stops);
            begin(state, directory);
            close_or_fail(1, "standard output");
            CALL(directory, renameat(state, "started", state, "succeeded"));
            close(0);
            close(2);
        }
        if (!has(state, "ready")) CALL(directory, renameat(state, "succeeded", state, "ready"));
    }
    handle(SIGCHLD, SIG_IGN);
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    wait_for_stop();
    return 0;
}
