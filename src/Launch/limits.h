#pragma once

// What a program needs before its runtime starts. 0: not checked.
struct needs {
    const char *program;              // for the message
    unsigned long descriptors;        // RLIMIT_NOFILE
    unsigned long address_mebibytes;  // RLIMIT_AS
    unsigned long memory_mebibytes;   // memory.max of the control group
    unsigned long heap_mebibytes;     // DOTNET_GCHeapHardLimit
    unsigned long threads;            // RLIMIT_NPROC and pids.max, found out by making them
};

// Raises the soft limit of descriptors to the hard one. Says in one line what is too small and ends with exit code 1.
void check_limits(const struct needs *needs);
