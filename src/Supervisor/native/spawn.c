// Starts a process. This is C because nothing managed may run between clone and execve: the child shares our memory
// (CLONE_VM) while this thread stands still (CLONE_VFORK), so it must not allocate, lock or enter the runtime.
#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK_BYTES (64 * 1024)

static __attribute__((noreturn)) void fail(struct openshell_spawn_request *request, int32_t step)
{
    request->failed_step = step;
    request->error = errno;
    _exit(127);
}

// Handlers first, mask later: with our memory shared, a handler of the supervisor must never run in the child.
static void reset_dispositions(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        sigaction(number, &action, NULL); // fails for KILL, STOP and the two of the C library; execve resets those
    }
}

static void set_descriptors(struct openshell_spawn_request *request)
{
    int fds[3] = {request->stdin_fd, request->stdout_fd, request->stderr_fd};
    // Out of the way first, so that no dup2 overwrites a descriptor that is still to be copied.
    for (int i = 0; i < 3; i++) {
        fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
        if (fds[i] < 0) {
            fail(request, OPENSHELL_STEP_DESCRIPTORS);
        }
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(fds[i], i) < 0) {
            fail(request, OPENSHELL_STEP_DESCRIPTORS);
        }
    }
    // At the execve and not now: the ruleset is one of them.
    if (syscall(SYS_close_range, 3u, ~0u, (unsigned)CLOSE_RANGE_CLOEXEC) != 0) {
        fail(request, OPENSHELL_STEP_DESCRIPTORS);
    }
}

// Plain system calls: the C library's versions would apply the change to every thread of the supervisor.
static void set_identity(struct openshell_spawn_request *request)
{
    if (syscall(SYS_setgroups, (size_t)request->group_count, request->groups) != 0
        || syscall(SYS_setresgid, request->gid, request->gid, request->gid) != 0
        || syscall(SYS_setresuid, request->uid, request->uid, request->uid) != 0) {
        fail(request, OPENSHELL_STEP_IDENTITY);
    }
}

// As the user already, so that no rule is in the way of becoming it. The filter comes last: it could forbid what is
// done here.
static void confine(struct openshell_spawn_request *request)
{
    if (request->landlock_ruleset >= 0 && syscall(SYS_landlock_restrict_self, request->landlock_ruleset, 0u) != 0) {
        fail(request, OPENSHELL_STEP_POLICY);
    }
    if (request->seccomp_length > 0) {
        struct sock_fprog program = {
            .len = (unsigned short)request->seccomp_length,
            .filter = (struct sock_filter *)request->seccomp_filter,
        };
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) {
            fail(request, OPENSHELL_STEP_POLICY);
        }
    }
}

// What execvp does, with the search path already split into candidates.
static void execute(struct openshell_spawn_request *request)
{
    int denied = 0;
    for (const char *const *path = request->candidates; *path != NULL; path++) {
        execve(*path, (char *const *)request->argv, (char *const *)request->envp);
        switch (errno) {
        case ENOEXEC: {
            // A script without an interpreter line; argv[0] gives way to its path.
            const char *name = request->argv[0];
            request->argv[-1] = "/bin/sh";
            request->argv[0] = *path;
            execve("/bin/sh", (char *const *)(request->argv - 1), (char *const *)request->envp);
            request->argv[0] = name;
            errno = ENOEXEC;
            return;
        }
        case EACCES:
            denied = 1;
            break;
        case ENOENT:
        case ENOTDIR:
        case ESTALE:
        case ENODEV:
        case ETIMEDOUT:
            break;
        default:
            return;
        }
    }
    errno = denied ? EACCES : ENOENT;
}

static int child_main(void *argument)
{
    struct openshell_spawn_request *request = argument;

    reset_dispositions();
    if (setsid() < 0) {
        fail(request, OPENSHELL_STEP_SESSION);
    }
    set_descriptors(request);
    if (request->controlling_terminal && ioctl(0, TIOCSCTTY, 0) != 0) {
        fail(request, OPENSHELL_STEP_TERMINAL);
    }
    for (int32_t i = 0; i < request->rlimit_count; i++) {
        const struct openshell_rlimit *limit = &request->rlimits[i];
        struct rlimit value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
        if (setrlimit((__rlimit_resource_t)limit->resource, &value) != 0) {
            fail(request, OPENSHELL_STEP_LIMITS);
        }
    }
    umask((mode_t)request->umask);
    if (request->change_identity) {
        set_identity(request);
    }
    if (request->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        fail(request, OPENSHELL_STEP_POLICY);
    }
    // As the user: a directory that it may not enter is refused.
    if (request->workdir != NULL && chdir(request->workdir) != 0
        && (!request->workdir_optional || chdir("/") != 0)) {
        fail(request, OPENSHELL_STEP_WORKDIR);
    }

    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    confine(request);
    execute(request);
    fail(request, OPENSHELL_STEP_EXEC);
}

int32_t openshell_spawn(struct openshell_spawn_request *request)
{
    request->failed_step = OPENSHELL_STEP_NONE;
    request->error = 0;

    void *stack = mmap(NULL, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        request->failed_step = OPENSHELL_STEP_CLONE;
        request->error = errno;
        return -1;
    }

    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t pid = clone(child_main, (char *)stack + CHILD_STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, request);
    int clone_error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, CHILD_STACK_BYTES);

    if (pid < 0) {
        request->failed_step = OPENSHELL_STEP_CLONE;
        request->error = clone_error;
        return -1;
    }
    if (request->failed_step != OPENSHELL_STEP_NONE) {
        // The caller holds the reaper's lock, so nobody else takes it.
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
        return -1;
    }
    return (int32_t)pid;
}
