// openshell-supervisor launch [--network own|host] [--limit NAME=VALUE ...] -- PROGRAM ARGUMENT...
//
// How the driver starts QEMU: detached from the driver, in a network namespace that holds nothing but a loopback, with
// limits. It runs before the runtime starts, because the runtime has threads, and a process with threads cannot enter a
// user namespace.
//
//  1. A session of its own, so that no terminal's signal reaches the machine.
//  2. The namespaces: a network, and where this user may not make one, a user namespace around it.
//  3. "ready" on standard output; then it waits for a line on standard input. Whoever started it notes the process
//     meanwhile: if it dies first, the input ends, and nothing has been started that nobody knows of.
//  4. Nothing is inherited but standard error, which tells why a start failed. The number of the process stays.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define EXIT_NOT_ALLOWED 4
#define EXIT_NOT_FOUND 127

static int fail(int code, const char *what)
{
    fprintf(stderr, "openshell-supervisor launch: %s: %s\n", what, strerror(errno));
    return code;
}

static int write_text(const char *path, const char *text)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    ssize_t length = (ssize_t)strlen(text);
    int result = write(descriptor, text, (size_t)length) == length ? 0 : -1;
    int error = errno;
    close(descriptor);
    errno = error;
    return result;
}

// The user stays who it is: files and sockets belong to it as before.
static int map_identity(uid_t uid, gid_t gid)
{
    char map[64];
    snprintf(map, sizeof map, "%u %u 1\n", uid, uid);
    if (write_text("/proc/self/uid_map", map) != 0 || write_text("/proc/self/setgroups", "deny") != 0) {
        return -1;
    }
    snprintf(map, sizeof map, "%u %u 1\n", gid, gid);
    return write_text("/proc/self/gid_map", map);
}

static int bring_loopback_up(void)
{
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return -1;
    }
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int result = ioctl(descriptor, SIOCSIFFLAGS, &request);
    int error = errno;
    close(descriptor);
    errno = error;
    return result;
}

static int enter_network(void)
{
    if (unshare(CLONE_NEWNET) != 0) {
        uid_t uid = geteuid();
        gid_t gid = getegid();
        if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || map_identity(uid, gid) != 0) {
            return -1;
        }
    }
    return bring_loopback_up();
}

static int set_limit(const char *text)
{
    static const struct {
        const char *name;
        __rlimit_resource_t resource;
    } limits[] = {{"core=", RLIMIT_CORE}, {"cpu=", RLIMIT_CPU}, {"data=", RLIMIT_DATA}, {"nofile=", RLIMIT_NOFILE}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        size_t length = strlen(limits[i].name);
        if (strncmp(text, limits[i].name, length) != 0) {
            continue;
        }
        char *end;
        rlim_t value = strtoull(text + length, &end, 10);
        struct rlimit limit;
        if (*end != 0 || end == text + length || getrlimit(limits[i].resource, &limit) != 0) {
            break;
        }
        // Never more than the driver itself has.
        if (value > limit.rlim_max) {
            value = limit.rlim_max;
        }
        limit.rlim_cur = limit.rlim_max = value;
        return setrlimit(limits[i].resource, &limit);
    }
    errno = EINVAL;
    return -1;
}

// One byte at a time: what follows the line is the program's.
static int wait_for_line(void)
{
    char byte = 0;
    while (byte != '\n') {
        ssize_t count = read(0, &byte, 1);
        if (count == 0 || (count < 0 && errno != EINTR)) {
            return 0;
        }
    }
    return 1;
}

static int detach_descriptors(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    return null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || syscall(SYS_close_range, 3u, ~0u, 0u) != 0 ? -1 : 0;
}

static int launch(char **argv)
{
    int own_network = 0;
    const char *limits[8];
    int limit_count = 0;
    for (; *argv != NULL && strcmp(*argv, "--") != 0; argv += 2) {
        if (strcmp(argv[0], "--network") == 0 && argv[1] != NULL) {
            own_network = strcmp(argv[1], "own") == 0;
        } else if (strcmp(argv[0], "--limit") == 0 && argv[1] != NULL && limit_count < 8) {
            limits[limit_count++] = argv[1];
        } else {
            errno = EINVAL;
            return fail(EXIT_USAGE, argv[0]);
        }
    }
    if (*argv == NULL || argv[1] == NULL) {
        errno = EINVAL;
        return fail(EXIT_USAGE, "no program");
    }

    setsid();
    if (own_network && enter_network() != 0) {
        return fail(EXIT_NOT_ALLOWED, "no network namespace can be made");
    }
    for (int i = 0; i < limit_count; i++) {
        if (set_limit(limits[i]) != 0) {
            return fail(EXIT_FAILED, limits[i]);
        }
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail(EXIT_FAILED, "no_new_privs");
    }
    if (write(1, "ready\n", 6) != 6 || !wait_for_line()) {
        return 0;
    }
    if (detach_descriptors() != 0) {
        return fail(EXIT_FAILED, "standard input");
    }
    execv(argv[1], argv + 1);
    return fail(EXIT_NOT_FOUND, argv[1]);
}

__attribute__((constructor)) static void launch_instead(int argc, char **argv)
{
    if (argc > 1 && getpid() != 1 && strcmp(argv[1], "launch") == 0) {
        _exit(launch(argv + 2));
    }
}
