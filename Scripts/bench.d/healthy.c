// healthy: listens on a port of 0.0.0.0 that it prints, accepts everything, answers each HTTP request with 200, and closes
// when the peer does. One thread, so that the server costs as little as it can beside what is measured.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";

static void accept_all(int epoll, int listener) {
    for (;;) {
        int peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (peer < 0) return;
        struct epoll_event event = {.events = EPOLLIN, .data = {.fd = peer}};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, peer, &event) < 0) close(peer);
    }
}

static void serve(int peer) {
    char request[4096];
    ssize_t length = recv(peer, request, sizeof request, 0);
    // The requests of the programs that are measured come in one segment.
    if (length >= 4 && memcmp(request + length - 4, "\r\n\r\n", 4) == 0) {
        send(peer, answer, sizeof answer - 1, MSG_NOSIGNAL);
    } else if (length <= 0) {
        close(peer);
    }
}

int main(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 65535) < 0) return 1;
    getsockname(listener, (struct sockaddr *)&here, &length);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = listener}}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int index = 0; index < ready; index++) {
            if (events[index].data.fd == listener) accept_all(epoll, listener);
            else serve(events[index].data.fd);
        }
    }
}
