#include "internal.h"

enum { MOST_IGNORED = 16, LONGEST_IGNORED = 40, USUAL_LOG_RANGE_DB = 60 };

static const char BAD[] = "The request does not hold";

struct refusal {
    const char *code, *text; /* NULL: no refusal */
};
static const struct refusal NONE = {NULL, NULL};

static struct refusal refuse(const char *code, const char *text) { return (struct refusal){code, text}; }

void eop1_disarm(struct eop1_device *device) {
    bool was_armed = device->armed;
    device->armed = false;
    if (was_armed) device->board->transmit(device->board->context, false);
    if (device->state == EOP1_STREAMING) device->state = EOP1_FROZEN;
    device->dropped += device->has_waiting;
    device->has_waiting = false;
}

void eop1_disarm_because(struct eop1_device *device, const char *name) {
    eop1_disarm(device);
    eop1_send_event(device, "disarmed", name);
    eop1_send_status(device);
    device->status_us = eop1_now_us(device);
}

void eop1_forget_jobs(struct eop1_device *device) {
    device->dropped += device->live.active;
    device->live.active = device->fetch.active = device->stop_unanswered = false;
    device->pattern_index = device->pattern_blocks = 0;
}

const char *eop1_unfit(struct eop1_device *device) {
    struct eop1_sensors sensors = {-1, INT32_MIN};
    if (device->board->sensors) device->board->sensors(device->board->context, &sensors);
    if (device->caps->temperature_limit_c && sensors.temperature_c >= device->caps->temperature_limit_c)
        return "temperature";
    if (sensors.battery_percent >= 0 && sensors.battery_percent <= device->caps->battery_limit_percent)
        return "battery";
    return NULL;
}

/* The value of a key, the last one where it comes twice; false when it is absent or null. */
static bool find(struct eop1_text members, const char *name, struct eop1_text *found) {
    struct eop1_text key, value;
    bool there = false;
    while (eop1_json_next(&members, &key, &value))
        if (eop1_json_is(key, name)) {
            *found = value;
            there = !eop1_json_is(value, "null");
        }
    return there;
}

static bool integer(struct eop1_text members, const char *name, int64_t low, int64_t high, int64_t *number) {
    struct eop1_text value;
    return find(members, name, &value) && eop1_json_integer(value, low, high, number);
}

static bool speaks_our_version(struct eop1_text versions, bool *hold) {
    struct eop1_text value;
    bool ours = false;
    *hold = *versions.at == '[';
    while (*hold && eop1_json_element(&versions, &value)) {
        int64_t version = 0;
        *hold = eop1_json_integer(value, 0, 255, &version);
        ours = ours || version == EOP1_VERSION;
    }
    return ours;
}

static struct refusal on_hello(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    struct eop1_text value;
    int64_t rate = 0;
    bool hold = false;
    bool ours = find(members, "versions", &value) && speaks_our_version(value, &hold);
    if (!hold) return refuse("bad", BAD);
    if (!ours) return refuse("version", "This device speaks version 1 only");
    if (find(members, "max_bytes_s", &value) && !eop1_json_integer(value, 0, INT32_MAX, &rate))
        return refuse("bad", BAD);
    int32_t own = device->caps->link_bytes_s;
    device->budget_bytes_s = rate && rate < own ? (int32_t)rate : own;
    eop1_disarm(device);
    eop1_forget_jobs(device);
    device->state = EOP1_KNOWN;
    device->next_seq = device->dropped = 0;
    device->status_us = eop1_now_us(device);
    eop1_send_caps(device, seq);
    return NONE;
}

static void write_ignored(struct eop1_writer *w, struct eop1_text members) {
    struct eop1_text key, value;
    int count = 0;
    eop1_write(w, ",\"ignored\":[");
    while (count < MOST_IGNORED && eop1_json_next(&members, &key, &value)) {
        size_t length = (size_t)(key.end - key.at);
        if (eop1_is_setting(key)) continue;
        eop1_write(w, count++ ? "," : "");
        eop1_write_string(w, key.at, length < LONGEST_IGNORED ? length : LONGEST_IGNORED);
    }
    eop1_write(w, "]");
}

static struct refusal on_set(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    const struct eop1_capabilities *caps = device->caps;
    struct eop1_settings settings;
    int32_t rate = 0;
    if (!eop1_read_settings(caps, members, &settings, &rate)) return refuse("bad", BAD);
    if (device->board->plan) device->board->plan(device->board->context, &settings);
    if (settings.format != EOP1_ENVELOPE_U8_LOG)
        settings.log_range_db = 0;
    else if (!settings.log_range_db)
        settings.log_range_db = USUAL_LOG_RANGE_DB;
    if (!eop1_settings_hold(caps, caps->formats, caps->format_count, &settings))
        return refuse("fault", "The board planned what it may not do");
    if (rate) device->budget_bytes_s = rate < caps->link_bytes_s ? rate : caps->link_bytes_s;
    eop1_fit_interval(caps, device->budget_bytes_s, &settings);
    device->dropped += device->has_waiting;
    device->has_waiting = false;
    eop1_forget_jobs(device);
    device->board->apply(device->board->context, &settings);
    device->settings = settings;
    device->applied_us = eop1_now_us(device);
    device->session++;
    if (device->state == EOP1_KNOWN) device->state = EOP1_SET;
    struct eop1_writer w = eop1_begin(device);
    eop1_write_number(&w, "\"re\":", seq);
    eop1_write_settings(device, &w, &settings);
    write_ignored(&w, members);
    eop1_end(device, EOP1_APPLIED, &w);
    return NONE;
}

