#include "internal.h"

static const uint8_t SYNC[4] = {0xA5, 0x45, 0x4F, 0x31};

#ifndef EOP1_OWN_CRC32
/* Sixteen entries and two steps a byte: small in flash, and fast enough for full-speed USB on a small core. */
static const uint32_t NIBBLES[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
};

uint32_t eop1_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ NIBBLES[crc & 15];
        crc = crc >> 4 ^ NIBBLES[crc & 15];
    }
    return ~crc;
}
#endif

static void put16(uint8_t *out, uint32_t value) {
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
}

void eop1_put32(uint8_t *out, uint32_t value) {
    put16(out, value);
    put16(out + 2, value >> 16);
}

static uint32_t get16(const uint8_t *bytes) { return bytes[0] | (uint32_t)bytes[1] << 8; }

static uint32_t get32(const uint8_t *bytes) { return get16(bytes) | get16(bytes + 2) << 16; }

void eop1_copy(uint8_t *out, const uint8_t *from, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = from[i];
}

void eop1_put_header(uint8_t *out, const struct eop1_header *header, const uint8_t *payload) {
    eop1_copy(out, SYNC, 4);
    out[4] = EOP1_VERSION;
    out[5] = header->type;
    put16(out + 6, header->flags);
    eop1_put32(out + 8, header->payload_bytes);
    eop1_put32(out + 12, header->seq);
    eop1_put32(out + 16, header->frame_id);
    put16(out + 20, header->line);
    put16(out + 22, header->lines_in_frame);
    eop1_put32(out + 24, (uint32_t)header->t_us);
    eop1_put32(out + 28, (uint32_t)(header->t_us >> 32));
    eop1_put32(out + 32, (uint32_t)header->time_zero_ns);
    put16(out + 36, header->samples);
    out[38] = header->format;
    out[39] = header->lines_in_block;
    eop1_put32(out + 40, eop1_crc32(0, payload, header->payload_bytes));
    eop1_put32(out + 44, eop1_crc32(0, out, 44));
}

bool eop1_get_header(const uint8_t *bytes, struct eop1_header *header) {
    for (int i = 0; i < 4; i++) if (bytes[i] != SYNC[i]) return false;
    if (bytes[4] != EOP1_VERSION || get32(bytes + 44) != eop1_crc32(0, bytes, 44)) return false;
    *header = (struct eop1_header){0};
    header->type = bytes[5];
    header->payload_bytes = get32(bytes + 8);
    header->seq = get32(bytes + 12);
    header->payload_crc = get32(bytes + 40);
    return true;
}
