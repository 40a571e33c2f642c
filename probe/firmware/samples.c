#include "internal.h"

size_t eop1_line_bytes(int32_t format, int32_t samples) {
    size_t count = samples > 0 ? (size_t)samples : 0;
    switch (format) {
    case EOP1_RF_I16:
    case EOP1_IQ_I8:
    case EOP1_ENVELOPE_U16:
        return 2 * count;
    case EOP1_RF_12_PACKED:
        return (count + 1) / 2 * 3;
    case EOP1_RF_10_PACKED:
        return (count + 3) / 4 * 5;
    case EOP1_IQ_I16:
        return 4 * count;
    case EOP1_ENVELOPE_U8_LINEAR:
    case EOP1_ENVELOPE_U8_LOG:
    case EOP1_ENVELOPE_U8_ALAW:
        return count;
    default:
        return 0;
    }
}

int32_t eop1_block_lines(int32_t format, int32_t samples, size_t room) {
    size_t size = EOP1_ROW_BYTES + eop1_line_bytes(format, samples);
    size_t most = room < EOP1_MAX_PAYLOAD ? room : EOP1_MAX_PAYLOAD;
    size_t usual = EOP1_BLOCK_BYTES / size > 1 ? EOP1_BLOCK_BYTES / size : 1;
    size_t count = most / size < usual ? most / size : usual;
    return (int32_t)(count < EOP1_MAX_BLOCK_LINES ? count : EOP1_MAX_BLOCK_LINES);
}

uint32_t eop1_frame_bytes(int32_t format, int32_t lines, int32_t samples) {
    int32_t together = eop1_block_lines(format, samples, EOP1_MAX_PAYLOAD);
    int32_t blocks = together ? (lines + together - 1) / together : lines;
    uint32_t rows = (uint32_t)lines * (uint32_t)(EOP1_ROW_BYTES + eop1_line_bytes(format, samples));
    return rows + (uint32_t)(blocks + 1) * EOP1_HEADER_BYTES + 160;
}

/* Groups of some samples of some bits, the first sample in the lowest bits; zeros fill the last group. */
static void pack(const int16_t *samples, int32_t count, uint8_t *out, int bits, int group) {
    const int32_t most = (1 << (bits - 1)) - 1;
    for (int32_t first = 0; first < count; first += group) {
        uint64_t together = 0;
        for (int i = 0; i < group && first + i < count; i++) {
            int32_t value = samples[first + i];
            value = value > most ? most : value < -most - 1 ? -most - 1 : value;
            together |= (uint64_t)((uint32_t)value & ((1u << bits) - 1)) << (bits * i);
        }
        for (int i = 0; i < bits * group / 8; i++) *out++ = (uint8_t)(together >> (8 * i));
    }
}

void eop1_pack_12(const int16_t *samples, int32_t count, uint8_t *out) { pack(samples, count, out, 12, 2); }

void eop1_pack_10(const int16_t *samples, int32_t count, uint8_t *out) { pack(samples, count, out, 10, 4); }