static struct refusal on_start(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    struct eop1_text value;
    if (!find(members, "armed", &value) || !eop1_json_is(value, "true"))
        return refuse("not_armed", "START needs the consent to arm the transmitter");
    if (device->state == EOP1_KNOWN) return refuse("no_settings", "SET comes before START");
    const char *reason = eop1_unfit(device);
    if (reason) return refuse(reason, "The device must not transmit now");
    if (device->stop_unanswered) {
        device->stop_unanswered = false;
        eop1_acknowledge(device, device->stop_seq, "STOP");
    }
    device->pattern_index = device->pattern_blocks = 0;
    device->pinged_us = eop1_now_us(device);
    if (!device->armed) {
        device->armed = true;
        device->state = EOP1_STREAMING;
        device->board->transmit(device->board->context, true);
    }
    eop1_acknowledge(device, seq, "START");
    return NONE;
}

/* The answer comes behind the last frame, so that a host knows that nothing more will come of it. */
static struct refusal on_stop(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    (void)members;
    eop1_disarm(device);
    device->stop_unanswered = device->live.active;
    device->stop_seq = seq;
    if (!device->stop_unanswered) eop1_acknowledge(device, seq, "STOP");
    return NONE;
}

static struct refusal on_fetch(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    const struct eop1_capabilities *caps = device->caps;
    struct eop1_sweep sweep = {0};
    struct eop1_settings settings = device->settings;
    int64_t frame = 0, format = 0;
    if (!integer(members, "frame", 0, UINT32_MAX, &frame) || !integer(members, "format", 0, 255, &format))
        return refuse("bad", BAD);
    if (!eop1_offers(caps->fetch_formats, caps->fetch_format_count, format))
        return refuse("format", "This device cannot fetch that format");
    settings.format = (int32_t)format;
    settings.log_range_db = 0;
    if (device->state == EOP1_KNOWN || !device->board->recall ||
        !device->board->recall(device->board->context, (uint32_t)frame, &sweep, &settings))
        return refuse("gone", "The frame is no longer in the device");
    if (!eop1_settings_hold(caps, caps->fetch_formats, caps->fetch_format_count, &settings))
        return refuse("fault", "The board recalled what it may not send");
    struct eop1_writer w = eop1_begin(device);
    eop1_write_number(&w, "\"ok\":true,\"request\":\"FETCH\",\"re\":", seq);
    eop1_write_number(&w, ",\"frame\":", frame);
    eop1_write_settings(device, &w, &settings);
    eop1_end(device, EOP1_ACK, &w);
    eop1_start_job(&device->fetch, &sweep, &settings, true);
    return NONE;
}

static struct refusal on_pattern(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    int64_t blocks = 0, bytes = 0;
    int64_t most = (int64_t)(device->out_size - eop1_reserve(device->caps) - EOP1_HEADER_BYTES);
    if (!integer(members, "blocks", 1, 65536, &blocks) || !integer(members, "bytes", 1, EOP1_MAX_PAYLOAD, &bytes))
        return refuse("bad", BAD);
    if (device->state == EOP1_STREAMING) return refuse("busy", "STOP comes before TESTPATTERN");
    device->pattern_index = 0;
    device->pattern_blocks = (uint32_t)blocks;
    device->pattern_bytes = (uint32_t)(bytes < most ? bytes : most);
    struct eop1_writer w = eop1_begin(device);
    eop1_write_number(&w, "\"ok\":true,\"request\":\"TESTPATTERN\",\"re\":", seq);
    eop1_write_number(&w, ",\"blocks\":", blocks);
    eop1_write_number(&w, ",\"bytes\":", device->pattern_bytes);
    eop1_write(&w, ",\"pattern\":\"ramp\"");
    eop1_end(device, EOP1_ACK, &w);
    return NONE;
}

static struct refusal on_ping(struct eop1_device *device, uint32_t seq, struct eop1_text members) {
    (void)seq, (void)members;
    device->pinged_us = eop1_now_us(device);
    return NONE;
}

static const struct request {
    uint8_t type;
    const char *name;
    struct refusal (*answer)(struct eop1_device *device, uint32_t seq, struct eop1_text members);
} REQUESTS[] = {
    {EOP1_HELLO, "HELLO", on_hello}, {EOP1_SET_REQUEST, "SET", on_set}, {EOP1_START, "START", on_start},
    {EOP1_STOP, "STOP", on_stop},    {EOP1_PING, "PING", on_ping},      {EOP1_FETCH, "FETCH", on_fetch},
    {EOP1_TESTPATTERN, "TESTPATTERN", on_pattern},
};

void eop1_obey(struct eop1_device *device, const struct eop1_header *header, const uint8_t *payload) {
    const struct request *request = REQUESTS, *end = REQUESTS + sizeof REQUESTS / sizeof *REQUESTS;
    struct eop1_text members;
    struct refusal refusal;
    while (request < end && request->type != header->type) request++;
    if (request == end) return;
    if (device->state == EOP1_SILENT && header->type != EOP1_HELLO)
        refusal = refuse("hello", "HELLO comes first");
    else if (!eop1_json_object(payload, header->payload_bytes, &members))
        refusal = refuse("bad", BAD);
    else
        refusal = request->answer(device, header->seq, members);
    if (refusal.code) eop1_refuse(device, header->seq, request->name, refusal.code, refusal.text);
}
