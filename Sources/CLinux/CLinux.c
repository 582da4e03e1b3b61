#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <sys/timex.h>

int leadsman_tcp_info(int fd, struct leadsman_tcp_info *info) {
    struct tcp_info raw;
    socklen_t length = sizeof raw;
    memset(&raw, 0, sizeof raw);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &raw, &length) != 0) return errno;
    memset(info, 0, sizeof *info);
    info->state = raw.tcpi_state;
    info->options = raw.tcpi_options;
    info->rcv_mss = raw.tcpi_rcv_mss;
    info->rtt_us = raw.tcpi_rtt;
    info->rttvar_us = raw.tcpi_rttvar;
    info->snd_mss = raw.tcpi_snd_mss;
    info->advmss = raw.tcpi_advmss;
    info->pmtu = raw.tcpi_pmtu;
    info->total_retrans = raw.tcpi_total_retrans;
    info->unacked = raw.tcpi_unacked;
    info->backoff = raw.tcpi_backoff;
    info->last_ack_recv_ms = raw.tcpi_last_ack_recv;
    if (length >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof raw.tcpi_bytes_received) {
        info->bytes_acked = raw.tcpi_bytes_acked;
        info->bytes_received = raw.tcpi_bytes_received;
        info->has_bytes = 1;
    }
    if (length >= offsetof(struct tcp_info, tcpi_min_rtt) + sizeof raw.tcpi_min_rtt) {
        info->min_rtt_us = raw.tcpi_min_rtt;
        info->has_min_rtt = 1;
    }
    if (length >= offsetof(struct tcp_info, tcpi_notsent_bytes) + sizeof raw.tcpi_notsent_bytes)
        info->notsent_bytes = raw.tcpi_notsent_bytes;
    info->snd_cwnd = raw.tcpi_snd_cwnd;
    if (length >= offsetof(struct tcp_info, tcpi_data_segs_out) + sizeof raw.tcpi_data_segs_out)
        info->data_segs_out = raw.tcpi_data_segs_out;
    if (length >= offsetof(struct tcp_info, tcpi_delivery_rate) + sizeof raw.tcpi_delivery_rate)
        info->delivery_rate = raw.tcpi_delivery_rate;
    if (length >= offsetof(struct tcp_info, tcpi_sndbuf_limited) + sizeof raw.tcpi_sndbuf_limited) {
        info->busy_us = raw.tcpi_busy_time;
        info->rwnd_limited_us = raw.tcpi_rwnd_limited;
        info->sndbuf_limited_us = raw.tcpi_sndbuf_limited;
        info->has_times = 1;
    }
    if (length >= offsetof(struct tcp_info, tcpi_rcv_ooopack) + sizeof raw.tcpi_rcv_ooopack) {
        info->rcv_ooopack = raw.tcpi_rcv_ooopack;
        info->has_ooopack = 1;
    }
    return 0;
}

int leadsman_next_socket_error(int fd, struct leadsman_socket_error *record, uint8_t *payload, uint32_t capacity) {
    uint8_t scratch[512], control[512];
    struct sockaddr_storage destination;
    struct iovec vector = {.iov_base = payload ? payload : scratch, .iov_len = payload ? capacity : sizeof scratch};
    struct msghdr message = {
        .msg_name = &destination, .msg_namelen = sizeof destination,
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    memset(record, 0, sizeof *record);
    for (int attempt = 0; attempt < 16; attempt++) {
        message.msg_controllen = sizeof control;
        message.msg_namelen = sizeof destination;
        memset(&destination, 0, sizeof destination);
        ssize_t length = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
        if (length < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno == EINTR ? 0 : -errno;
        int found = 0;
        record->hop_limit = -1;
        record->received_realtime_ns = 0;
        record->extensions = 0;
        for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TTL) ||
                (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_HOPLIMIT))
                memcpy(&record->hop_limit, CMSG_DATA(header), sizeof record->hop_limit);
            if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
                struct timespec stamp;
                memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
                record->received_realtime_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
            }
            int v4 = header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR;
            int v6 = header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR;
            if ((!v4 && !v6) || header->cmsg_len < CMSG_LEN(sizeof(struct sock_extended_err))) continue;
            struct sock_extended_err error;
            memcpy(&error, CMSG_DATA(header), sizeof error);
            record->error = error.ee_errno;
            record->origin = error.ee_origin;
            record->type = error.ee_type;
            record->code = error.ee_code;
            record->info = error.ee_info;
            // linux/errqueue.h: ee_data holds a length and flags, of which 1 says that the structure is invalid.
            if (error.ee_origin != SO_EE_ORIGIN_LOCAL && !(error.ee_rfc4884.flags & SO_EE_RFC4884_FLAG_INVALID))
                record->extensions = error.ee_rfc4884.len;
            record->payload_length = (uint32_t)length;
            record->destination = destination;
            size_t wanted = sizeof error + (v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
            if (header->cmsg_len >= CMSG_LEN(wanted))
                memcpy(&record->offender, CMSG_DATA(header) + sizeof error, wanted - sizeof error);
            found = 1;
        }
        if (found) return 1;
        // A record of another kind (a transmit time stamp): take the next one.
    }
    return 0;
}

