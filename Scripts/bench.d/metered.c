// metered COMMAND ARGUMENT...: runs the command and tells on descriptor 3 what it cost, as JSON. A process of its own,
// since a child that Python starts itself would begin with Python's own peak memory.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval span) { return (double)span.tv_sec + (double)span.tv_usec / 1e6; }

static double now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count < 2) return 125;
    double begun = now();
    pid_t child = fork();
    if (child < 0) return 125;
    if (child == 0) {
        close(3);
        execvp(arguments[1], arguments + 1);
        fprintf(stderr, "%s: %s\n", arguments[1], strerror(errno));
        _exit(126);
    }
    int status = 0;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) < 0) {
        if (errno != EINTR) return 125;
    }
    dprintf(3, "{\"wall\": %.6f, \"cpu\": %.6f, \"peak\": %ld}\n", now() - begun,
            seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
