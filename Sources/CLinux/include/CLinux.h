// Kernel headers that Swift's Glibc module leaves out, and the few macros and variadic calls that Swift cannot use.
#ifndef LEADSMAN_CLINUX_H
#define LEADSMAN_CLINUX_H

#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <malloc.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "terminal.h"

// linux/tcp.h and netinet/tcp.h define the same names; only the kernel's own has the newer fields of tcp_info, so the
// few that are read are copied out here, by the length that the kernel returned (older kernels return less).
struct leadsman_tcp_info {
    uint8_t state;
    uint8_t options;          // TCPI_OPT_*
    uint32_t rtt_us;
    uint32_t rttvar_us;
    uint32_t min_rtt_us;
    uint32_t snd_mss;
    uint32_t rcv_mss;         // the largest segment that came, as the kernel takes it to be
    uint32_t advmss;
    uint32_t pmtu;
    uint32_t total_retrans;
    uint32_t unacked;       // segments
    uint32_t notsent_bytes;
    uint8_t has_min_rtt;
    uint8_t has_bytes;        // the four below, of Linux 4.1
    uint8_t backoff;
    uint64_t bytes_acked;     // the SYN is counted as one
    uint64_t bytes_received;
    uint32_t last_ack_recv_ms;
    uint32_t snd_cwnd;        // segments
    uint32_t data_segs_out;   // of Linux 4.6, 0 before
    uint64_t delivery_rate;   // bytes a second; of Linux 4.9, 0 before
    uint8_t has_times;        // the three below, of Linux 4.10
    uint64_t busy_us;         // something was sent and not acknowledged; in ticks of the kernel
    uint64_t rwnd_limited_us;
    uint64_t sndbuf_limited_us;
    uint8_t has_ooopack;      // Linux 5.4
    uint32_t rcv_ooopack;     // segments that came before others that they follow
};

/// 0 and the facts, or the errno.
int leadsman_tcp_info(int fd, struct leadsman_tcp_info *_Nonnull info);

/// One record of a socket's error queue (ip(7), IP_RECVERR), flattened: CMSG_* are macros.
struct leadsman_socket_error {
    uint32_t error;        // errno
    uint8_t origin;        // SO_EE_ORIGIN_LOCAL, _ICMP, _ICMP6
    uint8_t type;          // ICMP type
    uint8_t code;          // ICMP code
    uint32_t info;         // next-hop MTU with "fragmentation needed"
    struct sockaddr_storage offender;  // family AF_UNSPEC when unknown
    uint32_t payload_length;           // bytes of our own packet that came back
    int32_t hop_limit;                 // with which the error came (IP_RECVTTL, IPV6_RECVHOPLIMIT), -1 when not given
    struct sockaddr_storage destination; // of the packet that came back, family 0 when not given
    int64_t received_realtime_ns;      // CLOCK_REALTIME when the error came (SO_TIMESTAMPNS), 0 when not given
    uint32_t extensions;               // where in the payload ICMP extensions begin (IP_RECVERR_RFC4884), 0 for none or broken ones
};

/// 1 and a record, 0 when the queue is empty, or -errno.
int leadsman_next_socket_error(
    int fd, struct leadsman_socket_error *_Nonnull record, uint8_t *_Nullable payload, uint32_t capacity);

/// A packet socket (packet(7)) for the ARP packets of one interface, without their Ethernet header; the descriptor or -errno. Needs
/// CAP_NET_RAW.
int leadsman_arp_socket(int interface);

/// To all on the link; 0 or -errno.
int leadsman_broadcast_arp(int fd, int interface, const uint8_t *_Nonnull packet, uint32_t length);

/// A datagram with its control data: the kernel's receive stamp, TTL or hop limit, and sender.
struct leadsman_datagram {
    int64_t received_realtime_ns;      // CLOCK_REALTIME at the driver or stack, 0 when not given
    int32_t hop_limit;                 // -1 when not given
    struct sockaddr_storage sender;
    uint32_t length;
};

/// How many datagrams were taken by one call (recvmmsg), 0 when none waits, or -errno. Each has `capacity` bytes of `buffer`; at
/// most 64 are taken.
int leadsman_receive_datagrams(
    int fd, struct leadsman_datagram *_Nonnull datagrams, uint8_t *_Nonnull buffer, uint32_t capacity, uint32_t count);

/// As above, of datagrams of which only the first bytes matter: `length` is the whole of each (MSG_TRUNC), of which no more than
/// `capacity` bytes are in the buffer.
int leadsman_receive_heads(
    int fd, struct leadsman_datagram *_Nonnull datagrams, uint8_t *_Nonnull buffer, uint32_t capacity, uint32_t count);

/// Lets a raw TCP socket (raw(7)) take no more than segments with SYN or RST from one port to another (SO_ATTACH_FILTER of socket(7)):
/// else a copy of each segment that comes to this host. 0 or -errno.
int leadsman_pass_syn_answers(int fd, int is_ipv4, uint16_t from, uint16_t to);

/// memfd_create(2) with close-on-exec, which the headers show only under _GNU_SOURCE; the descriptor or -errno.
int leadsman_memory_file(const char *_Nonnull name);

/// open(2) with O_TMPFILE, which Swift does not import: a file for writing that has no name yet; the descriptor or -errno.
int leadsman_nameless_file(const char *_Nonnull folder, unsigned mode);

/// What adjtimex(2) says of the clock when nothing is set. linux/timex.h and sys/timex.h are not in Swift's Glibc module.
struct leadsman_clock {
    int32_t state;            // TIME_OK 0, TIME_INS 1, TIME_DEL 2, TIME_ERROR 5
    int32_t status;           // STA_*
    int64_t estimated_error_us;
    int64_t most_error_us;
};

/// 0 and the facts, or the errno.
int leadsman_clock(struct leadsman_clock *_Nonnull clock);

#endif
