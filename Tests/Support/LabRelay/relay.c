// lab-relay: joins two interfaces frame by frame, and delays, loses, reorders, duplicates and slows what passes.
//
// The kernel of a test machine need not have sch_netem, so this stands in its place. What it promises is a release time: the
// kernel's arrival stamp plus the delay, however late this process woke up to read the frame. It sleeps until shortly before
// the release and watches the clock for the rest, at real-time priority where that is permitted.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "impairment.h"

static const char usage[] =
    "usage: lab-relay FIRST SECOND [forth NAME=VALUE...] [back NAME=VALUE...]   join two interfaces\n"
    "       lab-relay offload-off INTERFACE...   let the kernel cut and sum segments, so that frames are whole\n"
    "\n"
    "forth: from FIRST to SECOND; back: the other way; what stands before them holds for both.\n"
    "  delay=MS jitter=MS rate=MBIT queue=KB      for every frame; jitter keeps the order\n"
    "  protocol=tcp|udp|icmp|icmp6 port=N         selects the frames that the rest is for\n"
    "  loss=PERCENT every=N drop=I-J              lost by chance, each Nth, the Ith to the Jth (from 1)\n"
    "  reorder=PERCENT by=MS duplicate=PERCENT    held back by so much (5), sent twice\n"
    "  seed=N                                     another seed, another chance\n"
    "Prints `listening` when it forwards, and its counts when it gets SIGTERM.\n";

enum { most_held = 20000, longest_frame = 2048, batch = 32, watch_clock = 60000 /* ns */ };

// A frame that waits for its release.
struct held {
    uint64_t release, number;
    size_t length;
    uint8_t *bytes;
};

struct path {
    struct direction direction;
    struct held *heap; // the earliest first
    size_t count;
    int in, out;
};

static struct path paths[2];
static uint64_t frames_read;

static void fail(const char *what) {
    fprintf(stderr, "lab-relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// --- What waits -----------------------------------------------------------------------------------------------------

static bool is_before(const struct held *first, const struct held *second) {
    return first->release != second->release ? first->release < second->release : first->number < second->number;
}

static void hold(struct path *path, struct held frame) {
    size_t place = path->count++;
    for (size_t parent; place && is_before(&frame, &path->heap[parent = (place - 1) / 2]); place = parent)
        path->heap[place] = path->heap[parent];
    path->heap[place] = frame;
}

static struct held take_earliest(struct path *path) {
    struct held earliest = path->heap[0], last = path->heap[--path->count];
    size_t place = 0;
    for (size_t child; (child = 2 * place + 1) < path->count; place = child) {
        if (child + 1 < path->count && is_before(&path->heap[child + 1], &path->heap[child])) child++;
        if (!is_before(&path->heap[child], &last)) break;
        path->heap[place] = path->heap[child];
    }
    path->heap[place] = last;
    return earliest;
}

// --- In and out -----------------------------------------------------------------------------------------------------

static int open_interface(const char *name) {
    int yes = 1, size = 8 << 20, index = (int)if_nametoindex(name);
    if (!index) fail(name);
    int socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) fail("AF_PACKET");
    struct packet_mreq promiscuous = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    if (setsockopt(socket_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes)) fail("PACKET_IGNORE_OUTGOING");
    if (setsockopt(socket_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous)) fail("PACKET_MR_PROMISC");
    if (setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes)) fail("SO_TIMESTAMPNS");
    // The larger buffer is only for bursts, and not given to everybody.
    if (setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(socket_, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = __builtin_bswap16(ETH_P_ALL), .sll_ifindex = index};
    if (bind(socket_, (struct sockaddr *)&address, sizeof address)) fail(name);
    return socket_;
}

// The kernel's stamp is of the wall clock; `wall_ahead` brings it to the monotonic one.
static uint64_t arrival_of(struct msghdr *message, uint64_t wall_ahead, uint64_t now) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(part), sizeof time);
        uint64_t stamp = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec - wall_ahead;
        return stamp < now ? stamp : now;
    }
    return now;
}

static void admit(struct path *path, const uint8_t *bytes, size_t length, uint64_t arrival) {
    struct verdict verdict = direction_judge(&path->direction, bytes, length, arrival);
    for (int copy = 0; copy < verdict.copies; copy++) {
        uint8_t *kept = path->count < most_held ? malloc(length) : NULL;
        if (!kept) {
            path->direction.counts.overflowed++;
            continue;
        }
        memcpy(kept, bytes, length);
        hold(path, (struct held){verdict.release[copy], frames_read++, length, kept});
    }
}

