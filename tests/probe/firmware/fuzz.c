/* Throws bytes at the device library in virtual time, and holds it to its word: fuzz SEED ROUNDS.
 *
 * A round is one piece from a host that is broken in some way: random bytes, a request, a request with damaged bytes,
 * a request whose damage is hidden behind true CRCs, a torn one, half of JSON. After each the board lives on for a
 * while. Checked: no answer but whole messages and text lines; settings within the limits; no consent without START,
 * none for two seconds after the last PING; and in every fiftieth round that a true HELLO is heard after all that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../probe/firmware/internal.h"

enum { LINES = 16, SAMPLES = 64 };

static const uint8_t FORMATS[] = {0x21, 0x01, 0x02, 0x03, 0x10, 0x11, 0x23};
static const int32_t CENTRES[] = {2000000, 5000000};
static const struct eop1_capabilities CAPS = {
    .model = "fuzzed", .serial = "F", .firmware = "0", .simulated = true, .formats = FORMATS,
    .format_count = sizeof FORMATS, .fetch_formats = FORMATS + 1, .fetch_format_count = 3, .ring_frames = 2,
    .max_lines = LINES, .max_samples = SAMPLES, .min_frame_interval_us = 20000, .max_pulse_rate_hz = 300,
    .centre_hz = CENTRES, .centre_count = 2, .gain_low_db = -5, .gain_high_db = 25, .link_bytes_s = 100000,
    .temperature_limit_c = 43, .battery_limit_percent = 5, .more = "\"modes\":[\"B\"]",
    .usual = {0x21, LINES, SAMPLES, 4000000, 10000, 50000, 0, 2000000, 60},
};

static uint64_t state, now_us, consent_us;
static bool on, consented, deaf;
static struct eop1_device device;
static uint8_t out[1 << 16];
static size_t out_count;
static int32_t warm;

#define HOLDS(what) ((what) ? (void)0 : fail(__LINE__, #what))

static void fail(int at, const char *what) {
    fprintf(stderr, "fuzz.c:%d: %s\n", at, what);
    abort();
}

static uint32_t any(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state * 0x2545F4914F6CDD1DULL) >> 33) % below;
}

static size_t write_bytes(void *context, const uint8_t *bytes, size_t count) {
    (void)context;
    size_t taken = deaf ? 0 : any(4) ? count : any((uint32_t)count + 1);
    taken = taken < sizeof out - out_count ? taken : sizeof out - out_count;
    memcpy(out + out_count, bytes, taken);
    out_count += taken;
    return taken;
}

static uint64_t clock_us(void *context) { (void)context; return now_us; }

static void transmit(void *context, bool wanted) {
    (void)context;
    HOLDS(wanted != on);
    HOLDS(!wanted || (consented && warm < CAPS.temperature_limit_c));
    on = wanted;
}

static void apply(void *context, const struct eop1_settings *s) {
    (void)context;
    HOLDS(s->lines >= 1 && s->lines <= LINES && s->samples >= 1 && s->samples <= SAMPLES);
    HOLDS(s->frame_interval_us >= CAPS.min_frame_interval_us);
    HOLDS((int64_t)s->lines * 1000000 <= (int64_t)CAPS.max_pulse_rate_hz * s->frame_interval_us);
    HOLDS(s->gain_db >= CAPS.gain_low_db && s->gain_db <= CAPS.gain_high_db);
    HOLDS(s->centre_hz == CENTRES[0] || s->centre_hz == CENTRES[1]);
    HOLDS(memchr(FORMATS, s->format, sizeof FORMATS));
    HOLDS((s->format == 0x21) == (s->log_range_db > 0));
    /* as 5 * bytes * 10^6 <= 4 * budget * interval */
    HOLDS(5000000.0 * eop1_frame_bytes(s->format, s->lines, s->samples) <= 4.0 * 100000 * s->frame_interval_us + 4e5);
}

static void place(void *context, const struct eop1_settings *settings, int32_t line, struct eop1_place *at) {
    (void)context;
    HOLDS(line >= 0 && line < settings->lines);
    at->angle_mdeg = (int32_t)any(720000) - 360000;
    at->origin_x_um = INT32_MIN;
}

static bool line(void *context, const struct eop1_sweep *sweep, const struct eop1_settings *settings, int32_t number,
                 struct eop1_place *at, uint32_t *after_us, uint8_t *samples) {
    (void)context, (void)sweep, (void)at;
    HOLDS(number >= 0 && number < settings->lines);
    *after_us = any(1000);
    memset(samples, 0xA5, eop1_line_bytes(settings->format, settings->samples));
    return any(8) != 0;
}

