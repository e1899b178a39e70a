#ifndef C_DESCRIPTORS_H
#define C_DESCRIPTORS_H

// Two calls of the GNU C library that it declares for programs with _GNU_SOURCE only, which Swift's module of it is not
// made with. Both make descriptors that no child inherits by accident, which a pipe(2) and a later fcntl(2) can't
// promise in a program with several threads.

// pipe(2)
int pipe2(int ends[2], int flags);

// memfd_create(2)
int memfd_create(const char *name, unsigned int flags);

#endif
