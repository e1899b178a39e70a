// Functions that the C library declares for _GNU_SOURCE only, without which Swift imports its headers.
#ifndef CTESTSUPPORT_H
#define CTESTSUPPORT_H

#include <spawn.h>
#include <stddef.h>

/// Finds bytes among others.
void *memmem(const void *bytes, size_t size, const void *wanted, size_t count);

/// Unlike pipe(2), lets no process inherit the ends that another thread starts meanwhile.
int pipe2(int ends[2], int flags);

/// A file that no folder holds, so that nothing has to be deleted.
int memfd_create(const char *name, unsigned flags);

/// Foundation opens files without O_CLOEXEC: closes them in a new process, with whatever else was inherited.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

/// Gives a thread something of its own that it shares with all others, such as CLONE_FILES, its descriptors.
int unshare(int flags);

/// Chooses the user that a thread is for files.
int setfsuid(unsigned user);

/// Chooses the working directory of a new process.
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *directory);

/// Makes a terminal, see pty(7): its screen and keyboard; it can be opened when these two have allowed it.
int posix_openpt(int flags);
int grantpt(int screen);
int unlockpt(int screen);
char *ptsname(int screen);

#endif
