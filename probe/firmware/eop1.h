/* EOP/1, the device's side: what a probe's firmware includes to be a probe that Sauti understands.
 *
 * Portable C99 for freestanding targets: no allocation, no operating system, no floating point, one thread.
 * docs/reference/eop1.md is the protocol; docs/how-to/adopt-eop1.md is the way to the first picture.
 *
 * The board gives callbacks and one piece of memory, calls eop1_receive() with what the host sent, eop1_poll() at
 * least every 10 ms, and eop1_frame_ready() when a sweep lies in its own memory. It fires only while
 * eop1_may_fire() says so; nothing else in this library is needed to keep a patient safe, and that is.
 */
#ifndef EOP1_H
#define EOP1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EOP1_VERSION = 1,
    EOP1_HEADER_BYTES = 48,
    EOP1_ROW_BYTES = 16,
    EOP1_MAX_PAYLOAD = 65536,
    EOP1_MAX_REQUEST = 1024, /* payload of the longest request that a host sends */
    EOP1_MAX_LINES = 1024,
    EOP1_MAX_SAMPLES = 32768,
    EOP1_MAX_BLOCK_LINES = 8,
    EOP1_BLOCK_BYTES = 16384 /* a block of several lines is no longer than this */
};

enum eop1_format {
    EOP1_RF_I16 = 0x01,
    EOP1_RF_12_PACKED = 0x02,
    EOP1_RF_10_PACKED = 0x03,
    EOP1_IQ_I16 = 0x10,
    EOP1_IQ_I8 = 0x11,
    EOP1_ENVELOPE_U8_LINEAR = 0x20,
    EOP1_ENVELOPE_U8_LOG = 0x21,
    EOP1_ENVELOPE_U8_ALAW = 0x22,
    EOP1_ENVELOPE_U16 = 0x23
};

/* Everything that SET can ask for and APPLIED says; units as on the wire. */
struct eop1_settings {
    int32_t format; /* enum eop1_format */
    int32_t lines;
    int32_t samples, rate_hz, first_sample_ns; /* the window: when the samples of a line are taken */
    int32_t frame_interval_us;
    int32_t gain_db;
    int32_t centre_hz;
    int32_t log_range_db;
};

/* What CAPS says; its limits are held against every request. Texts are plain ASCII without quotes. */
struct eop1_capabilities {
    const char *model, *serial, *firmware;
    bool simulated;         /* no transducer makes the samples */
    const uint8_t *formats; /* live, best first; at least one */
    size_t format_count;
    const uint8_t *fetch_formats;
    size_t fetch_format_count;
    int32_t ring_frames;
    int32_t max_lines, max_samples;
    int32_t min_frame_interval_us;
    int32_t max_pulse_rate_hz; /* most transmissions a second, a mean over the frame; 0: the two above tell all */
    const int32_t *centre_hz;  /* at least one */
    size_t centre_count;
    int32_t gain_low_db, gain_high_db;
    int32_t sound_speed_m_s; /* that the maker's own millimetres assume; 0: none */
    int32_t link_bytes_s;
    int32_t temperature_limit_c;   /* at this the transmitter goes off; 0: no such limit */
    int32_t battery_limit_percent; /* likewise; -1: no such limit */
    const char *more; /* the other members of CAPS as JSON, modes among them: "\"modes\":[\"B\"],\"buttons\":[\"freeze\"]" */
    struct eop1_settings usual;    /* what the board chooses where the host leaves the choice */
};

/* Where a line lies: angle from straight down, positive to the right, and where its distance is zero. */
struct eop1_place {
    int32_t angle_mdeg, origin_x_um, origin_z_um;
};

/* A sweep in the board's memory. */
struct eop1_sweep {
    uint32_t frame_id;
    uint64_t t_us; /* when its first line was fired, in the time of clock_us() */
    uint32_t duration_us;
    bool backward; /* from right to left */
};

/* What the board measures of itself; -1 percent and INT32_MIN degrees where it has no such sensor. */
struct eop1_sensors {
    int32_t battery_percent, temperature_c;
};

/* The board. Callbacks are called from the functions of the main loop, and `clock_us` from eop1_may_fire() too: where an
 * interrupt asks that, it must be safe in an interrupt. */
struct eop1_board {
    void *context;

    /* Send what can be sent now without waiting; how many bytes that were. */
    size_t (*write)(void *context, const uint8_t *bytes, size_t count);

    /* Microseconds since power-up, never falling. */
    uint64_t (*clock_us)(void *context);

    /* The host consented to transmitting, or the consent is over. Off must stop the motor and the pulser at once. */
    void (*transmit)(void *context, bool on);

    /* The settings are within the limits of CAPS; change what this board cannot do to what it can. NULL: can do all. */
    void (*plan)(void *context, struct eop1_settings *settings);

    /* Use these from the next sweep on; what is left of one that was begun is not sent. */
    void (*apply)(void *context, const struct eop1_settings *settings);

    /* Where a line of these settings lies, 0 at the left. */
    void (*place)(void *context, const struct eop1_settings *settings, int32_t line, struct eop1_place *place);

