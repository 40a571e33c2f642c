/* What the files of the library share with one another and with nobody else. */
#ifndef EOP1_INTERNAL_H
#define EOP1_INTERNAL_H

#include "eop1.h"

/* wire.c: framing, and numbers in little-endian order */
enum eop1_type {
        EOP1_HELLO = 0x01, EOP1_CAPS = 0x02, EOP1_SET_REQUEST = 0x03, EOP1_APPLIED = 0x04, EOP1_START = 0x05,
    EOP1_STOP = 0x06, EOP1_ACK = 0x07, EOP1_STATUS = 0x08, EOP1_PING = 0x09, EOP1_EVENT = 0x0A, EOP1_LOG = 0x0B,
    EOP1_FETCH = 0x0C, EOP1_LINES = 0x10, EOP1_FRAME_END = 0x11, EOP1_TESTPATTERN = 0x1F
};

enum { EOP1_BACKWARD = 0x0001, EOP1_ARMED = 0x0002, EOP1_SIMULATED = 0x0004, EOP1_FETCHED = 0x0008 };

struct eop1_header {
    uint64_t t_us;
    uint32_t payload_bytes, seq, frame_id, payload_crc;
    int32_t time_zero_ns;
    uint16_t flags, line, lines_in_frame, samples;
    uint8_t type, format, lines_in_block;
};

void eop1_put32(uint8_t *out, uint32_t value);
void eop1_copy(uint8_t *out, const uint8_t *from, size_t count); /* also to a lower address of the same array */

/* Write the 48 bytes, with the CRC of the payload that follows them. */
void eop1_put_header(uint8_t *out, const struct eop1_header *header, const uint8_t *payload);

/* Read 48 bytes. False: no sync, another version, or its CRC does not hold. */
bool eop1_get_header(const uint8_t *bytes, struct eop1_header *header);

/* json.c: JSON without allocation */
/* A piece of text, as a whole value or the rest of an object's members. */
struct eop1_text {
    const char *at, *end;
};

/* Whether the text is one object and nothing else; `members` is then what eop1_json_next() walks through. No text at
 * all is an empty object. Numbers are as JSON writes them, nesting goes to eight. */
bool eop1_json_object(const uint8_t *bytes, size_t count, struct eop1_text *members);

/* The next member of an object that was found to hold; false at its end. `key` is without its quotes. */
bool eop1_json_next(struct eop1_text *members, struct eop1_text *key, struct eop1_text *value);

/* The next element of an array value (or of what this call left of it); false at its end or where it is no array. */
bool eop1_json_element(struct eop1_text *array, struct eop1_text *value);

bool eop1_json_is(struct eop1_text text, const char *word); /* the very same characters: true, null, a key */

/* A whole number within limits; false when it is something else. */
bool eop1_json_integer(struct eop1_text value, int64_t low, int64_t high, int64_t *number);

/* Where text is written. What does not fit is not written and sets `full`. */
struct eop1_writer {
    char *at, *end;
    bool full;
};

void eop1_write(struct eop1_writer *writer, const char *text);
void eop1_write_number(struct eop1_writer *writer, const char *before, int64_t number);
void eop1_write_string(struct eop1_writer *writer, const char *text, size_t count); /* quoted; strange bytes as '?' */
void eop1_write_text(struct eop1_writer *writer, const char *before, const char *text);

/* limits.c: what may be asked of a device */
/* Whether the capabilities make sense, so that everything that follows from them does. */
bool eop1_caps_hold(const struct eop1_capabilities *caps);

bool eop1_offers(const uint8_t *formats, size_t count, int64_t format);

/* The settings that come nearest to what a SET asks for, within the capabilities; the board's usual ones where it
 * leaves the choice. `max_bytes_s` is changed where it is named. False: the request does not hold. */
bool eop1_read_settings(const struct eop1_capabilities *caps, struct eop1_text members, struct eop1_settings *settings,
                        int32_t *max_bytes_s);

bool eop1_is_setting(struct eop1_text key); /* one that SET knows */

/* Whether settings, as a board made them, are within the capabilities, and their frames of a size that a host takes. */
bool eop1_settings_hold(const struct eop1_capabilities *caps, const uint8_t *formats, size_t format_count,
                        const struct eop1_settings *settings);

/* Let frames come less often, until they take at most 80 % of the link and the pulses keep to their limit. */
void eop1_fit_interval(const struct eop1_capabilities *caps, int32_t budget_bytes_s, struct eop1_settings *settings);

/* device.c: the board's clock, and the watchdog, which looks at it before anything else is done */
uint64_t eop1_now_us(const struct eop1_device *device);

/* send.c: messages into its memory, its memory to the board */
size_t eop1_reserve(const struct eop1_capabilities *caps); /* bytes kept free of lines: an answer always finds room */
struct eop1_writer eop1_begin(struct eop1_device *device); /* a control message: where its JSON is written to */
/* End it: give it a header and a number. What did not fit is forgotten and counted; the host will ask again. */
void eop1_end(struct eop1_device *device, uint8_t type, const struct eop1_writer *writer);

void eop1_send_caps(struct eop1_device *device, uint32_t seq);
/* The settings and their geometry, as further members of an object that has begun. */
void eop1_write_settings(struct eop1_device *device, struct eop1_writer *w, const struct eop1_settings *settings);
void eop1_write_values(struct eop1_writer *writer, const struct eop1_settings *settings); /* limits.c: their numbers */
void eop1_acknowledge(struct eop1_device *device, uint32_t seq, const char *request);
void eop1_refuse(struct eop1_device *device, uint32_t seq, const char *request, const char *code, const char *text);
void eop1_send_status(struct eop1_device *device);
void eop1_send_event(struct eop1_device *device, const char *event, const char *name);

void eop1_start_job(struct eop1_job *job, const struct eop1_sweep *sweep, const struct eop1_settings *settings,
                    bool fetched);

/* Give the board what it takes, make the next block, and so on until it takes no more. */
void eop1_send(struct eop1_device *device);

/* requests.c: what a host asks for, and when the transmitter must be off */
/* Transmitter off, consent gone. Frames that wait are dropped; the one that is being sent is in memory and goes on. */
void eop1_disarm(struct eop1_device *device);

/* The same, and the host is told why. */
void eop1_disarm_because(struct eop1_device *device, const char *name);

/* Nothing more of what was being sent. */
void eop1_forget_jobs(struct eop1_device *device);

const char *eop1_unfit(struct eop1_device *device); /* why the transmitter must be off ("temperature"), or NULL */
void eop1_obey(struct eop1_device *device, const struct eop1_header *header, const uint8_t *payload);

#endif