static bool recall(void *context, uint32_t frame_id, struct eop1_sweep *sweep, struct eop1_settings *settings) {
    (void)context;
    sweep->frame_id = frame_id;
    settings->samples = any(9) ? SAMPLES : SAMPLES + 1; /* a board that is wrong is refused, not followed */
    return frame_id < 5;
}

static void sensors(void *context, struct eop1_sensors *found) { (void)context; found->temperature_c = warm; }

static const struct eop1_board BOARD = {
    NULL, write_bytes, clock_us, transmit, NULL, apply, place, line, recall, sensors,
};

static uint32_t get32(const uint8_t *b) {
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void put32(uint8_t *b, uint32_t value) {
    for (int i = 0; i < 4; i++) b[i] = (uint8_t)(value >> (8 * i));
}

/* Eat the whole messages and text lines of what was written; whether a message of a type was among them. */
static bool heard(uint8_t type) {
    size_t at = 0;
    bool found = false;
    while (out_count - at >= 48) {
        const uint8_t *m = out + at;
        if (m[0] == 'E') {
            const uint8_t *end = memchr(m, '\n', out_count - at);
            HOLDS(end && !memcmp(m, "EOP/1 fuzzed 0 F\r\n", 18));
            at += 18;
            continue;
        }
        HOLDS(!memcmp(m, "\xA5" "EO1\x01", 5) && get32(m + 8) <= EOP1_MAX_PAYLOAD);
        HOLDS(get32(m + 44) == eop1_crc32(0, m, 44));
        if (out_count - at < 48 + (size_t)get32(m + 8)) break;
        HOLDS(get32(m + 40) == eop1_crc32(0, m + 48, get32(m + 8)));
        HOLDS(!(m[6] & 2) || consented);
        found = found || m[5] == type;
        at += 48 + get32(m + 8);
    }
    memmove(out, out + at, out_count - at);
    out_count -= at;
    return found;
}

static size_t request(uint8_t *bytes, uint8_t type, const char *text, size_t length) {
    memset(bytes, 0, 48);
    memcpy(bytes, "\xA5" "EO1\x01", 5);
    bytes[5] = type;
    put32(bytes + 8, (uint32_t)length);
    put32(bytes + 12, any(1u << 30));
    memcpy(bytes + 48, text, length);
    return 48 + length;
}

static void seal(uint8_t *bytes, size_t count) {
    put32(bytes + 8, (uint32_t)count - 48);
    put32(bytes + 40, eop1_crc32(0, bytes + 48, count - 48));
    put32(bytes + 44, eop1_crc32(0, bytes, 44));
}

static const char *const BODIES[] = {
    "{\"versions\":[1],\"formats\":[33,1],\"max_bytes_s\":50000}", "{\"versions\":[2,1]}", "", "{}",
    "{\"format\":33,\"lines\":9,\"samples\":50,\"rate_hz\":4000000,\"first_sample_ns\":-5,\"frame_interval_us\":1}",
    "{\"gain_db\":-200,\"centre_hz\":3500000,\"log_range_db\":0,\"max_bytes_s\":1,\"x\":{\"y\":[1,\"\\u00e9\\n\"]}}",
    "{\"format\":3,\"lines\":1024,\"gain_db\":null}", "{\"armed\":true}", "{\"armed\":1}", "{\"frame\":3,\"format\":2}",
    "{\"frame\":4294967295,\"format\":1}", "{\"blocks\":5,\"bytes\":700}", "{\"blocks\":1,\"bytes\":65536}",
    "{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}", "[1]", "{\"lines\":1.5e3}", "{\"lines\":12345678901234567890}",
};
static const uint8_t TYPES[] = {1, 3, 5, 6, 9, 12, 31, 2, 16, 200};

static void send(const uint8_t *bytes, size_t count) {
    while (count) {
        size_t part = any(3) ? count : 1 + any((uint32_t)count);
        eop1_receive(&device, bytes, part);
        bytes += part;
        count -= part;
    }
}

/* The parser alone, on a piece of memory that ends where the text ends, so that a step too far is seen. */
static void parse_exactly(const uint8_t *bytes, size_t count) {
    uint8_t *exact = malloc(count ? count : 1);
    struct eop1_text members, key, value, element;
    memcpy(exact, bytes, count);
    if (eop1_json_object(exact, count, &members))
        while (eop1_json_next(&members, &key, &value)) {
            HOLDS(key.at <= key.end && key.end < value.at && value.at < value.end);
            HOLDS(value.end <= (const char *)exact + count);
            while (*value.at == '[' && eop1_json_element(&value, &element)) HOLDS(element.end <= value.end);
        }
    free(exact);
}

static bool says_true(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i + 4 <= count; i++)
        if (!memcmp(bytes + i, "true", 4)) return true;
    return false;
}

