#include "internal.h"

enum { BLOCKS_AT_ONCE = 8 }; /* a board that takes everything must still come back to its main loop */

size_t eop1_reserve(const struct eop1_capabilities *caps) { return 1024 + 36 * (size_t)caps->max_lines; }

static bool drained(const struct eop1_device *device) { return device->out_start == device->out_end; }

static uint16_t flags(const struct eop1_device *device) {
    return (uint16_t)((device->armed ? EOP1_ARMED : 0) | (device->caps->simulated ? EOP1_SIMULATED : 0) |
                      device->session << 8);
}

/* The payload of the next message lies behind its header; everything that waits is moved to the front. */
static uint8_t *payload(struct eop1_device *device) {
    if (device->out_start) {
        eop1_copy(device->out, device->out + device->out_start, device->out_end - device->out_start);
        device->out_end -= device->out_start;
        device->out_start = 0;
    }
    return device->out + device->out_end + EOP1_HEADER_BYTES;
}

static size_t room(const struct eop1_device *device) {
    size_t used = device->out_end - device->out_start + EOP1_HEADER_BYTES;
    return used < device->out_size ? device->out_size - used : 0;
}

static void finish(struct eop1_device *device, struct eop1_header *header, size_t bytes) {
    uint8_t *message = device->out + device->out_end;
    header->payload_bytes = (uint32_t)bytes;
    header->seq = device->next_seq++;
    eop1_put_header(message, header, message + EOP1_HEADER_BYTES);
    device->out_end += EOP1_HEADER_BYTES + bytes;
}

struct eop1_writer eop1_begin(struct eop1_device *device) {
    size_t most = room(device);
    char *at = most ? (char *)payload(device) : NULL;
    struct eop1_writer writer = {at, at ? at + most : at, !most};
    eop1_write(&writer, "{");
    return writer;
}

static void end_as(struct eop1_device *device, struct eop1_header *header, const struct eop1_writer *writer) {
    struct eop1_writer w = *writer;
    eop1_write(&w, "}");
    size_t bytes = w.full ? 0 : (size_t)(w.at - (char *)(device->out + device->out_end + EOP1_HEADER_BYTES));
    if (w.full || bytes > EOP1_MAX_PAYLOAD)
        device->unsent++;
    else
        finish(device, header, bytes);
}

void eop1_end(struct eop1_device *device, uint8_t type, const struct eop1_writer *writer) {
    struct eop1_header header = {.type = type, .flags = flags(device)};
    end_as(device, &header, writer);
}

static void column(struct eop1_device *device, struct eop1_writer *w, const struct eop1_settings *settings,
                   int which) {
    for (int32_t line = 0; line < settings->lines; line++) {
        struct eop1_place at = {0, 0, 0};
        device->board->place(device->board->context, settings, line, &at);
        int32_t value = which == 0 ? at.angle_mdeg : which == 1 ? at.origin_x_um : at.origin_z_um;
        eop1_write_number(w, line ? "," : "[", value);
    }
    eop1_write(w, "]");
}

void eop1_write_settings(struct eop1_device *device, struct eop1_writer *w, const struct eop1_settings *settings) {
    eop1_write_values(w, settings);
    eop1_write(w, ",\"geometry\":{\"angle_mdeg\":");
    column(device, w, settings, 0);
    eop1_write(w, ",\"origin_x_um\":");
    column(device, w, settings, 1);
    eop1_write(w, ",\"origin_z_um\":");
    column(device, w, settings, 2);
    eop1_write(w, "}");
}

void eop1_acknowledge(struct eop1_device *device, uint32_t seq, const char *request) {
    struct eop1_writer w = eop1_begin(device);
    eop1_write_number(&w, "\"ok\":true,\"re\":", seq);
    eop1_write_text(&w, ",\"request\":", request);
    eop1_end(device, EOP1_ACK, &w);
}

void eop1_refuse(struct eop1_device *device, uint32_t seq, const char *request, const char *code, const char *text) {
    struct eop1_writer w = eop1_begin(device);
    eop1_write_number(&w, "\"ok\":false,\"re\":", seq);
    eop1_write_text(&w, ",\"request\":", request);
    eop1_write_text(&w, ",\"code\":", code);
    eop1_write_text(&w, ",\"text\":", text);
    eop1_end(device, EOP1_ACK, &w);
}

void eop1_send_status(struct eop1_device *device) {
    struct eop1_sensors sensors = {-1, INT32_MIN};
    if (device->board->sensors) device->board->sensors(device->board->context, &sensors);
    struct eop1_writer w = eop1_begin(device);
    eop1_write(&w, device->armed ? "\"armed\":true" : "\"armed\":false");
    eop1_write_number(&w, ",\"dropped\":", device->dropped & INT32_MAX);
    eop1_write_text(&w, ",\"state\":", device->state == EOP1_STREAMING ? "streaming" : "idle");
    if (sensors.battery_percent >= 0) eop1_write_number(&w, ",\"battery_percent\":", sensors.battery_percent);
    if (sensors.temperature_c != INT32_MIN) eop1_write_number(&w, ",\"temperature_c\":", sensors.temperature_c);
    eop1_end(device, EOP1_STATUS, &w);
}

void eop1_send_event(struct eop1_device *device, const char *event, const char *name) {
    struct eop1_writer w = eop1_begin(device);
    eop1_write_text(&w, "\"event\":", event);
    eop1_write_text(&w, ",\"name\":", name);
    eop1_end(device, EOP1_EVENT, &w);
}

void eop1_start_job(struct eop1_job *job, const struct eop1_sweep *sweep, const struct eop1_settings *settings,
                    bool fetched) {
    job->active = true;
    job->fetched = fetched;
    job->sweep = *sweep;
    job->settings = *settings;
    job->next_line = 0;
    for (size_t i = 0; i < sizeof job->dead; i++) job->dead[i] = 0;
}

