#include "internal.h"

static const uint64_t WATCHDOG_US = 2000000;
static const uint64_t STATUS_US = 1000000;
static const uint64_t STALL_US = 500000; /* a message that has begun and gets no further is given up */

uint64_t eop1_now_us(const struct eop1_device *device) { return device->board->clock_us(device->board->context); }

size_t eop1_least_memory(const struct eop1_capabilities *caps) {
    size_t longest = 0;
    for (size_t i = 0; i < caps->format_count + caps->fetch_format_count; i++) {
        uint8_t format = i < caps->format_count ? caps->formats[i] : caps->fetch_formats[i - caps->format_count];
        size_t bytes = eop1_line_bytes(format, caps->max_samples);
        longest = bytes > longest ? bytes : longest;
    }
    return EOP1_HEADER_BYTES + EOP1_ROW_BYTES + longest + eop1_reserve(caps);
}

bool eop1_init(struct eop1_device *device, const struct eop1_board *board, const struct eop1_capabilities *caps,
               uint8_t *memory, size_t memory_bytes) {
    bool hold = eop1_caps_hold(caps) && memory_bytes >= eop1_least_memory(caps) &&
                eop1_least_memory(caps) - eop1_reserve(caps) <= EOP1_HEADER_BYTES + EOP1_MAX_PAYLOAD;
    struct eop1_writer w = {(char *)memory, (char *)memory + memory_bytes, false};
    struct eop1_text members, key, value;
    *device = (struct eop1_device){0};
    if (!hold) return false;
    eop1_write(&w, "{");
    eop1_write(&w, caps->more);
    eop1_write(&w, "}");
    if (w.full || !eop1_json_object(memory, (size_t)(w.at - (char *)memory), &members)) return false;
    for (hold = false; !hold && eop1_json_next(&members, &key, &value);) hold = eop1_json_is(key, "modes");
    if (!hold) return false;
    device->board = board;
    device->caps = caps;
    device->out = memory;
    device->out_size = memory_bytes;
    device->budget_bytes_s = caps->link_bytes_s;
    return true;
}

bool eop1_may_fire(const struct eop1_device *device) {
    return device->armed && eop1_now_us(device) - device->pinged_us < WATCHDOG_US;
}

/* Before anything else is done: a PING that comes too late must not bring back a consent that is over. */
static void watch(struct eop1_device *device) {
    if (device->armed && !eop1_may_fire(device)) eop1_disarm_because(device, "watchdog");
}

void eop1_disconnect(struct eop1_device *device) {
    if (!device->board) return;
    eop1_disarm(device);
    eop1_forget_jobs(device);
    device->state = EOP1_SILENT;
    device->out_start = device->out_end = 0;
    device->input_filled = 0;
    device->text_asked = false;
}

/* A byte outside of any message: perhaps a person at a terminal, who typed a question mark and return. */
static void skip(struct eop1_device *device, uint8_t byte) {
    bool asked = device->text_asked && (byte == '\n' || byte == '\r');
    device->text_asked = byte == '?';
    if (!asked || device->state == EOP1_STREAMING) return;
    const struct eop1_capabilities *c = device->caps;
    const char *const parts[] = {"EOP/1 ", c->model, " ", c->firmware, " ", c->serial, "\r\n"};
    struct eop1_writer w = {(char *)device->out + device->out_end, (char *)device->out + device->out_size, false};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) eop1_write(&w, parts[i]);
    if (!w.full) device->out_end = (size_t)(w.at - (char *)device->out);
}

/* Try what begins at the input's first byte: how many bytes are done with, 0 to wait for more. */
static size_t take(struct eop1_device *device) {
    struct eop1_header header;
    const uint8_t *bytes = device->input;
    size_t filled = device->input_filled;
    if (bytes[0] != 0xA5 || (filled > 1 && bytes[1] != 0x45)) {
        skip(device, bytes[0]);
        return 1;
    }
    if (filled < EOP1_HEADER_BYTES) return 0;
    if (!eop1_get_header(bytes, &header) || header.payload_bytes > EOP1_MAX_REQUEST) {
        device->damaged++;
        skip(device, bytes[0]);
        return 1;
    }
    if (filled < EOP1_HEADER_BYTES + header.payload_bytes) return 0;
    if (eop1_crc32(0, bytes + EOP1_HEADER_BYTES, header.payload_bytes) != header.payload_crc) {
        device->damaged++; /* bytes lost inside a payload would take the next message with them: look inside it */
        device->text_asked = false;
        return EOP1_HEADER_BYTES;
    }
    device->text_asked = false;
    eop1_obey(device, &header, bytes + EOP1_HEADER_BYTES);
    return EOP1_HEADER_BYTES + header.payload_bytes;
}

static void walk(struct eop1_device *device) {
    size_t done = 0, step = 1;
    while (step && device->input_filled) {
        step = take(device);
        done += step;
        device->input_filled -= step;
        eop1_copy(device->input, device->input + step, device->input_filled);
    }
    if (done) device->input_us = eop1_now_us(device);
}

void eop1_receive(struct eop1_device *device, const uint8_t *bytes, size_t count) {
    if (!device->board) return;
    watch(device);
    if (!device->input_filled) device->input_us = eop1_now_us(device);
    while (count) {
        size_t space = sizeof device->input - device->input_filled;
        size_t part = count < space ? count : space;
        eop1_copy(device->input + device->input_filled, bytes, part);
        device->input_filled += part;
        bytes += part;
        count -= part;
        walk(device);
    }
}

static void give_up_input(struct eop1_device *device, uint64_t now) {
    if (!device->input_filled || now - device->input_us < STALL_US) return;
    device->damaged++;
    device->input_filled--;
    eop1_copy(device->input, device->input + 1, device->input_filled);
    device->input_us = now;
    walk(device);
}

void eop1_poll(struct eop1_device *device) {
    if (!device->board) return;
    uint64_t now = eop1_now_us(device);
    watch(device);
    give_up_input(device, now);
    if (device->state != EOP1_SILENT && now - device->status_us >= STATUS_US) {
        const char *reason = device->armed ? eop1_unfit(device) : NULL;
        device->status_us = now;
        if (reason)
            eop1_disarm_because(device, reason);
        else
            eop1_send_status(device);
    }
    eop1_send(device);
}

void eop1_frame_ready(struct eop1_device *device, const struct eop1_sweep *sweep) {
    if (device->state != EOP1_STREAMING) return;
    bool stale = sweep->t_us < device->applied_us; /* its lines are not those that APPLIED told of */
    device->dropped += device->has_waiting || stale;
    if (stale) return;
    device->waiting = *sweep;
    device->has_waiting = true;
}

void eop1_frame_dropped(struct eop1_device *device) { device->dropped++; }

void eop1_button(struct eop1_device *device, const char *name) {
    if (device->state != EOP1_SILENT) eop1_send_event(device, "button", name);
}

void eop1_log(struct eop1_device *device, const char *text) {
    if (device->state == EOP1_SILENT) return;
    struct eop1_writer w = eop1_begin(device);
    eop1_write_text(&w, "\"text\":", text);
    eop1_end(device, EOP1_LOG, &w);
}

void eop1_fault(struct eop1_device *device, const char *name) {
    if (device->board && device->state != EOP1_SILENT) eop1_disarm_because(device, name);
}