    /* The samples of one line, counted in the order of the sweep: exactly eop1_line_bytes() bytes of them in the format
     * of `settings`, and its time after the sweep's first line. `place` holds the nominal place; change it where the
     * line really lay elsewhere. False: it was not measured, and is sent as dead. */
    bool (*line)(void *context, const struct eop1_sweep *sweep, const struct eop1_settings *settings, int32_t line,
                 struct eop1_place *place, uint32_t *after_us, uint8_t *samples);

    /* FETCH: find a sweep of the ring. `settings` holds those in force and the format asked for: change them to what the
     * sweep was fired with, whose lines and window may be others. Must not fire. NULL: no ring. */
    bool (*recall)(void *context, uint32_t frame_id, struct eop1_sweep *sweep, struct eop1_settings *settings);

    /* NULL: no sensors. */
    void (*sensors)(void *context, struct eop1_sensors *sensors);
};

enum eop1_state { EOP1_SILENT, EOP1_KNOWN, EOP1_SET, EOP1_STREAMING, EOP1_FROZEN };

/* What is being sent line by line. */
struct eop1_job {
    bool active;
    bool fetched;
    struct eop1_sweep sweep;
    struct eop1_settings settings;
    int32_t next_line;
    uint8_t dead[EOP1_MAX_LINES / 8];
};

/* One device. All members are the library's; the board may read them: `state`, `settings`, what is being sent. */
struct eop1_device {
    const struct eop1_board *board;
    const struct eop1_capabilities *caps;
    enum eop1_state state;
    struct eop1_settings settings;
    uint32_t dropped;  /* live frames since CAPS that were not sent */
    uint32_t damaged;  /* headers and payloads that did not hold */
    uint32_t unsent;   /* answers that found no room; the host asks again */
    uint32_t next_seq;
    uint8_t session;
    bool armed;
    int32_t budget_bytes_s;
    uint64_t pinged_us, status_us, input_us, applied_us;
    struct eop1_job live, fetch;
    struct eop1_sweep waiting; /* the newest sweep that has not begun to leave */
    bool has_waiting;
    bool stop_unanswered;
    uint32_t stop_seq;
    uint32_t pattern_index, pattern_blocks, pattern_bytes;
    uint8_t *out; /* [out_start, out_end) waits for write() */
    size_t out_size, out_start, out_end;
    bool text_asked; /* the last byte outside of a message was a question mark */
    size_t input_filled;
    uint8_t input[EOP1_HEADER_BYTES + EOP1_MAX_REQUEST];
};

/* Power-up: silent and disarmed. `memory` holds what waits to be sent: eop1_least_memory() at least, and up to
 * EOP1_BLOCK_BYTES more let several lines share a message.
 * False: the capabilities do not hold, or the memory is too small for them; the device then never answers. */
bool eop1_init(struct eop1_device *device, const struct eop1_board *board, const struct eop1_capabilities *caps,
               uint8_t *memory, size_t memory_bytes);

/* 1024 + 36 bytes a line for answers, and room for the longest line of any format. */
size_t eop1_least_memory(const struct eop1_capabilities *caps);

/* Bytes from the host, in any pieces. */
void eop1_receive(struct eop1_device *device, const uint8_t *bytes, size_t count);

/* Send what is due, look at the time. Call it often: at least every 10 ms, and while sends are pending all the time. */
void eop1_poll(struct eop1_device *device);

/* The host closed its end (DTR fell, USB was unmounted): disarm and forget. */
void eop1_disconnect(struct eop1_device *device);

/* Whether the pulser may fire this very moment. Ask before every line: it is true for two seconds after the last
 * PING, whether or not eop1_poll() is still being called. Fails closed. */
bool eop1_may_fire(const struct eop1_device *device);

/* A sweep is complete in the board's memory, and must stay as it is while `waiting`, or an active `live` or `fetch`,
 * names it. One that waits is replaced by the newer one and counted as dropped, as is one begun before the last SET. */
void eop1_frame_ready(struct eop1_device *device, const struct eop1_sweep *sweep);

/* A sweep could not be made or kept. */
void eop1_frame_dropped(struct eop1_device *device);

/* A button went down; `name` as in the capabilities. */
void eop1_button(struct eop1_device *device, const char *name);

/* A sentence for developers, plain ASCII without quotes. */
void eop1_log(struct eop1_device *device, const char *text);

/* The board found a fault of its own: disarm, and tell the host under a short name ("motor", "pulser"). */
void eop1_fault(struct eop1_device *device, const char *name);

/* Bytes of one line on the wire; 0 for an unknown format. */
size_t eop1_line_bytes(int32_t format, int32_t samples);

/* Lines that share one message, in `room` bytes for its payload; 0: not even one fits. */
int32_t eop1_block_lines(int32_t format, int32_t samples, size_t room);

/* Bytes of a whole frame on the wire, with its headers, tables and FRAME_END. */
uint32_t eop1_frame_bytes(int32_t format, int32_t lines, int32_t samples);

/* Samples into packed groups, saturating; `out` has eop1_line_bytes() bytes. */
void eop1_pack_12(const int16_t *samples, int32_t count, uint8_t *out);
void eop1_pack_10(const int16_t *samples, int32_t count, uint8_t *out);

/* CRC-32 (IEEE) of bytes, going on from an earlier result; begin with 0. Boards with a unit for it may define
 * EOP1_OWN_CRC32 and bring a function of this name. */
uint32_t eop1_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

#endif
