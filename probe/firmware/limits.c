#include "internal.h"

#define SETTING(name, low, high) {#name, low, high, offsetof(struct eop1_settings, name)}

/* Every key of SET but the last is a member of the settings, within these limits of the protocol. */
static const struct key {
    const char *name;
    int32_t low, high;
    size_t offset;
} KEYS[] = {
    SETTING(format, 1, 255),
    SETTING(lines, 1, EOP1_MAX_LINES),
    SETTING(samples, 1, EOP1_MAX_SAMPLES),
    SETTING(rate_hz, 1, 1000000000),
    SETTING(first_sample_ns, -INT32_MAX, INT32_MAX),
    SETTING(frame_interval_us, 1, INT32_MAX),
    SETTING(gain_db, -200, 200),
    SETTING(centre_hz, 0, INT32_MAX),
    SETTING(log_range_db, 0, 200),
    {"max_bytes_s", 0, INT32_MAX, sizeof(struct eop1_settings)},
};
enum { FORMAT, LINES, SAMPLES, RATE_HZ, FIRST_NS, INTERVAL_US, GAIN_DB, CENTRE_HZ, RANGE_DB, BYTES_S, COUNT };

static const uint64_t MOST_FRAME_BYTES = 32u << 20;

static int32_t between(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

static int32_t member(const struct eop1_settings *settings, int key) {
    return *(const int32_t *)(const void *)((const char *)settings + KEYS[key].offset);
}

bool eop1_offers(const uint8_t *formats, size_t count, int64_t format) {
    for (size_t i = 0; i < count; i++) if (formats[i] == format) return true;
    return false;
}

static bool all_known(const uint8_t *formats, size_t count) {
    for (size_t i = 0; i < count; i++) if (!eop1_line_bytes(formats[i], 1)) return false;
    return true;
}

bool eop1_caps_hold(const struct eop1_capabilities *caps) {
    const struct eop1_capabilities *c = caps;
    return c->model && c->serial && c->firmware && c->more && c->format_count && c->centre_count &&
           all_known(c->formats, c->format_count) && all_known(c->fetch_formats, c->fetch_format_count) &&
           c->max_lines >= 1 && c->max_lines <= EOP1_MAX_LINES && c->max_samples >= 1 &&
           c->max_samples <= EOP1_MAX_SAMPLES && c->min_frame_interval_us >= 1 && c->max_pulse_rate_hz >= 0 &&
           c->link_bytes_s >= 1000 && eop1_settings_hold(c, c->formats, c->format_count, &c->usual);
}

static int key_index(struct eop1_text key) {
    int index = 0;
    while (index < COUNT && !eop1_json_is(key, KEYS[index].name)) index++;
    return index;
}

bool eop1_is_setting(struct eop1_text key) { return key_index(key) < COUNT; }

static bool read(struct eop1_text members, int32_t *asked, bool *given) {
    struct eop1_text key, value;
    while (eop1_json_next(&members, &key, &value)) {
        int64_t number = 0;
        int index = key_index(key);
        if (index == COUNT) continue;
        given[index] = !eop1_json_is(value, "null");
        if (given[index] && !eop1_json_integer(value, KEYS[index].low, KEYS[index].high, &number)) return false;
        asked[index] = (int32_t)number;
    }
    if (given[FORMAT] && !eop1_line_bytes(asked[FORMAT], 1)) return false;
    return given[SAMPLES] == given[RATE_HZ] && given[RATE_HZ] == given[FIRST_NS]; /* a window is given whole */
}

static int32_t nearest_centre(const struct eop1_capabilities *caps, int32_t wanted) {
    int32_t best = caps->centre_hz[0];
    for (size_t i = 1; i < caps->centre_count; i++) {
        int64_t off = (int64_t)caps->centre_hz[i] - wanted, least = (int64_t)best - wanted;
        if ((off < 0 ? -off : off) < (least < 0 ? -least : least)) best = caps->centre_hz[i];
    }
    return best;
}

bool eop1_read_settings(const struct eop1_capabilities *caps, struct eop1_text members, struct eop1_settings *settings,
                        int32_t *max_bytes_s) {
    int32_t asked[COUNT] = {0};
    bool given[COUNT] = {false};
    if (!read(members, asked, given)) return false;
    *settings = caps->usual;
    if (eop1_offers(caps->formats, caps->format_count, asked[FORMAT])) settings->format = asked[FORMAT];
    if (given[LINES]) settings->lines = between(asked[LINES], 1, caps->max_lines);
    if (given[SAMPLES]) {
        settings->samples = between(asked[SAMPLES], 1, caps->max_samples);
        settings->rate_hz = asked[RATE_HZ];
        settings->first_sample_ns = asked[FIRST_NS];
    }
    if (given[INTERVAL_US])
        settings->frame_interval_us = between(asked[INTERVAL_US], caps->min_frame_interval_us, INT32_MAX);
    if (given[GAIN_DB]) settings->gain_db = between(asked[GAIN_DB], caps->gain_low_db, caps->gain_high_db);
    if (given[CENTRE_HZ]) settings->centre_hz = nearest_centre(caps, asked[CENTRE_HZ]);
    if (given[RANGE_DB] && asked[RANGE_DB]) settings->log_range_db = asked[RANGE_DB];
    *max_bytes_s = asked[BYTES_S];
    return true;
}

void eop1_write_values(struct eop1_writer *writer, const struct eop1_settings *settings) {
    for (int key = FORMAT; key < BYTES_S; key++) {
        eop1_write_text(writer, ",", KEYS[key].name);
        eop1_write_number(writer, ":", member(settings, key));
    }
}

bool eop1_settings_hold(const struct eop1_capabilities *caps, const uint8_t *formats, size_t format_count,
                        const struct eop1_settings *settings) {
    for (int key = FORMAT; key < BYTES_S; key++)
        if (member(settings, key) != between(member(settings, key), KEYS[key].low, KEYS[key].high)) return false;
    return eop1_offers(formats, format_count, settings->format) && settings->lines <= caps->max_lines &&
           settings->samples <= caps->max_samples && settings->frame_interval_us >= caps->min_frame_interval_us &&
           settings->gain_db >= caps->gain_low_db && settings->gain_db <= caps->gain_high_db &&
           settings->centre_hz == nearest_centre(caps, settings->centre_hz) &&
           (uint64_t)settings->lines * eop1_line_bytes(settings->format, settings->samples) <= MOST_FRAME_BYTES;
}

static uint64_t divided(uint64_t whole, uint64_t part) { return part ? (whole + part - 1) / part : UINT64_MAX; }

void eop1_fit_interval(const struct eop1_capabilities *caps, int32_t budget_bytes_s, struct eop1_settings *settings) {
    uint64_t bytes = eop1_frame_bytes(settings->format, settings->lines, settings->samples);
    uint64_t link = divided(bytes * 1000000, (uint64_t)budget_bytes_s * 4 / 5);
    uint64_t rate = (uint64_t)caps->max_pulse_rate_hz;
    uint64_t pulses = rate ? divided((uint64_t)settings->lines * 1000000, rate) : 0;
    uint64_t least = link > pulses ? link : pulses;
    if (least > INT32_MAX) least = INT32_MAX;
    if (settings->frame_interval_us < (int32_t)least) settings->frame_interval_us = (int32_t)least;
}