static void strange_piece(void) {
    static uint8_t bytes[4096];
    size_t count = 0;
    const char *body = BODIES[any(sizeof BODIES / sizeof *BODIES)];
    uint8_t type = TYPES[any(sizeof TYPES)];
    uint32_t way = any(7);
    if (way == 0) {
        count = any(2000);
        for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)any(256);
    } else if (way == 1) {
        memcpy(bytes, any(2) ? "AT+GCAP\r" : "?\r\n", count = 3 + any(2));
    } else {
        count = request(bytes, type, body, strlen(body));
        uint32_t hits = way == 2 ? 0 : 1 + any(4);
        if (way >= 5) seal(bytes, count);
        for (uint32_t i = 0; i < hits; i++) {
            size_t from = way == 3 && count > 48 ? 48 : 0; /* behind the header only, then hidden by new CRCs */
            uint32_t strange = any(2) ? any(256) : (uint8_t) "{}[]\",:0"[any(8)];
            bytes[from + any((uint32_t)(count - from))] = (uint8_t)strange;
        }
        if (way == 3) count += any(3) ? 0 : any(1200);
        if (way <= 3) seal(bytes, count);
        if (way == 6) count = any((uint32_t)count + 1);
        consented = consented || ((type == 5 || bytes[5] == 5) && says_true(bytes, count));
        if (count >= 48) parse_exactly(bytes + 48, count - 48);
        if (type == 5 || type == 9 || bytes[5] == 5 || bytes[5] == 9) consent_us = now_us;
    }
    send(bytes, count);
}

static void live_on(uint32_t milliseconds) {
    for (uint32_t passed = 0; passed < milliseconds; passed += 5) {
        if (device.input_filled) consent_us = now_us; /* there may be one among what has not been read to its end */
        now_us += 5000;
        if (now_us - consent_us >= 2000000) HOLDS(!eop1_may_fire(&device));
        if (on && any(4) == 0 && eop1_may_fire(&device)) {
            struct eop1_sweep sweep = {any(8), now_us, 3000, any(2)};
            eop1_frame_ready(&device, &sweep);
        }
        eop1_poll(&device);
        HOLDS(device.armed == on);
        if (now_us - consent_us >= 2000000) HOLDS(!on);
        heard(0);
    }
}

static void hello_is_heard(void) {
    static uint8_t bytes[512];
    bool caps = false;
    deaf = false;
    live_on(2000); /* whatever was begun is given up */
    /* a message whose end is lost does not take the next one with it */
    size_t torn = request(bytes, 3, BODIES[4], strlen(BODIES[4]));
    seal(bytes, torn);
    torn = any(2) ? 1 + any((uint32_t)torn - 1) : 0;
    size_t count = torn + request(bytes + torn, 1, BODIES[0], strlen(BODIES[0]));
    seal(bytes + torn, count - torn);
    send(bytes, count);
    for (int i = 0; i < 200 && !caps; i++) {
        now_us += 5000;
        eop1_poll(&device);
        caps = heard(2);
    }
    HOLDS(caps && !on && device.state == EOP1_KNOWN);
    consented = false;
}

int main(int count, char **words) {
    uint32_t rounds = count > 2 ? (uint32_t)strtoul(words[2], NULL, 10) : 1000;
    state = count > 1 ? strtoull(words[1], NULL, 10) * 0x9E3779B97F4A7C15ULL + 1 : 1;
    size_t memory_bytes = eop1_least_memory(&CAPS) + any(2000);
    uint8_t *memory = malloc(memory_bytes);
    HOLDS(eop1_init(&device, &BOARD, &CAPS, memory, memory_bytes));
    for (uint32_t i = 0; i < rounds; i++) {
        strange_piece();
        warm = any(6) ? 30 : 50;
        deaf = any(30) ? deaf : !deaf;
        if (any(5)) live_on(any(4) ? 5 : any(300));
        if (any(300) == 0) eop1_button(&device, "freeze");
        if (any(500) == 0) eop1_fault(&device, "motor");
        if (any(300) == 0) eop1_log(&device, "hello \"there\"");
        if (any(400) == 0) { eop1_disconnect(&device); HOLDS(!on); out_count = 0; }
        if (i % 50 == 49) hello_is_heard();
    }
    printf("%u rounds, %llu s of the board's life, %u damaged, %u unsent\n", rounds,
           (unsigned long long)(now_us / 1000000), device.damaged, device.unsent);
    free(memory);
    return 0;
}
