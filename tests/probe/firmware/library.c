/* What a board may get wrong, and what the library then does: each case is one check, in virtual time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../probe/firmware/internal.h"

static const uint8_t FORMATS[] = {EOP1_ENVELOPE_U8_LINEAR};
static const int32_t CENTRES[] = {3000000};
static uint64_t now_us = 5000000;
static uint8_t memory[8192], out[1 << 16];
static size_t out_count;
static struct eop1_device device;

#define HOLDS(what) ((what) ? (void)0 : fail(__LINE__, #what))

static void fail(int at, const char *what) {
    fprintf(stderr, "library.c:%d: %s\n", at, what);
    abort();
}

static size_t write_bytes(void *context, const uint8_t *bytes, size_t count) {
    (void)context;
    memcpy(out + out_count, bytes, count);
    out_count += count;
    return count;
}

static uint64_t clock_us(void *context) { (void)context; return now_us; }
static void transmit(void *context, bool on) { (void)context, (void)on; }
static void apply(void *context, const struct eop1_settings *settings) { (void)context, (void)settings; }

static void place(void *context, const struct eop1_settings *settings, int32_t number, struct eop1_place *at) {
    (void)context, (void)settings, (void)number, (void)at;
}

static bool line(void *context, const struct eop1_sweep *sweep, const struct eop1_settings *settings, int32_t number,
                 struct eop1_place *at, uint32_t *after_us, uint8_t *samples) {
    (void)context, (void)number, (void)at, (void)after_us;
    memset(samples, (int)sweep->frame_id, (size_t)settings->samples);
    return true;
}

static const struct eop1_board BOARD = {
    .write = write_bytes, .clock_us = clock_us, .transmit = transmit, .apply = apply, .place = place, .line = line,
};

static struct eop1_capabilities capabilities(const char *more) {
    return (struct eop1_capabilities){
        .model = "m", .serial = "s", .firmware = "f", .formats = FORMATS, .format_count = 1, .max_lines = 4,
        .max_samples = 16, .min_frame_interval_us = 1000, .centre_hz = CENTRES, .centre_count = 1,
        .link_bytes_s = 100000, .battery_limit_percent = -1, .more = more,
        .usual = {EOP1_ENVELOPE_U8_LINEAR, 4, 16, 1000000, 0, 50000, 0, 3000000, 0},
    };
}

static void ask(uint8_t type, const char *body) {
    static uint32_t seq;
    uint8_t message[512];
    size_t count = strlen(body);
    struct eop1_header header = {.type = type, .seq = seq++, .payload_bytes = (uint32_t)count};
    memcpy(message + EOP1_HEADER_BYTES, body, count);
    eop1_put_header(message, &header, message + EOP1_HEADER_BYTES);
    eop1_receive(&device, message, EOP1_HEADER_BYTES + count);
}

/* How many blocks of lines were sent of a frame. */
static int lines_of(uint32_t frame_id) {
    int found = 0;
    for (size_t at = 0; at + EOP1_HEADER_BYTES <= out_count;) {
        uint32_t length = out[at + 8] | (uint32_t)out[at + 9] << 8, frame = out[at + 16];
        found += out[at + 5] == EOP1_LINES && frame == frame_id;
        at += EOP1_HEADER_BYTES + length;
    }
    return found;
}

static void capabilities_without_modes_do_not_hold(void) {
    static const char *const wrong[] = {"", "\"mode\":[\"B\"]", "\"modes\":", "\"modes\":[\"B\"],", "modes", NULL};
    struct eop1_capabilities caps;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        caps = capabilities(wrong[i]);
        HOLDS(!eop1_init(&device, &BOARD, &caps, memory, sizeof memory));
    }
    caps = capabilities("\"buttons\":[\"freeze\"],\"modes\":[\"B\"]");
    HOLDS(eop1_init(&device, &BOARD, &caps, memory, sizeof memory));
}

static void a_sweep_of_other_settings_is_never_sent_as_one_of_these(void) {
    static struct eop1_capabilities caps;
    caps = capabilities("\"modes\":[\"B\"]");
    HOLDS(eop1_init(&device, &BOARD, &caps, memory, sizeof memory));
    ask(EOP1_HELLO, "{\"versions\":[1]}");
    ask(EOP1_SET_REQUEST, "{}");
    ask(EOP1_START, "{\"armed\":true}");
    HOLDS(device.state == EOP1_STREAMING);
    struct eop1_sweep begun = {.frame_id = 7, .t_us = now_us};
    now_us += 1000;
    ask(EOP1_SET_REQUEST, "{\"lines\":2}"); /* while the sweep is being made */
    now_us += 1000;
    eop1_frame_ready(&device, &begun);
    eop1_frame_ready(&device, &(struct eop1_sweep){.frame_id = 8, .t_us = now_us});
    eop1_poll(&device);
    eop1_poll(&device);
    HOLDS(lines_of(7) == 0);
    HOLDS(lines_of(8) == 1);
    HOLDS(device.dropped == 1);
}

int main(void) {
    capabilities_without_modes_do_not_hold();
    a_sweep_of_other_settings_is_never_sent_as_one_of_these();
    return 0;
}
