/* A probe without a transducer: the library on a computer, over standard input and output (a pseudo-terminal, a pipe).
 *
 * What a firmware engineer copies is between the two lines of stars; below them is what stands in for USB and a clock.
 * Each sample says where it comes from: RF is 100 * frame + 8 * line + sample / 8, wrapped to 10 bits, so a test can
 * check every one of them. Line 3 of every fifth frame is dead; every other sweep goes backwards.
 *
 * Options: --seq N (number of the first message after SET), --frame N (of the first sweep), --alternate 0, --hot N
 * (frames until the board is too warm), --press N (frames until its button is pressed), --pulses FILE (a line of
 * microseconds for every sweep that was fired, for the tests of the watchdog).
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../eop1.h"

enum { LINES = 32, SAMPLES = 256, RING = 8, LINE_US = 200, MEMORY = 24576 };

struct probe {
    struct eop1_device device;
    uint8_t memory[MEMORY];
    struct eop1_settings settings;
    struct kept { struct eop1_sweep sweep; struct eop1_settings settings; } ring[RING];
    uint32_t next_frame, fired, first_seq;
    uint64_t fire_us;
    bool transmitting, alternate;
    uint32_t hot_after, press_after;
    FILE *pulses;
};

/****************************************** what a board must bring *************************************************/

static const uint8_t LIVE[] = {
    EOP1_ENVELOPE_U8_LOG, EOP1_ENVELOPE_U8_LINEAR, EOP1_ENVELOPE_U8_ALAW, EOP1_ENVELOPE_U16, EOP1_RF_I16,
    EOP1_RF_12_PACKED,    EOP1_RF_10_PACKED,       EOP1_IQ_I16,           EOP1_IQ_I8,
};
static const uint8_t FETCHED[] = {EOP1_RF_I16, EOP1_RF_12_PACKED, EOP1_RF_10_PACKED};
static const int32_t CENTRES_HZ[] = {3500000, 5000000};

static const struct eop1_capabilities CAPABILITIES = {
    .model = "synthetic",
    .serial = "SYN-0001",
    .firmware = "1.0",
    .simulated = true,
    .formats = LIVE,
    .format_count = sizeof LIVE,
    .fetch_formats = FETCHED,
    .fetch_format_count = sizeof FETCHED,
    .ring_frames = RING - 2,
    .max_lines = LINES,
    .max_samples = SAMPLES,
    .min_frame_interval_us = 20000,
    .max_pulse_rate_hz = 2000,
    .centre_hz = CENTRES_HZ,
    .centre_count = 2,
    .gain_low_db = -10,
    .gain_high_db = 30,
    .link_bytes_s = 800000,
    .temperature_limit_c = 43,
    .battery_limit_percent = 5,
    .more = "\"modes\":[\"B\",\"M\"],\"buttons\":[\"freeze\"]",
    .usual = {EOP1_ENVELOPE_U8_LOG, LINES, SAMPLES, 4000000, 10000, 100000, 0, 3500000, 60},
};

static void transmit(void *context, bool on) {
    struct probe *probe = context;
    probe->transmitting = on;
    probe->fire_us = 0;
}

/* This board samples at one rate from one moment on. */
static void plan(void *context, struct eop1_settings *settings) {
    (void)context;
    settings->rate_hz = CAPABILITIES.usual.rate_hz;
    settings->first_sample_ns = CAPABILITIES.usual.first_sample_ns;
}

static void apply(void *context, const struct eop1_settings *settings) {
    struct probe *probe = context;
    probe->settings = *settings;
    if (probe->first_seq) probe->device.next_seq = probe->first_seq;
    probe->first_seq = 0;
}

/* A sector of 60 degrees about a point 10 mm behind the skin. */
static void place(void *context, const struct eop1_settings *settings, int32_t line, struct eop1_place *at) {
    (void)context;
    at->angle_mdeg = settings->lines > 1 ? -30000 + 60000 * line / (settings->lines - 1) : 0;
    at->origin_z_um = -10000;
}

static int32_t rf(uint32_t frame, int32_t line, int32_t sample) {
    return (int32_t)((100 * frame + 8 * (uint32_t)line + (uint32_t)sample / 8) % 1024) - 512;
}

/* The same number in whatever form was asked for; an envelope has no sign. */
static void code(int32_t format, int32_t value, int32_t sample, uint8_t *out) {
    uint32_t level = (uint32_t)(value + 512) / 4;
    switch (format) {
    case EOP1_RF_I16: out += 2 * sample; out[0] = (uint8_t)value; out[1] = (uint8_t)(value >> 8); break;
    case EOP1_ENVELOPE_U16: out += 2 * sample; out[0] = (uint8_t)(257 * level); out[1] = (uint8_t)level; break;
    case EOP1_IQ_I8: out += 2 * sample; out[0] = (uint8_t)(value / 4); out[1] = (uint8_t)(-value / 4); break;
    case EOP1_IQ_I16:
        out += 4 * sample;
        out[0] = (uint8_t)value, out[1] = (uint8_t)(value >> 8);
        out[2] = (uint8_t)-value, out[3] = (uint8_t)(-value >> 8);
        break;
    default: out[sample] = (uint8_t)level;
    }
}

