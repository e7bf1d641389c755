// A listener in the network namespace of another process. C because the thread that enters the namespace must be a
// process of its own, without the runtime: it shares our memory and descriptors (CLONE_VM, CLONE_FILES), so what it
// opens is ours, and it is gone when this returns.
#define _GNU_SOURCE
#include "spawn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK_BYTES (64 * 1024)

struct listen_request {
    int32_t process;
    uint16_t port;
    int32_t buffer_bytes;
    int32_t result;
};

static int open_listener(const struct listen_request *request)
{
    // Of the same user namespace first: entering one's own once more is refused.
    if (setns(request->process, CLONE_NEWNET) != 0
        && (errno != EPERM || setns(request->process, CLONE_NEWUSER | CLONE_NEWNET) != 0)) {
        return -errno;
    }
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) {
        return -errno;
    }
    int on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(request->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    // What it accepts inherits all of these.
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0
        || setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &request->buffer_bytes, sizeof request->buffer_bytes) != 0
        || setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &request->buffer_bytes, sizeof request->buffer_bytes) != 0
        || bind(listener, (struct sockaddr *)&address, sizeof address) != 0
        || listen(listener, SOMAXCONN) != 0) {
        int error = errno;
        close(listener);
        return -error;
    }
    return listener;
}

static int child_main(void *argument)
{
    struct listen_request *request = argument;
    request->result = open_listener(request);
    _exit(0);
}

int32_t openshell_listen_in(int32_t process, uint16_t port, int32_t buffer_bytes)
{
    void *stack = mmap(NULL, CHILD_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        return -errno;
    }

    struct listen_request request = {.process = process, .port = port, .buffer_bytes = buffer_bytes, .result = -ECHILD};
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t pid = clone(child_main, (char *)stack + CHILD_STACK_BYTES, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &request);
    int result = pid < 0 ? -errno : request.result;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    munmap(stack, CHILD_STACK_BYTES);
    return result;
}
