// Sends UDP datagrams to one address, from 64 source ports to 64 destination ports, as fast as asked for or as it can.
// Usage: blast ADDRESS COUNT SIZE RATE      (RATE a second, 0 as fast as it goes)
// Prints {"sent": N, "seconds": S}.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FLOWS = 64, BATCH = 64 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    long count = atol(argv[2]), size = atol(argv[3]);
    double rate = atof(argv[4]);
    static char payload[65536];
    if (size < 0 || size > (long)sizeof payload) return 2;
    int sockets[FLOWS];
    for (int flow = 0; flow < FLOWS; flow++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)(20000 + flow))};
        if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) return 2;
        sockets[flow] = socket(AF_INET, SOCK_DGRAM, 0);
        if (sockets[flow] < 0 || connect(sockets[flow], (struct sockaddr *)&to, sizeof to) != 0) {
            perror("blast");
            return 1;
        }
    }
    struct iovec part = {.iov_base = payload, .iov_len = (size_t)size};
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    for (int index = 0; index < BATCH; index++) {
        messages[index].msg_hdr.msg_iov = &part;
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    double start = now();
    long sent = 0;
    for (long turn = 0; sent < count; turn++) {
        // In bursts of a millisecond's worth at the least, as senders do.
        while (rate > 0 && (double)sent > (now() - start) * rate) {
            struct timespec pause = {.tv_nsec = 200000};
            nanosleep(&pause, NULL);
        }
        long left = count - sent;
        int done = sendmmsg(sockets[turn % FLOWS], messages, left < BATCH ? (unsigned)left : BATCH, 0);
        if (done > 0) sent += done;
        else if (errno != ECONNREFUSED && errno != ENOBUFS && errno != EAGAIN) {
            perror("blast");
            return 1;
        }
    }
    printf("{\"sent\": %ld, \"seconds\": %.6f}\n", sent, now() - start);
    return 0;
}
