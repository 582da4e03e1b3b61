// connects COUNT PORT: the bare limit. COUNT non-blocking TCP connects to 127.1.x.y:PORT, all begun before any is looked at,
// finished by one epoll loop. Nothing is recorded.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "connects: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void begin(int epoll, uint32_t number, uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    // As Scripts/bench writes it: 250 hosts in each block of 256.
    uint32_t address = 0x7f010001 + ((number / 250) << 8) + number % 250;
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(address)}};
    if (connect(descriptor, (struct sockaddr *)&peer, sizeof peer) < 0 && errno != EINPROGRESS) fail("connect");
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET, .data = {.fd = descriptor}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    uint32_t total = (uint32_t)atoi(arguments[1]), done = 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t number = 0; number < total; number++) begin(epoll, number, (uint16_t)atoi(arguments[2]));
    struct epoll_event events[256];
    while (done < total) {
        int ready = epoll_wait(epoll, events, 256, 10000);
        if (ready <= 0) fail("epoll_wait");
        for (int index = 0; index < ready; index++) {
            int code = 0;
            socklen_t length = sizeof code;
            getsockopt(events[index].data.fd, SOL_SOCKET, SO_ERROR, &code, &length);
            if (code != 0) {
                errno = code;
                fail("a connection");
            }
            close(events[index].data.fd);
            done++;
        }
    }
    return 0;
}
