// Text and JSON: writes what an action answers, reads the strings of what it was given.
// Included by boll.h.
#pragma once

// Bytes that grow. Begin with `{.call = call}`.
typedef struct {
    boll_call *call;
    char *ptr;
    size_t len, size;
} boll_buffer;

static inline void boll_put(boll_buffer *buffer, const char *ptr, size_t len) {
    if (buffer->size - buffer->len <= len) {
        size_t size = 2 * (buffer->len + len) + 64;
        char *grown = boll_alloc(buffer->call, size);
        if (buffer->len) memcpy(grown, buffer->ptr, buffer->len);
        buffer->ptr = grown;
        buffer->size = size;
    }
    memcpy(buffer->ptr + buffer->len, ptr, len);
    buffer->len += len;
    buffer->ptr[buffer->len] = 0;
}

static inline void boll_puts(boll_buffer *buffer, const char *text) { boll_put(buffer, text, strlen(text)); }

// Puts what `printf` makes.
__attribute__((format(printf, 2, 3))) static inline void boll_putf(boll_buffer *buffer, const char *format, ...) {
    va_list values;
    va_start(values, format);
    boll_text text = boll_vformat(buffer->call, format, values);
    va_end(values);
    boll_put(buffer, text.ptr, text.len);
}

static inline boll_text boll_buffer_text(boll_buffer *buffer) {
    boll_put(buffer, "", 0);
    return (boll_text){buffer->ptr, buffer->len};
}

// The texts, of which NULL is the end, with `between` between them.
static inline boll_text boll_join(boll_call *call, const char *const *texts, const char *between) {
    boll_buffer joined = {.call = call};
    for (size_t at = 0; texts[at]; at++) {
        if (at) boll_puts(&joined, between);
        boll_puts(&joined, texts[at]);
    }
    return boll_buffer_text(&joined);
}

// How many characters a text has.
static inline size_t boll_characters(boll_text text) {
    size_t count = 0;
    bool whole;
    for (size_t at = 0; at < text.len; count++) at += boll_utf8((const unsigned char *)text.ptr + at, text.len - at, &whole);
    return count;
}

// Puts a text as a string of JSON, with U+FFFD for what is not UTF-8; one without a pointer as null.
static inline void boll_put_json(boll_buffer *buffer, boll_text text) {
    if (!text.ptr) {
        boll_puts(buffer, "null");
        return;
    }
    boll_puts(buffer, "\"");
    for (size_t at = 0, len; at < text.len; at += len) {
        unsigned char byte = (unsigned char)text.ptr[at];
        bool whole;
        len = boll_utf8((const unsigned char *)text.ptr + at, text.len - at, &whole);
        const char *plain = "\b\f\n\r\t\"\\", *found = byte ? strchr(plain, byte) : NULL;
        if (!whole) boll_puts(buffer, "\xef\xbf\xbd");
        else if (found) boll_put(buffer, (char[]){'\\', "bfnrt\"\\"[found - plain]}, 2);
        else if (byte < 0x20) boll_putf(buffer, "\\u%04x", byte);
        else boll_put(buffer, text.ptr + at, len);
    }
    boll_puts(buffer, "\"");
}

static inline boll_text boll_trim(boll_text text) {
    const char *blank = " \t\n\v\f\r";
    // Their NUL is none of them, so that it may not be asked for.
    while (text.len && *text.ptr && strchr(blank, *text.ptr)) text.ptr++, text.len--;
    while (text.len && text.ptr[text.len - 1] && strchr(blank, text.ptr[text.len - 1])) text.len--;
    return text;
}

// The text before the next `end` in what is left, which is moved behind it; the rest of it where there is none.
// False at the end.
static inline bool boll_split(boll_call *call, boll_text *left, char end, boll_text *part) {
    if (!left->len) return false;
    const char *found = memchr(left->ptr, end, left->len);
    size_t len = found ? (size_t)(found - left->ptr) : left->len, taken = found ? len + 1 : len;
    *part = boll_copy(call, left->ptr, len);
    *left = (boll_text){left->ptr + taken, left->len - taken};
    return true;
}

static inline bool boll_json_unit(const char *digits, unsigned *unit) {
    *unit = 0;
    for (int at = 0; at < 4; at++) {
        char one = digits[at];
        unsigned value = one >= '0' && one <= '9'   ? (unsigned)(one - '0')
                         : one >= 'a' && one <= 'f' ? (unsigned)(one - 'a') + 10
                         : one >= 'A' && one <= 'F' ? (unsigned)(one - 'A') + 10
                                                    : 16;
        if (value > 15) return false;
        *unit = *unit << 4 | value;
    }
    return true;
}

// Puts the character of an escape; `at` stands behind its backslash and is moved behind it.
static inline bool boll_json_escape(boll_buffer *out, const char **at) {
    const char *names = "bfnrt\"\\/", *found = **at ? strchr(names, **at) : NULL;
    if (found) {
        *at += 1;
        boll_put(out, &"\b\f\n\r\t\"\\/"[found - names], 1);
        return true;
    }
    unsigned code, low;
    if (**at != 'u' || !boll_json_unit(*at + 1, &code)) return false;
    *at += 5;
    if (code >= 0xd800 && code < 0xe000) {
        // The half of a character that comes first, and then the other one.
        bool pair = code < 0xdc00 && (*at)[0] == '\\' && (*at)[1] == 'u' && boll_json_unit(*at + 2, &low);
        if (!pair || low < 0xdc00 || low > 0xdfff) return false;
        *at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    char bytes[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t byte = len; byte-- > 1; code >>= 6) bytes[byte] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(len == 1 ? code : (0xf00 >> len & 0xff) | code);
    boll_put(out, bytes, len);
    return true;
}

static inline const char *boll_json_blank(const char *at) { return at + strspn(at, " \t\n\r"); }

// Reads a string, and moves `at` behind it and the blanks after it.
static inline bool boll_json_read(boll_call *call, const char **at, boll_text *string) {
    boll_buffer out = {.call = call};
    const char *here = boll_json_blank(*at);
    if (*here++ != '"') return false;
    while (*here != '"') {
        bool whole = false;
        size_t len = boll_utf8((const unsigned char *)here, strlen(here), &whole);
        if ((unsigned char)*here < 0x20 || !whole) return false;
        if (*here == '\\') {
            here++;
            if (!boll_json_escape(&out, &here)) return false;
        } else {
            boll_put(&out, here, len);
            here += len;
        }
    }
    *at = boll_json_blank(here + 1);
    *string = boll_buffer_text(&out);
    return true;
}

// Reads JSON that is one string. False, without an answer, when it is something else.
static inline bool boll_json_string(boll_call *call, boll_text json, boll_text *string) {
    const char *at = json.ptr;
    return at && boll_json_read(call, &at, string) && at == json.ptr + json.len;
}

// Reads JSON that is a list of strings. False, without an answer, when it is something else.
static inline bool boll_json_strings(boll_call *call, boll_text json, boll_text **strings, size_t *count) {
    const char *at = json.ptr ? boll_json_blank(json.ptr) : "";
    *count = 0;
    *strings = boll_alloc(call, (json.len / 2 + 1) * sizeof **strings);
    if (*at++ != '[') return false;
    at = boll_json_blank(at);
    while (*at != ']') {
        if (*count && *at++ != ',') return false;
        if (!boll_json_read(call, &at, &(*strings)[*count])) return false;
        *count += 1;
    }
    return boll_json_blank(at + 1) == json.ptr + json.len;
}
