// Before the runtime starts. It aborts, with or without a word, where it cannot get descriptors, address space, memory or
// threads: none of our own code has run by then.
#define _GNU_SOURCE
#include "limits.h"
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_threads = 64, thread_stack = 128 * 1024, few_threads = 4096 };
static const unsigned long mebibyte = 1024 * 1024;

static void __attribute__((format(printf, 2, 3), noreturn)) refuse(const struct needs *needs, const char *format, ...)
{
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    dprintf(STDERR_FILENO, "%s: %s; raise the limit\n", needs->program, text);
    _exit(1);
}

// A number of the control group (version 2) that this process is in; ULONG_MAX where there is no such limit.
static unsigned long control_group(const char *name)
{
    char line[512] = "", path[600];
    FILE *groups = fopen("/proc/self/cgroup", "re");
    if (groups == NULL) {
        return ~0UL;
    }
    while (fgets(line, sizeof line, groups) != NULL && strncmp(line, "0::", 3) != 0) {
        line[0] = '\0';
    }
    fclose(groups);
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0') {
        return ~0UL;
    }
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", line + 3, name);
    unsigned long value = ~0UL;
    FILE *limit = fopen(path, "re");
    if (limit != NULL) {
        // "max" is no number and leaves the value alone.
        if (fscanf(limit, "%lu", &value) != 1) {
            value = ~0UL;
        }
        fclose(limit);
    }
    return value;
}

static void check_descriptors(const struct needs *needs)
{
    struct rlimit limit;
    if (needs->descriptors == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < needs->descriptors) {
        refuse(needs, "%lu open files are allowed (ulimit -n), at least %lu are needed", (unsigned long)limit.rlim_cur, needs->descriptors);
    }
}

static void check_memory(const struct needs *needs)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        if (limit.rlim_cur / mebibyte < needs->address_mebibytes) {
            refuse(needs, "the address space is limited to %lu MiB (ulimit -v), at least %lu MiB are needed",
                   (unsigned long)(limit.rlim_cur / mebibyte), needs->address_mebibytes);
        }
        // The C library sets 64 MiB of it aside for each of the first threads, and 128 MiB for a moment to align them: the
        // runtime's heap, which is half of what is allowed, may find no place in that moment. One arena for all threads
        // takes none of it. The call is for this process, the variable for what it becomes by exec.
        mallopt(M_ARENA_MAX, 1);
        setenv("MALLOC_ARENA_MAX", "1", 0);
    }
    unsigned long group = control_group("memory.max");
    if (group / mebibyte < needs->memory_mebibytes) {
        refuse(needs, "the memory of this control group is limited to %lu MiB (memory.max), at least %lu MiB are needed",
               group / mebibyte, needs->memory_mebibytes);
    }
    const char *heap = getenv("DOTNET_GCHeapHardLimit");
    unsigned long bytes = heap == NULL ? 0 : strtoul(heap, NULL, 16);
    if (bytes != 0 && bytes / mebibyte < needs->heap_mebibytes) {
        refuse(needs, "the heap is limited to %lu MiB (DOTNET_GCHeapHardLimit), at least %lu MiB are needed",
               bytes / mebibyte, needs->heap_mebibytes);
    }
}

static void *wait_for_the_others(void *barrier)
{
    pthread_mutex_lock(barrier);
    pthread_mutex_unlock(barrier);
    return NULL;
}

static unsigned long make_threads(unsigned long wanted)
{
    pthread_mutex_t barrier = PTHREAD_MUTEX_INITIALIZER;
    pthread_attr_t small;
    pthread_t thread;
    unsigned long made = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, thread_stack);
    pthread_mutex_lock(&barrier);
    while (made < wanted && pthread_create(&thread, &small, wait_for_the_others, &barrier) == 0) {
        made++;
    }
    return made;
}

// How many more threads there may be depends on all other processes of this user, so it is tried: in a child, since a
// process that has had threads may not enter a user namespace before the last trace of them has gone.
static void check_threads(const struct needs *needs)
{
    struct rlimit limit;
    if ((getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur > few_threads) && control_group("pids.max") > few_threads) {
        return;
    }
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit((int)make_threads(needs->threads < most_threads ? needs->threads : most_threads));
    }
    if (child > 0 && (waitpid(child, &status, 0) != child || !WIFEXITED(status))) {
        return;
    }
    unsigned long made = child > 0 ? (unsigned long)WEXITSTATUS(status) : 0;
    if (made < needs->threads) {
        refuse(needs, "%lu more threads can be made (ulimit -u, pids.max), at least %lu are needed", made, needs->threads);
    }
}

void check_limits(const struct needs *needs)
{
    check_descriptors(needs);
    check_memory(needs);
    check_threads(needs);
}

#ifdef LIMITS_OF
// A program that is compiled ahead of time: before its runtime, in the same process. In a guest it is process 1.
__attribute__((constructor)) static void check_own_limits(void)
{
    static const struct needs own = LIMITS_OF;
    if (getpid() != 1) {
        check_limits(&own);
    }
}
#endif
