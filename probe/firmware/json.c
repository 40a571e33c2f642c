#include "internal.h"

enum { DEEPEST = 8 };

static bool take(struct eop1_text *text, char wanted) {
    if (text->at >= text->end || *text->at != wanted) return false;
    text->at++;
    return true;
}

static void space(struct eop1_text *text) {
    while (take(text, ' ') || take(text, '\t') || take(text, '\n') || take(text, '\r')) continue;
}

static bool is_digit(const struct eop1_text *text) {
    return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

static bool digits(struct eop1_text *text) {
    if (!is_digit(text)) return false;
    while (is_digit(text)) text->at++;
    return true;
}

static bool number(struct eop1_text *text) {
    take(text, '-');
    if (!take(text, '0') && !digits(text)) return false;
    if (take(text, '.') && !digits(text)) return false;
    if (take(text, 'e') || take(text, 'E')) {
        if (!take(text, '+')) take(text, '-');
        return digits(text);
    }
    return true;
}

static bool escape(struct eop1_text *text) {
    if (take(text, 'u')) {
        for (int i = 0; i < 4; i++, text->at++) {
            char c = text->at < text->end ? *text->at : ' ';
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return false;
        }
        return true;
    }
    for (const char *c = "\"\\/bfnrt"; *c; c++) if (take(text, *c)) return true;
    return false;
}

static bool string(struct eop1_text *text) {
    if (!take(text, '"')) return false;
    while (text->at < text->end) {
        unsigned char c = (unsigned char)*text->at++;
        if (c == '"') return true;
        if (c < 0x20 || (c == '\\' && !escape(text))) return false;
    }
    return false;
}

static bool word(struct eop1_text *text, const char *expected) {
    for (; *expected; expected++) if (!take(text, *expected)) return false;
    return true;
}

static bool value(struct eop1_text *text, int depth);

/* The inside of an object or array, up to and with its closing bracket. */
static bool inside(struct eop1_text *text, char close, int depth) {
    if (depth > DEEPEST) return false;
    space(text);
    if (take(text, close)) return true;
    do {
        space(text);
        if (close == '}') {
            if (!string(text)) return false;
            space(text);
            if (!take(text, ':')) return false;
        }
        if (!value(text, depth)) return false;
        space(text);
    } while (take(text, ','));
    return take(text, close);
}

static bool value(struct eop1_text *text, int depth) {
    space(text);
    if (text->at >= text->end) return false;
    switch (*text->at) {
    case '{':
        text->at++;
        return inside(text, '}', depth + 1);
    case '[':
        text->at++;
        return inside(text, ']', depth + 1);
    case '"':
        return string(text);
    case 't':
        return word(text, "true");
    case 'f':
        return word(text, "false");
    case 'n':
        return word(text, "null");
    default:
        return number(text);
    }
}

bool eop1_json_object(const uint8_t *bytes, size_t count, struct eop1_text *members) {
    struct eop1_text text = {(const char *)bytes, (const char *)bytes + count};
    *members = text;
    if (count == 0) return true;
    space(&text);
    if (!take(&text, '{')) return false;
    members->at = text.at;
    if (!inside(&text, '}', 1)) return false;
    space(&text);
    return text.at == text.end;
}

bool eop1_json_next(struct eop1_text *members, struct eop1_text *key, struct eop1_text *found) {
    space(members);
    take(members, ',');
    space(members);
    if (members->at >= members->end || *members->at != '"') return false;
    key->at = members->at + 1;
    if (!string(members)) return false;
    key->end = members->at - 1;
    space(members);
    take(members, ':');
    space(members);
    found->at = members->at;
    if (!value(members, 1)) return false;
    found->end = members->at;
    return true;
}

bool eop1_json_element(struct eop1_text *array, struct eop1_text *found) {
    if (!take(array, '[') && !take(array, ',')) return false;
    space(array);
    found->at = array->at;
    if (!value(array, 1)) return false;
    found->end = array->at;
    space(array);
    return true;
}

bool eop1_json_is(struct eop1_text text, const char *expected) {
    return word(&text, expected) && text.at == text.end;
}

bool eop1_json_integer(struct eop1_text text, int64_t low, int64_t high, int64_t *result) {
    bool negative = take(&text, '-');
    int64_t sum = 0;
    if (text.end - text.at < 1 || text.end - text.at > 18) return false;
    for (; text.at < text.end; text.at++) {
        if (!is_digit(&text)) return false;
        sum = 10 * sum + (*text.at - '0');
    }
    sum = negative ? -sum : sum;
    if (sum < low || sum > high) return false;
    *result = sum;
    return true;
}

static void put(struct eop1_writer *writer, char c) {
    if (writer->at < writer->end)
        *writer->at++ = c;
    else
        writer->full = true;
}

void eop1_write(struct eop1_writer *writer, const char *text) {
    for (; *text; text++) put(writer, *text);
}

void eop1_write_number(struct eop1_writer *writer, const char *before, int64_t whole) {
    char reversed[20];
    int count = 0;
    uint64_t rest = whole < 0 ? 0 - (uint64_t)whole : (uint64_t)whole;
    eop1_write(writer, before);
    do reversed[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (whole < 0) put(writer, '-');
    while (count) put(writer, reversed[--count]);
}

void eop1_write_string(struct eop1_writer *writer, const char *text, size_t count) {
    put(writer, '"');
    for (size_t i = 0; i < count; i++) {
        bool plain = text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\';
        put(writer, plain ? text[i] : '?');
    }
    put(writer, '"');
}

void eop1_write_text(struct eop1_writer *writer, const char *before, const char *text) {
    size_t count = 0;
    while (text[count]) count++;
    eop1_write(writer, before);
    eop1_write_string(writer, text, count);
}
