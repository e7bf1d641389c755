// Before the runtime starts. It asks for random bytes while it does, and when /dev/urandom is missing at that moment it
// takes it for missing for ever: every later use of cryptographic randomness fails. An initramfs has no /dev yet.
#define _GNU_SOURCE
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((constructor)) static void mount_devices(void)
{
    if (getpid() == 1 && access("/dev/urandom", F_OK) != 0) {
        mkdir("/dev", 0755);
        mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
    }
}
