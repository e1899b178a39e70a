#ifndef C_GLIBC_H
#define C_GLIBC_H

// What the plugin needs of the GNU C library and can't say in Swift.

// Two calls that it declares for programs with _GNU_SOURCE only, which Swift's module of it is not made with. Both make
// descriptors that no child inherits by accident, which a pipe(2) and a later fcntl(2) can't promise in a program with
// several threads.

// pipe(2)
int pipe2(int ends[2], int flags);

// memfd_create(2)
int memfd_create(const char *name, unsigned int flags);

// The program's arguments as its main gets them. Swift reads them from /proc/self/cmdline, which a container or a chroot
// need not have.
int program_argument_count(void);
const char *program_argument(int index);

// Has ps(1) show stars in place of an argument from its byte START on.
void hide_program_argument(int index, int start);

#endif
