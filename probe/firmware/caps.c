#include "internal.h"

static void write_list(struct eop1_writer *w, const char *before, const uint8_t *codes, size_t count) {
    eop1_write(w, before);
    for (size_t i = 0; i < count; i++) eop1_write_number(w, i ? "," : "", codes[i]);
    eop1_write(w, "]");
}

void eop1_send_caps(struct eop1_device *device, uint32_t seq) {
    const struct eop1_capabilities *c = device->caps;
    struct eop1_writer w = eop1_begin(device);
    eop1_write_text(&w, "\"model\":", c->model);
    eop1_write_text(&w, ",\"serial\":", c->serial);
    eop1_write_text(&w, ",\"firmware\":", c->firmware);
    eop1_write(&w, c->simulated ? ",\"simulated\":true" : ",\"simulated\":false");
    write_list(&w, ",\"formats\":[", c->formats, c->format_count);
    write_list(&w, ",\"fetch_formats\":[", c->fetch_formats, c->fetch_format_count);
    eop1_write_number(&w, ",\"ring_frames\":", c->ring_frames);
    eop1_write_number(&w, ",\"max_lines\":", c->max_lines);
    eop1_write_number(&w, ",\"max_samples\":", c->max_samples);
    eop1_write_number(&w, ",\"min_frame_interval_us\":", c->min_frame_interval_us);
    if (c->max_pulse_rate_hz) eop1_write_number(&w, ",\"max_pulse_rate_hz\":", c->max_pulse_rate_hz);
    eop1_write(&w, ",\"centre_hz\":[");
    for (size_t i = 0; i < c->centre_count; i++) eop1_write_number(&w, i ? "," : "", c->centre_hz[i]);
    eop1_write_number(&w, "],\"gain_db\":[", c->gain_low_db);
    eop1_write_number(&w, ",", c->gain_high_db);
    eop1_write_number(&w, "],\"sound_speed_m_s\":", c->sound_speed_m_s);
    eop1_write_number(&w, ",\"link_bytes_s\":", c->link_bytes_s);
    eop1_write_number(&w, ",\"version\":", EOP1_VERSION);
    eop1_write_number(&w, ",\"re\":", seq);
    eop1_write(&w, ",");
    eop1_write(&w, c->more);
    eop1_end(device, EOP1_CAPS, &w);
}
