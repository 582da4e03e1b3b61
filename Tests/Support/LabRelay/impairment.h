// What the relay does to the frames of one direction: reading it from words, and deciding it for a frame.
#ifndef LAB_RELAY_IMPAIRMENT_H
#define LAB_RELAY_IMPAIRMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Times in nanoseconds, shares from 0 to 1. Delay, jitter and rate hold for all frames; the others only for those that the
// filter selects, so that ARP and neighbour discovery neither use up a count nor get lost.
struct impairment {
    uint64_t delay, jitter;
    double loss, reorder, duplicate;
    uint64_t reorder_by;
    uint64_t every, drop_first, drop_last;
    double bytes_per_second; // 0: no limit
    uint64_t queue_bytes;
    int protocol, port; // 0: any
};

struct counts {
    uint64_t seen, matched, lost, overflowed, duplicated, reordered, sent, failed;
};

struct direction {
    struct impairment impairment;
    struct counts counts;
    uint64_t random, last_release, busy_until;
};

// When to send a frame: `copies` times (0 when it is lost), the first at `release[0]`.
struct verdict {
    int copies;
    uint64_t release[2];
};

void direction_prepare(struct direction *direction, uint64_t seed);
// NAME=VALUE as in `usage`; false when the word is none.
bool impairment_read(struct impairment *impairment, const char *word);
// `arrival` is the kernel's stamp.
struct verdict direction_judge(struct direction *direction, const uint8_t *frame, size_t length, uint64_t arrival);

#endif
