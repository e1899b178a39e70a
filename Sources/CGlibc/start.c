#include "CGlibc.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int count;
static char **arguments;

// Runs before Swift's own start, with main's arguments: glibc passes them to every constructor.
__attribute__((constructor(101))) static void start(int argc, char **argv) {
    count = argc;
    arguments = argv;
    // Swift's start ends a program that finds neither its file in /proc nor this variable.
    if (access("/proc/self/exe", F_OK) != 0) setenv("SWIFT_ROOT", "/", 0);
}

int program_argument_count(void) { return count; }

const char *program_argument(int index) { return arguments[index]; }

void hide_program_argument(int index, int start) {
    size_t length = strlen(arguments[index]);
    if ((size_t)start < length) memset(arguments[index] + start, '*', length - (size_t)start);
}
