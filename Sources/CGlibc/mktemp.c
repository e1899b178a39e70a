// Foundation's Data would call mktemp(3) to replace a file in one step, which nobody here asks of it. Without this one
// the linker takes glibc's, and warns that it is dangerous. Hidden: libraries of a dynamic build keep glibc's.
__attribute__((visibility("hidden"))) char *mktemp(char *template) {
    *template = '\0'; // no name is free
    return template;
}
