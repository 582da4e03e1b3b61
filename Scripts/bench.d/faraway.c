// faraway NAME MILLISECONDS: a TUN interface NAME behind which every IPv4 address is a host that answers SYN, FIN and echo requests
// that much later: a network in which a thousand checks really are in flight. Prints "ready".
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 65536, LARGEST = 160 };

static struct { long long due; size_t length; uint8_t bytes[LARGEST]; } waiting[SLOTS];
static size_t first = 0, count = 0;

static long long now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec * 1000000000LL + moment.tv_nsec;
}

static uint32_t sum(const uint8_t *bytes, size_t length, uint32_t start) {
    for (size_t index = 0; index + 1 < length; index += 2) start += (uint32_t)(bytes[index] << 8 | bytes[index + 1]);
    if (length & 1) start += (uint32_t)(bytes[length - 1] << 8);
    return start;
}

static void put_checksum(uint8_t *place, uint32_t total) {
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    place[0] = (uint8_t)(~total >> 8);
    place[1] = (uint8_t)~total;
}

static void exchange(uint8_t *one, uint8_t *other, size_t length) {
    uint8_t kept[8];
    memcpy(kept, one, length);
    memcpy(one, other, length);
    memcpy(other, kept, length);
}

// The answer to a TCP segment in its place, or 0: SYN with SYN-ACK, FIN with a reset, so that nothing lingers.
static size_t answer_tcp(uint8_t *packet, uint8_t *segment) {
    uint8_t flags = segment[13];
    if (!(flags & 0x03)) return 0;
    uint32_t sequence, acknowledged;
    memcpy(&sequence, segment + 4, 4);
    memcpy(&acknowledged, segment + 8, 4);
    sequence = htonl(ntohl(sequence) + 1);
    memcpy(segment + 4, &acknowledged, 4);
    memcpy(segment + 8, &sequence, 4);
    exchange(segment, segment + 2, 2);
    segment[12] = 5 << 4;
    segment[13] = flags & 0x02 ? 0x12 : 0x14;
    segment[14] = segment[15] = 0xff;
    memset(segment + 16, 0, 4);
    put_checksum(segment + 16, sum(packet + 12, 8, sum(segment, 20, 6 + 20)));
    return 20;
}

// The length of the answer that `packet` has become, or 0.
static size_t answer(uint8_t *packet, size_t length) {
    size_t header = (size_t)(packet[0] & 15) * 4;
    if (length < header + 20 || packet[0] >> 4 != 4) return 0;
    uint8_t *payload = packet + header;
    size_t answered = 0;
    exchange(packet + 12, packet + 16, 4);
    if (packet[9] == 1 && payload[0] == 8) {
        payload[0] = 0;
        answered = length - header;
        memset(payload + 2, 0, 2);
        put_checksum(payload + 2, sum(payload, answered, 0));
    } else if (packet[9] == 6) {
        answered = answer_tcp(packet, payload);
    }
    if (answered == 0) return 0;
    packet[2] = (uint8_t)((header + answered) >> 8);
    packet[3] = (uint8_t)(header + answered);
    memset(packet + 10, 0, 2);
    put_checksum(packet + 10, sum(packet, header, 0));
    return header + answered;
}

static int opened(const char *name) {
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) {
        fprintf(stderr, "faraway: %s\n", strerror(errno));
        exit(1);
    }
    return tun;
}

int main(int arguments, char **values) {
    if (arguments != 3) return 2;
    long long delay = (long long)(atof(values[2]) * 1e6);
    int tun = opened(values[1]);
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        while (count > 0 && waiting[first].due <= now()) {
            if (write(tun, waiting[first].bytes, waiting[first].length) < 0) { /* full: lost, as a network may */ }
            first = (first + 1) % SLOTS;
            count--;
        }
        uint8_t packet[LARGEST];
        ssize_t length = read(tun, packet, sizeof packet);
        if (length > 0 && count < SLOTS) {
            size_t answered = answer(packet, (size_t)length);
            size_t slot = (first + count) % SLOTS;
            memcpy(waiting[slot].bytes, packet, answered);
            waiting[slot].length = answered;
            waiting[slot].due = now() + delay;
            count += answered > 0;
            continue;
        }
        struct pollfd descriptor = {.fd = tun, .events = POLLIN};
        long long left = count > 0 ? waiting[first].due - now() : 1000000000LL;
        struct timespec span = {left / 1000000000LL, left % 1000000000LL};
        if (left > 0) ppoll(&descriptor, 1, &span, NULL);
    }
}
