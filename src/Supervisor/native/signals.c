// Stop signals, as a count in an eventfd. A handler of our own because the runtime's registration would start to reap
// children as well, and because PID 1 gets no signal that it has no handler for. C because no managed code may run in
// a signal handler.
#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int stop_descriptor = -1;

static void on_stop_signal(int number)
{
    (void)number;
    int saved = errno;
    uint64_t one = 1;
    ssize_t written = write(stop_descriptor, &one, sizeof one);
    (void)written;
    errno = saved;
}

int32_t openshell_watch_stop_signals(int32_t descriptor)
{
    stop_descriptor = descriptor;

    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_stop_signal;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);

    const int numbers[] = {SIGTERM, SIGINT, SIGPWR};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (sigaction(numbers[i], &action, NULL) != 0) {
            return errno;
        }
    }
    return 0;
}
