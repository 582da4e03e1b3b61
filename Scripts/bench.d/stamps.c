// stamps INTERFACE: the packets' own times, one line each until it is told to end by SIGTERM: what (syn synack request reply),
// nanoseconds of CLOCK_REALTIME by the kernel, the own port or echo sequence, the peer's address. Prints "ready" first and
// "lost N" last.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped = 0;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

static uint16_t number16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

static void line(const char *what, long long stamp, uint16_t key, const uint8_t *peer) {
    printf("%s %lld %u %u.%u.%u.%u\n", what, stamp, key, peer[0], peer[1], peer[2], peer[3]);
}

static void tell(const uint8_t *packet, ssize_t length, int isOutgoing, long long stamp) {
    if (length < 20 || packet[0] >> 4 != 4) return;
    const uint8_t *payload = packet + (packet[0] & 15) * 4, *source = packet + 12, *destination = packet + 16;
    if (payload + 16 > packet + length) return;
    if (packet[9] == IPPROTO_TCP) {
        int flags = payload[13] & 0x12;
        if (flags == 0x02 && isOutgoing) line("syn", stamp, number16(payload), destination);
        if (flags == 0x12 && !isOutgoing) line("synack", stamp, number16(payload + 2), source);
    } else if (packet[9] == IPPROTO_ICMP) {
        if (payload[0] == 8 && isOutgoing) line("request", stamp, number16(payload + 6), destination);
        if (payload[0] == 0 && !isOutgoing) line("reply", stamp, number16(payload + 6), source);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    // Without SA_RESTART: the signal ends the wait.
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, size = 64 << 20;
    if (descriptor < 0) {
        fprintf(stderr, "stamps: %s\n", strerror(errno));
        return 1;
    }
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
                               .sll_ifindex = (int)if_nametoindex(arguments[1])};
    // An outgoing packet is seen only by a socket of all protocols.
    here.sll_protocol = htons(ETH_P_ALL);
    if (here.sll_ifindex == 0 || bind(descriptor, (struct sockaddr *)&here, sizeof here) < 0) {
        fprintf(stderr, "stamps: %s: %s\n", arguments[1], strerror(errno));
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    // What has come by the end is still read.
    for (;;) {
        uint8_t packet[128], control[128];
        struct sockaddr_ll from;
        struct iovec vector = {packet, sizeof packet};
        struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &vector, .msg_iovlen = 1,
                                 .msg_control = control, .msg_controllen = sizeof control};
        ssize_t length = recvmsg(descriptor, &message, stopped ? MSG_DONTWAIT : 0);
        if (length < 0 && stopped) break;
        if (length < 0) continue;
        for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_TIMESTAMPNS) continue;
            struct timespec moment;
            memcpy(&moment, CMSG_DATA(header), sizeof moment);
            tell(packet, length, from.sll_pkttype == PACKET_OUTGOING, moment.tv_sec * 1000000000LL + moment.tv_nsec);
        }
    }
    struct tpacket_stats statistics = {0};
    socklen_t length = sizeof statistics;
    getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &length);
    printf("lost %u\n", statistics.tp_drops);
    return 0;
}