static void describe(const struct eop1_device *device, const struct eop1_job *job, struct eop1_header *header) {
    *header = (struct eop1_header){0};
    header->flags = (uint16_t)(flags(device) | (job->sweep.backward ? EOP1_BACKWARD : 0) |
                               (job->fetched ? EOP1_FETCHED : 0));
    header->frame_id = job->sweep.frame_id;
    header->lines_in_frame = (uint16_t)job->settings.lines;
}

/* One line into its row and its samples; when it was fired, after the sweep's first line. */
static uint32_t put_line(struct eop1_device *device, struct eop1_job *job, uint8_t *row, uint8_t *samples,
                         uint32_t first) {
    const struct eop1_settings *s = &job->settings;
    int32_t line = job->next_line++;
    int32_t from_left = job->sweep.backward ? s->lines - 1 - line : line;
    struct eop1_place place = {0, 0, 0};
    uint32_t after_us = first;
    device->board->place(device->board->context, s, from_left, &place);
    if (!device->board->line(device->board->context, &job->sweep, s, line, &place, &after_us, samples)) {
        job->dead[line / 8] |= (uint8_t)(1u << line % 8);
        for (size_t i = 0; i < eop1_line_bytes(s->format, s->samples); i++) samples[i] = 0;
    }
    eop1_put32(row, (uint32_t)place.angle_mdeg);
    eop1_put32(row + 4, (uint32_t)place.origin_x_um);
    eop1_put32(row + 8, (uint32_t)place.origin_z_um);
    eop1_put32(row + 12, after_us > first ? after_us - first : 0);
    return after_us;
}

static void send_lines(struct eop1_device *device, struct eop1_job *job) {
    const struct eop1_settings *s = &job->settings;
    size_t line_bytes = eop1_line_bytes(s->format, s->samples);
    int32_t left = s->lines - job->next_line;
    int32_t count = eop1_block_lines(s->format, s->samples, room(device) - eop1_reserve(device->caps));
    uint8_t *rows = payload(device);
    struct eop1_header header;
    count = count < left ? count : left;
    describe(device, job, &header);
    header.type = EOP1_LINES;
    header.line = (uint16_t)job->next_line;
    header.time_zero_ns = s->first_sample_ns;
    header.samples = (uint16_t)s->samples;
    header.format = (uint8_t)s->format;
    header.lines_in_block = (uint8_t)count;
    uint8_t *samples = rows + (size_t)count * EOP1_ROW_BYTES;
    uint32_t first_us = put_line(device, job, rows, samples, 0);
    eop1_put32(rows + 12, 0);
    for (size_t i = 1; i < (size_t)count; i++)
        put_line(device, job, rows + i * EOP1_ROW_BYTES, samples + i * line_bytes, first_us);
    header.t_us = job->sweep.t_us + first_us;
    finish(device, &header, (size_t)count * (EOP1_ROW_BYTES + line_bytes));
}

static void send_frame_end(struct eop1_device *device, struct eop1_job *job) {
    struct eop1_header header;
    struct eop1_writer w = eop1_begin(device);
    const char *before = "";
    eop1_write_number(&w, "\"frame\":", job->sweep.frame_id);
    eop1_write_number(&w, ",\"lines\":", job->settings.lines);
    eop1_write_number(&w, ",\"dropped\":", device->dropped & INT32_MAX);
    eop1_write_number(&w, ",\"duration_us\":", job->sweep.duration_us & INT32_MAX);
    eop1_write(&w, ",\"dead\":[");
    for (int32_t line = 0; line < job->settings.lines; line++)
        if (job->dead[line / 8] >> line % 8 & 1) {
            eop1_write_number(&w, before, line);
            before = ",";
        }
    eop1_write(&w, "]");
    describe(device, job, &header);
    header.type = EOP1_FRAME_END;
    end_as(device, &header, &w);
    job->active = false;
}

static void send_pattern(struct eop1_device *device) {
    struct eop1_header header = {.type = EOP1_TESTPATTERN, .flags = flags(device), .frame_id = device->pattern_index};
    uint8_t *bytes = payload(device);
    for (uint32_t i = 0; i < device->pattern_bytes; i++) bytes[i] = (uint8_t)(device->pattern_index + i);
    device->pattern_index++;
    finish(device, &header, device->pattern_bytes);
}

/* The next piece of what is to be sent: a frame is never interrupted by another. */
static bool next(struct eop1_device *device) {
    struct eop1_job *job = device->live.active ? &device->live : device->fetch.active ? &device->fetch : NULL;
    if (job && job->next_line < job->settings.lines) {
        send_lines(device, job);
    } else if (job) {
        send_frame_end(device, job);
    } else if (device->stop_unanswered) {
        device->stop_unanswered = false;
        eop1_acknowledge(device, device->stop_seq, "STOP");
    } else if (device->has_waiting) {
        device->has_waiting = false;
        eop1_start_job(&device->live, &device->waiting, &device->settings, false);
        send_lines(device, &device->live);
    } else if (device->pattern_index < device->pattern_blocks) {
        send_pattern(device);
    } else {
        return false;
    }
    return true;
}

static void flush(struct eop1_device *device) {
    while (!drained(device)) {
        size_t waiting = device->out_end - device->out_start;
        size_t taken = device->board->write(device->board->context, device->out + device->out_start, waiting);
        if (!taken) return;
        device->out_start += taken < waiting ? taken : waiting;
    }
    device->out_start = device->out_end = 0;
}

void eop1_send(struct eop1_device *device) {
    flush(device);
    for (int i = 0; i < BLOCKS_AT_ONCE && drained(device) && next(device); i++) flush(device);
}
