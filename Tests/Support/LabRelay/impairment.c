#include "impairment.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ethernet_header = 14, ipv4_minimum = 20, ipv6_header = 40, type_ipv4 = 0x0800, type_ipv6 = 0x86dd };

void direction_prepare(struct direction *direction, uint64_t seed) {
    *direction = (struct direction){.random = seed};
    direction->impairment.reorder_by = 5000000;
    direction->impairment.queue_bytes = 100000;
}

// --- Words ----------------------------------------------------------------------------------------------------------

static bool read_protocol(struct impairment *impairment, const char *value) {
    static const struct {
        const char *name;
        int number;
    } known[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"icmp", IPPROTO_ICMP}, {"icmp6", IPPROTO_ICMPV6}};
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++)
        if (strcmp(known[index].name, value) == 0) impairment->protocol = known[index].number;
    return impairment->protocol != 0;
}

static bool read_range(struct impairment *impairment, const char *value) {
    char *end;
    impairment->drop_first = impairment->drop_last = strtoull(value, &end, 10);
    if (*end == '-') impairment->drop_last = strtoull(end + 1, &end, 10);
    return *end == 0 && impairment->drop_first > 0 && impairment->drop_last >= impairment->drop_first;
}

bool impairment_read(struct impairment *impairment, const char *word) {
    const char *equals = strchr(word, '=');
    if (!equals || !equals[1]) return false;
    size_t length = (size_t)(equals - word);
    const char *value = equals + 1;
#define IS(name) (length == sizeof(name) - 1 && memcmp(word, name, length) == 0)
    if (IS("protocol")) return read_protocol(impairment, value);
    if (IS("drop")) return read_range(impairment, value);
    char *end;
    double number = strtod(value, &end);
    if (*end || !(number >= 0)) return false;
    if (IS("delay")) impairment->delay = (uint64_t)(number * 1e6);
    else if (IS("jitter")) impairment->jitter = (uint64_t)(number * 1e6);
    else if (IS("loss")) impairment->loss = number / 100;
    else if (IS("every")) impairment->every = (uint64_t)number;
    else if (IS("reorder")) impairment->reorder = number / 100;
    else if (IS("by")) impairment->reorder_by = (uint64_t)(number * 1e6);
    else if (IS("duplicate")) impairment->duplicate = number / 100;
    else if (IS("rate")) impairment->bytes_per_second = number * 1e6 / 8;
    else if (IS("queue")) impairment->queue_bytes = (uint64_t)(number * 1000);
    else if (IS("port")) impairment->port = (int)number;
    else return false;
#undef IS
    return true;
}

// --- Chance ---------------------------------------------------------------------------------------------------------

// SplitMix64: the same seed gives the same fate to the same frames. From 0 to 1.
static double chance(struct direction *direction) {
    uint64_t mixed = direction->random += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return (double)((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53;
}

// Draws only when there is something to decide, so that one parameter does not change the fate by another.
static bool happens(struct direction *direction, double share) { return share > 0 && chance(direction) < share; }

// --- The filter -----------------------------------------------------------------------------------------------------

static int word_at(const uint8_t *bytes) { return bytes[0] << 8 | bytes[1]; }

// The first fragment and whole packets have ports; extension headers of IPv6 are not walked.
static bool is_selected(const struct impairment *impairment, const uint8_t *frame, size_t length) {
    if (!impairment->protocol && !impairment->port) return true;
    if (length < ethernet_header + ipv4_minimum) return false;
    const uint8_t *packet = frame + ethernet_header;
    size_t left = length - ethernet_header, header;
    int protocol;
    switch (word_at(frame + 12)) {
    case type_ipv4:
        header = (size_t)(packet[0] & 15) * 4;
        protocol = packet[9];
        if (impairment->port && (word_at(packet + 6) & 0x1fff)) return false;
        break;
    case type_ipv6:
        header = ipv6_header;
        protocol = packet[6];
        break;
    default: return false;
    }
    if (impairment->protocol && protocol != impairment->protocol) return false;
    if (!impairment->port) return true;
    if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || left < header + 4) return false;
    return word_at(packet + header) == impairment->port || word_at(packet + header + 2) == impairment->port;
}

// --- The decision ---------------------------------------------------------------------------------------------------

static bool is_lost(struct direction *direction) {
    const struct impairment *impairment = &direction->impairment;
    uint64_t number = direction->counts.matched;
    if (impairment->every && number % impairment->every == 0) return true;
    if (impairment->drop_first && number >= impairment->drop_first && number <= impairment->drop_last) return true;
    return happens(direction, impairment->loss);
}

// The moment the last bit of the frame is through the bottleneck; false when its queue is full.
static bool passes_bottleneck(struct direction *direction, size_t length, uint64_t *moment) {
    double speed = direction->impairment.bytes_per_second;
    if (speed <= 0) return true;
    uint64_t begin = direction->busy_until > *moment ? direction->busy_until : *moment;
    double waiting = (double)(begin - *moment) * speed / 1e9;
    if (waiting + (double)length > (double)direction->impairment.queue_bytes) return false;
    *moment = direction->busy_until = begin + (uint64_t)((double)length * 1e9 / speed);
    return true;
}

static uint64_t delayed(struct direction *direction, uint64_t moment) {
    double delay = (double)direction->impairment.delay;
    if (direction->impairment.jitter) delay += (2 * chance(direction) - 1) * (double)direction->impairment.jitter;
    return moment + (uint64_t)(delay > 0 ? delay : 0);
}

struct verdict direction_judge(struct direction *direction, const uint8_t *frame, size_t length, uint64_t arrival) {
    struct counts *counts = &direction->counts;
    struct verdict verdict = {.copies = 1};
    bool is_held_back = false;
    counts->seen++;
    if (is_selected(&direction->impairment, frame, length)) {
        counts->matched++;
        if (is_lost(direction)) {
            counts->lost++;
            return (struct verdict){.copies = 0};
        }
        if (happens(direction, direction->impairment.duplicate)) verdict.copies = 2;
        is_held_back = happens(direction, direction->impairment.reorder);
    }
    int wanted = verdict.copies;
    verdict.copies = 0;
    while (verdict.copies < wanted) {
        uint64_t moment = arrival;
        if (!passes_bottleneck(direction, length, &moment)) {
            counts->overflowed++;
            break;
        }
        moment = delayed(direction, moment);
        // Jitter alone keeps the order. A frame that is held back does not hold up those behind it.
        if (is_held_back) moment += direction->impairment.reorder_by;
        else if (moment < direction->last_release) moment = direction->last_release;
        else direction->last_release = moment;
        verdict.release[verdict.copies++] = moment;
    }
    if (verdict.copies == 2) counts->duplicated++;
    if (verdict.copies > 0 && is_held_back) counts->reordered++;
    return verdict;
}
