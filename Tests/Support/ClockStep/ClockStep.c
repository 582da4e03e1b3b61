// For LD_PRELOAD: the wall clock goes an hour forward and two back again all the time, the monotonic clock goes on as ever.
#define _GNU_SOURCE
#include <sys/time.h>
#include <time.h>
#include <sys/syscall.h>
#include <unistd.h>
static long shift(void) {
    static struct timespec start; static int begun;
    struct timespec now; syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    if (!begun) { start = now; begun = 1; }
    long ms = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
    return (ms / 150) % 3 == 1 ? 3600 : (ms / 150) % 3 == 2 ? -3600 : 0;
}
int clock_gettime(clockid_t clock, struct timespec *time) {
    int code = (int)syscall(SYS_clock_gettime, clock, time);
    if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += shift();
    return code;
}
int gettimeofday(struct timeval *time, void *zone) {
    struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec; time->tv_usec = now.tv_nsec / 1000; return 0;
}
time_t time(time_t *out) {
    struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