static bool line(void *context, const struct eop1_sweep *sweep, const struct eop1_settings *settings, int32_t number,
                 struct eop1_place *at, uint32_t *after_us, uint8_t *samples) {
    int16_t values[SAMPLES];
    (void)context, (void)at;
    *after_us = (uint32_t)number * LINE_US;
    if (number == 3 && sweep->frame_id % 5 == 4) return false;
    for (int32_t i = 0; i < settings->samples; i++) values[i] = (int16_t)rf(sweep->frame_id, number, i);
    if (settings->format == EOP1_RF_12_PACKED) eop1_pack_12(values, settings->samples, samples);
    else if (settings->format == EOP1_RF_10_PACKED) eop1_pack_10(values, settings->samples, samples);
    else for (int32_t i = 0; i < settings->samples; i++) code(settings->format, values[i], i, samples);
    return true;
}

static bool recall(void *context, uint32_t frame_id, struct eop1_sweep *sweep, struct eop1_settings *settings) {
    const struct probe *probe = context;
    uint32_t age = probe->next_frame - frame_id;
    if (age < 1 || age > RING - 2 || age > probe->fired) return false;
    const struct kept *kept = &probe->ring[frame_id % RING];
    int32_t format = settings->format;
    *sweep = kept->sweep;
    *settings = kept->settings; /* as it was fired, whatever is in force now; but every sample, in the format asked for */
    settings->format = format;
    settings->log_range_db = 0;
    settings->samples = SAMPLES;
    return sweep->frame_id == frame_id;
}

static void sensors(void *context, struct eop1_sensors *found) {
    const struct probe *probe = context;
    found->battery_percent = 80;
    found->temperature_c = probe->hot_after && probe->fired >= probe->hot_after ? 44 : 31;
}

/* What a timer's interrupt does on a board: fire a sweep when it is due and allowed, and hand it over when it is whole. */
static void fire(struct probe *probe, uint64_t now_us) {
    if (!probe->transmitting || now_us < probe->fire_us || !eop1_may_fire(&probe->device)) return;
    struct kept *kept = &probe->ring[probe->next_frame % RING];
    struct eop1_sweep *sweep = &kept->sweep;
    kept->settings = probe->settings;
    probe->fire_us = (probe->fire_us ? probe->fire_us : now_us) + (uint64_t)probe->settings.frame_interval_us;
    sweep->frame_id = probe->next_frame++;
    sweep->t_us = now_us;
    sweep->duration_us = (uint32_t)probe->settings.lines * LINE_US;
    sweep->backward = probe->alternate && sweep->frame_id % 2;
    probe->fired++;
    if (probe->pulses) fprintf(probe->pulses, "%llu\n", (unsigned long long)now_us), fflush(probe->pulses);
    eop1_frame_ready(&probe->device, sweep);
    if (probe->press_after && probe->fired == probe->press_after) eop1_button(&probe->device, "freeze");
}

/****************************************** what stands in for a board **********************************************/

static size_t write_bytes(void *context, const uint8_t *bytes, size_t count) {
    (void)context;
    ssize_t taken = write(STDOUT_FILENO, bytes, count);
    return taken > 0 ? (size_t)taken : 0;
}

static uint64_t clock_us(void *context) {
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static const struct eop1_board BOARD = {
    .write = write_bytes, .clock_us = clock_us, .transmit = transmit, .plan = plan, .apply = apply,
    .place = place, .line = line, .recall = recall, .sensors = sensors,
};

static void options(struct probe *probe, int count, char **words) {
    for (int i = 1; i + 1 < count; i += 2) {
        uint32_t number = (uint32_t)strtoul(words[i + 1], NULL, 10);
        if (!strcmp(words[i], "--seq")) probe->first_seq = number;
        else if (!strcmp(words[i], "--frame")) probe->next_frame = number;
        else if (!strcmp(words[i], "--alternate")) probe->alternate = number;
        else if (!strcmp(words[i], "--hot")) probe->hot_after = number;
        else if (!strcmp(words[i], "--press")) probe->press_after = number;
        else if (!strcmp(words[i], "--pulses")) probe->pulses = fopen(words[i + 1], "w");
    }
}

int main(int count, char **words) {
    static struct probe probe;
    static struct eop1_board board;
    uint8_t bytes[512];
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    probe.alternate = true;
    options(&probe, count, words);
    board = BOARD;
    board.context = &probe;
    if (!eop1_init(&probe.device, &board, &CAPABILITIES, probe.memory, sizeof probe.memory)) return 2;
    fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
    for (;;) {
        poll(&input, 1, 2);
        if (input.revents & POLLIN) {
            ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
            if (got > 0) eop1_receive(&probe.device, bytes, (size_t)got);
            else if (got == 0) return 0; /* a pipe's end; on a terminal the host may come again */
        } else if (input.revents & POLLHUP) {
            eop1_disconnect(&probe.device);
            nanosleep(&(struct timespec){0, 10000000}, NULL);
        }
        fire(&probe, clock_us(NULL));
        eop1_poll(&probe.device);
    }
}