static void take_control_data(struct msghdr *message, struct leadsman_datagram *datagram) {
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
            datagram->received_realtime_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
        } else if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TTL) ||
                   (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_HOPLIMIT)) {
            int value;
            memcpy(&value, CMSG_DATA(header), sizeof value);
            datagram->hop_limit = value;
        }
    }
}

static int receive_datagrams(
    int fd, struct leadsman_datagram *datagrams, uint8_t *buffer, uint32_t capacity, uint32_t count, int flags) {
    enum { MOST = 64, CONTROL = 128 };
    struct mmsghdr messages[MOST];
    struct iovec vectors[MOST];
    uint8_t control[MOST][CONTROL];
    if (count > MOST) count = MOST;
    memset(messages, 0, count * sizeof *messages);
    for (uint32_t index = 0; index < count; index++) {
        vectors[index] = (struct iovec){.iov_base = buffer + (size_t)index * capacity, .iov_len = capacity};
        messages[index].msg_hdr = (struct msghdr){
            .msg_name = &datagrams[index].sender, .msg_namelen = sizeof datagrams[index].sender,
            .msg_iov = &vectors[index], .msg_iovlen = 1, .msg_control = control[index], .msg_controllen = CONTROL};
    }
    int taken = recvmmsg(fd, messages, count, MSG_DONTWAIT | flags, NULL);
    if (taken < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -errno;
    for (int index = 0; index < taken; index++) {
        datagrams[index].received_realtime_ns = 0;
        datagrams[index].hop_limit = -1;
        datagrams[index].length = messages[index].msg_len;
        take_control_data(&messages[index].msg_hdr, &datagrams[index]);
    }
    return taken;
}

int leadsman_receive_datagrams(
    int fd, struct leadsman_datagram *datagrams, uint8_t *buffer, uint32_t capacity, uint32_t count) {
    return receive_datagrams(fd, datagrams, buffer, capacity, count, 0);
}

int leadsman_receive_heads(
    int fd, struct leadsman_datagram *datagrams, uint8_t *buffer, uint32_t capacity, uint32_t count) {
    return receive_datagrams(fd, datagrams, buffer, capacity, count, MSG_TRUNC);
}

int leadsman_nameless_file(const char *folder, unsigned mode) {
    int descriptor = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    return descriptor >= 0 ? descriptor : -errno;
}

int leadsman_memory_file(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    return descriptor >= 0 ? descriptor : -errno;
}

int leadsman_clock(struct leadsman_clock *clock) {
    struct timex raw;
    memset(&raw, 0, sizeof raw);
    int state = adjtimex(&raw);
    if (state < 0) return errno;
    clock->state = state;
    clock->status = raw.status;
    clock->estimated_error_us = raw.esterror;
    clock->most_error_us = raw.maxerror;
    return 0;
}

int leadsman_pass_syn_answers(int fd, int is_ipv4, uint16_t from, uint16_t to) {
    // The filter of a raw IPv4 socket sees the IP header first, whose length X then is; that of an IPv6 one the TCP header.
    struct sock_filter steps[] = {
        is_ipv4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)
                : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, from, 0, 5),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, to, 0, 3),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x06, 0, 1),  // RST and SYN
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {.len = sizeof steps / sizeof *steps, .filter = steps};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : -errno;
}

int leadsman_arp_socket(int interface) {
    int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ARP));
    if (descriptor < 0) return -errno;
    struct sockaddr_ll place = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = interface};
    if (bind(descriptor, (struct sockaddr *)&place, sizeof place) == 0) return descriptor;
    int code = errno;
    close(descriptor);
    return -code;
}

int leadsman_broadcast_arp(int fd, int interface, const uint8_t *packet, uint32_t length) {
    struct sockaddr_ll everybody = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = interface, .sll_halen = ETH_ALEN,
        .sll_addr = {255, 255, 255, 255, 255, 255}};
    ssize_t sent = sendto(fd, packet, length, MSG_NOSIGNAL, (struct sockaddr *)&everybody, sizeof everybody);
    return sent == (ssize_t)length ? 0 : sent < 0 ? -errno : -EMSGSIZE;
}
