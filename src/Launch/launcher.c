// openshell-gateway and openshell-driver-vm are run by a runtime that is loaded from the .NET installation. This is what
// is started by their names: it looks at the limits, then becomes the same process's NAME.host, which loads the runtime.
#define _GNU_SOURCE
#include "limits.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    // The runtime itself takes 240 descriptors, 20 threads and 90 MiB; in 3.5 GiB of address space it aborts.
    struct needs needs = { .descriptors = 320, .address_mebibytes = 4096, .memory_mebibytes = 192, .heap_mebibytes = 64, .threads = 40 };
    char self[PATH_MAX], host[PATH_MAX + sizeof ".host"];
    (void)argc;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length < 0 ? 0 : length] = '\0';
    needs.program = strrchr(self, '/') == NULL ? "openshell" : strrchr(self, '/') + 1;
    check_limits(&needs);
    snprintf(host, sizeof host, "%s.host", self);
    execv(host, argv);
    dprintf(STDERR_FILENO, "%s: cannot start %s: %s; build or install it again\n", needs.program, host, strerror(errno));
    return 1;
}
