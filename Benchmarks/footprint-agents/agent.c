// What cat-etc-hosts does, in C: the same steps in the same order, for the comparison in ../footprint.
//
//     agent --state-dir DIR FILE
//
// It has no other options, and no text but the reasons of failures.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *subject, const char *reason) {
    const char *pieces[] = {"agent: ", subject, ": ", reason, "\n"};
    struct iovec line[5];
    for (int i = 0; i < 5; i++) line[i] = (struct iovec){(char *)pieces[i], strlen(pieces[i])};
    writev(2, line, 5);
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
        do written += CALL("standard output", write(1, buffer + written, count - written));
        while (written < count);
    } while (count > 0);
}

static void end(int signal) { _exit(128 + signal); }

static void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    CALL("sigaction", sigaction(signal, &action, NULL));
}

int main(int count, char **arguments) {
    if (count != 4 || strcmp(arguments[1], "--state-dir") != 0) return 2;
    const char *directory = arguments[2], *file = arguments[3];
    sigset_t stops, blocked;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    blocked = stops;
    sigaddset(&blocked, SIGPIPE);
    CALL("signals", sigprocmask(SIG_BLOCK, &blocked, NULL));

    int state = open_above(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, directory);
    bool is_first = begin(state, directory);
    bool is_ready = faccessat(state, "ready", F_OK, 0) == 0;
    if (is_first && !is_ready) {
        handle(SIGTERM, end);
        handle(SIGINT, end);
        CALL("signals", sigprocmask(SIG_UNBLOCK, &stops, NULL));
        int source = open_above(AT_FDCWD, file, O_RDONLY, file);
        copy(source, file);
        close_or_fail(source, file);
        CALL("signals", sigprocmask(SIG_BLOCK, &stops, NULL));
        close_or_fail(1, "standard output");
        close_or_fail(2, "standard error");
        CALL(directory, renameat(state, "started", state, "ready"));
    } else if (!is_ready) {
        report(directory, "the task was started before and did not end in success; it is not run again");
    }
    handle(SIGCHLD, SIG_IGN);
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
    CALL("signals", sigwaitinfo(&stops, NULL));
    return 0;
}