static void receive(struct path *path) {
    static uint8_t bytes[batch][longest_frame];
    static char controls[batch][64];
    static struct iovec parts[batch];
    static struct mmsghdr messages[batch];
    for (int index = 0; index < batch; index++) {
        parts[index] = (struct iovec){bytes[index], longest_frame};
        messages[index].msg_hdr = (struct msghdr){
            .msg_iov = &parts[index], .msg_iovlen = 1, .msg_control = controls[index], .msg_controllen = sizeof controls[0]};
    }
    int count = recvmmsg(path->in, messages, batch, MSG_DONTWAIT | MSG_TRUNC, NULL);
    uint64_t now = now_of(CLOCK_MONOTONIC), wall_ahead = now_of(CLOCK_REALTIME) - now;
    for (int index = 0; index < count; index++) {
        if (messages[index].msg_len > longest_frame) path->direction.counts.failed++;
        else admit(path, bytes[index], messages[index].msg_len, arrival_of(&messages[index].msg_hdr, wall_ahead, now));
    }
}

static void send_due(struct path *path) {
    while (path->count && path->heap[0].release <= now_of(CLOCK_MONOTONIC)) {
        struct held frame = take_earliest(path);
        // A frame that cannot be sent is lost, as on a wire that was pulled.
        if (send(path->out, frame.bytes, frame.length, 0) < 0) path->direction.counts.failed++;
        else path->direction.counts.sent++;
        free(frame.bytes);
    }
}

// --- The relay ------------------------------------------------------------------------------------------------------

static void print_counts(const char *name, const struct counts *counts) {
    printf("%s seen=%llu matched=%llu lost=%llu overflowed=%llu duplicated=%llu reordered=%llu sent=%llu failed=%llu\n", name,
           (unsigned long long)counts->seen, (unsigned long long)counts->matched, (unsigned long long)counts->lost,
           (unsigned long long)counts->overflowed, (unsigned long long)counts->duplicated,
           (unsigned long long)counts->reordered, (unsigned long long)counts->sent, (unsigned long long)counts->failed);
}

static void forward(int signals) {
    for (;;) {
        uint64_t next = UINT64_MAX;
        for (int index = 0; index < 2; index++) {
            send_due(&paths[index]);
            receive(&paths[index]);
            if (paths[index].count && paths[index].heap[0].release < next) next = paths[index].heap[0].release;
        }
        uint64_t now = now_of(CLOCK_MONOTONIC);
        if (next != UINT64_MAX && next <= now + watch_clock) continue;
        uint64_t rest = next == UINT64_MAX ? 1000000000 : next - now - watch_clock;
        struct timespec wait = {(time_t)(rest / 1000000000), (long)(rest % 1000000000)};
        struct pollfd sources[] = {{paths[0].in, POLLIN, 0}, {paths[1].in, POLLIN, 0}, {signals, POLLIN, 0}};
        if (ppoll(sources, 3, &wait, NULL) > 0 && sources[2].revents) return;
    }
}

static void read_words(int count, char **words) {
    uint64_t seed = 1;
    for (int index = 0; index < count; index++)
        if (strncmp(words[index], "seed=", 5) == 0) seed = strtoull(words[index] + 5, NULL, 10);
    for (int index = 0; index < 2; index++) direction_prepare(&paths[index].direction, seed + (uint64_t)index);
    bool is_for[2] = {true, true};
    for (int index = 0; index < count; index++) {
        const char *word = words[index];
        if (strcmp(word, "forth") == 0 || strcmp(word, "back") == 0) {
            is_for[0] = word[0] == 'f';
            is_for[1] = !is_for[0];
            continue;
        }
        if (strncmp(word, "seed=", 5) == 0) continue;
        for (int path = 0; path < 2; path++)
            if (is_for[path] && !impairment_read(&paths[path].direction.impairment, word)) {
                fprintf(stderr, "lab-relay: not understood: %s\n%s", word, usage);
                exit(2);
            }
    }
}

// Without these a sender hands over segments of up to 64 KiB and leaves their check sums to a card that is not there.
static int offload_off(int count, char **names) {
    static const uint32_t commands[] = {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (int name = 0; name < count; name++)
        for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
            struct ethtool_value value = {.cmd = commands[index], .data = 0};
            struct ifreq request = {.ifr_data = (char *)&value};
            snprintf(request.ifr_name, sizeof request.ifr_name, "%s", names[name]);
            if (ioctl(any, SIOCETHTOOL, &request)) fail(names[name]);
        }
    return 0;
}

int main(int count, char **words) {
    if (count >= 3 && strcmp(words[1], "offload-off") == 0) return offload_off(count - 2, words + 2);
    if (count < 3) {
        fputs(usage, stderr);
        return 2;
    }
    read_words(count - 3, words + 3);
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    int signals = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
    for (int index = 0; index < 2; index++) {
        paths[index].in = open_interface(words[1 + index]);
        paths[index].heap = calloc(most_held, sizeof(struct held));
        if (!paths[index].heap) fail("memory");
    }
    paths[0].out = paths[1].in;
    paths[1].out = paths[0].in;
    // Neither is everybody's right, and without them a frame is late only when the processors are busy.
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 10});
    prctl(PR_SET_TIMERSLACK, 1);
    puts("listening");
    fflush(stdout);
    forward(signals);
    print_counts("forth", &paths[0].direction.counts);
    print_counts("back", &paths[1].direction.counts);
    return 0;
}
