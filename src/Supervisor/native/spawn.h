// What managed code and the C part share. The layout is mirrored by Native/SpawnRequest.cs.
#pragma once

#include <stdint.h>

#define OPENSHELL_EXPORT __attribute__((visibility("default")))

// The step that failed; mirrored by Native/SpawnStep.cs.
enum openshell_spawn_step {
    OPENSHELL_STEP_NONE = 0,
    OPENSHELL_STEP_CLONE = 1,
    OPENSHELL_STEP_SESSION = 2,
    OPENSHELL_STEP_TERMINAL = 3,
    OPENSHELL_STEP_DESCRIPTORS = 4,
    OPENSHELL_STEP_LIMITS = 5,
    OPENSHELL_STEP_IDENTITY = 6,
    OPENSHELL_STEP_WORKDIR = 7,
    OPENSHELL_STEP_EXEC = 8,
    OPENSHELL_STEP_POLICY = 9,
};

struct openshell_rlimit {
    uint64_t soft;
    uint64_t hard;
    int32_t resource;
    int32_t reserved;
};

struct openshell_spawn_request {
    const char *const *candidates; // paths to try in order, NULL at the end
    const char **argv;             // argv[-1] is a free slot, for a script without an interpreter line
    const char *const *envp;
    const char *workdir;           // NULL: stay where the supervisor is
    const uint32_t *groups;
    const struct openshell_rlimit *rlimits;
    const struct sock_filter *seccomp_filter;
    int32_t stdin_fd;
    int32_t stdout_fd;
    int32_t stderr_fd;
    int32_t controlling_terminal;  // 1: stdin becomes the controlling terminal
    int32_t change_identity;       // 1: set groups, gid and uid
    uint32_t uid;
    uint32_t gid;
    int32_t group_count;
    int32_t rlimit_count;
    int32_t umask;
    int32_t no_new_privs;
    int32_t workdir_optional;      // 1: "/" where the directory cannot be entered
    int32_t landlock_ruleset;      // descriptor; -1: none
    int32_t seccomp_length;        // instructions; 0: no filter
    // Written by the child when a step failed.
    int32_t failed_step;
    int32_t error;
};

// Returns the process id, or -1 with failed_step and error set. A child that failed has been reaped.
OPENSHELL_EXPORT int32_t openshell_spawn(struct openshell_spawn_request *request);

// From now on SIGTERM, SIGINT and SIGPWR are counted in the eventfd `descriptor`. Returns 0 or the errno.
OPENSHELL_EXPORT int32_t openshell_watch_stop_signals(int32_t descriptor);

// Listens on 127.0.0.1 in the network namespace of the process that the pidfd `process` stands for. Returns a
// non-blocking descriptor, or the negated errno.
OPENSHELL_EXPORT int32_t openshell_listen_in(int32_t process, uint16_t port, int32_t buffer_bytes);
