// For authors of Boll capsules in C, over the bindings of the world `capsule`: the one file to include.
//
// A function that can fail takes the call, returns false, and has then put the reason into the
// call's answer: `return false` passes it on. What a function gives lives until the action returns.
#ifndef BOLL_H
#define BOLL_H

// The world that the bindings are of. Another one than `capsule` is named to the compiler, as -DBOLL_WORLD=mine.
#ifndef BOLL_WORLD
#define BOLL_WORLD capsule
#endif
#define BOLL_QUOTED(text) #text
#define BOLL_HEADER(world) BOLL_QUOTED(world.h)
#define BOLL_JOINED(world, name) world##_##name
#define BOLL_OF(world, name) BOLL_JOINED(world, name)
#include BOLL_HEADER(BOLL_WORLD)

// The world's own names, for texts and bytes.
#define boll_string_t BOLL_OF(BOLL_WORLD, string_t)
#define boll_string_free BOLL_OF(BOLL_WORLD, string_free)
#define boll_bytes_t BOLL_OF(BOLL_WORLD, list_u8_t)
#define boll_option_string_t BOLL_OF(BOLL_WORLD, option_string_t)
#define boll_option_string_free BOLL_OF(BOLL_WORLD, option_string_free)

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Calls ------------------------------------------------------------------------------------

// Bytes with a NUL after them, which `len` does not count.
typedef struct {
    const char *ptr;
    size_t len;
} boll_text;

struct boll_allocation {
    struct boll_allocation *next;
    void (*end)(int32_t handle); // What ends what the handle is of.
    int32_t handle;
};

// The call that an action answers.
typedef struct {
    boll_text payload;
    boll_text topic; // Without a pointer when the action was called by name.
    exports_boll_hook_handler_reply_t *reply;
    exports_boll_hook_handler_failure_t *failure;
    struct boll_allocation *allocations;
} boll_call;

// An action and its name. Without an answer of its own it goes on with the payload as it is.
typedef struct {
    const char *name;
    bool (*run)(boll_call *call);
} boll_action;

static inline void *boll_checked(void *memory) {
    if (!memory) __builtin_trap(); // The instance has no memory left: the call ends here.
    return memory;
}

static inline struct boll_allocation *boll_keep(boll_call *call, size_t size) {
    struct boll_allocation *kept = boll_checked(calloc(1, sizeof *kept + size));
    kept->next = call->allocations;
    return call->allocations = kept;
}

// Zeroed memory that lives until the action returns.
static inline void *boll_alloc(boll_call *call, size_t size) { return boll_keep(call, size) + 1; }

static inline boll_text boll_copy(boll_call *call, const void *ptr, size_t len) {
    char *copy = boll_alloc(call, len + 1);
    if (len) memcpy(copy, ptr, len);
    return (boll_text){copy, len};
}

static inline boll_text boll_vformat(boll_call *call, const char *format, va_list values) {
    va_list again;
    va_copy(again, values);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) __builtin_trap();
    char *text = boll_alloc(call, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, values);
    return (boll_text){text, (size_t)len};
}

// Text as `printf` makes it.
__attribute__((format(printf, 2, 3))) static inline boll_text boll_format(boll_call *call, const char *format, ...) {
    va_list values;
    va_start(values, format);
    boll_text text = boll_vformat(call, format, values);
    va_end(values);
    return text;
}

// How long the character at `at` is. Not whole: how long the part is that is no UTF-8.
static inline size_t boll_utf8(const unsigned char *at, size_t left, bool *whole) {
    unsigned char first = at[0], least = 0x80, most = 0xbf;
    size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    // No overlong form, no surrogate, at most U+10FFFF.
    if (first == 0xe0) least = 0xa0;
    if (first == 0xed) most = 0x9f;
    if (first == 0xf0) least = 0x90;
    if (first == 0xf4) most = 0x8f;
    size_t taken = 1;
    for (; taken < len && taken < left && at[taken] >= least && at[taken] <= most; taken++) {
        least = 0x80;
        most = 0xbf;
    }
    *whole = len > 0 && taken == len;
    return taken;
}

// Whether a text is UTF-8, as the host's names have to be.
static inline bool boll_is_utf8(const char *text, size_t len) {
    bool whole = true;
    for (size_t at = 0; whole && at < len;) at += boll_utf8((const unsigned char *)text + at, len - at, &whole);
    return whole;
}

// A copy with U+FFFD for what is not UTF-8, to be freed. The host takes no other text.
static inline boll_string_t boll_well_formed(const char *text, size_t len) {
    uint8_t *copy = boll_checked(malloc(3 * len + 1));
    size_t to = 0;
    for (size_t at = 0, step; at < len; at += step) {
        bool whole;
        step = boll_utf8((const unsigned char *)text + at, len - at, &whole);
        memcpy(copy + to, whole ? text + at : "\xef\xbf\xbd", whole ? step : 3);
        to += whole ? step : 3;
    }
    copy[to] = 0;
    return (boll_string_t){copy, to};
}

// Frees bytes that the host gave. The bindings' own functions miss those whose type another interface of the world
// has as well.
static inline void boll_free(void *ptr, size_t len) {
    if (len) free(ptr);
}

static inline boll_string_t boll_string(const char *text) {
    return (boll_string_t){(uint8_t *)text, text ? strlen(text) : 0};
}

// A copy that the bindings free after the answer has left.
static inline boll_string_t boll_given(boll_text text) {
    uint8_t *copy = boll_checked(malloc(text.len + 1));
    memcpy(copy, text.ptr, text.len + 1);
    return (boll_string_t){copy, text.len};
}

// ---- Answers ----------------------------------------------------------------------------------

static inline void boll_forget_reply(boll_call *call) {
    exports_boll_hook_handler_reply_free(call->reply);
    *call->reply = (exports_boll_hook_handler_reply_t){.tag = BOLL_HOOK_TYPES_REPLY_CONTINUE};
}

// Goes on with these bytes in place of the payload.
static inline bool boll_reply(boll_call *call, boll_text bytes) {
    boll_forget_reply(call);
    boll_string_t given = boll_given(bytes);
    call->reply->val.continue_.is_some = true;
    call->reply->val.continue_.val = (boll_hook_types_payload_t){given.ptr, given.len};
    return true;
}

// Done with these bytes: nobody after this handler is asked.
static inline bool boll_final(boll_call *call, boll_text bytes) {
    boll_forget_reply(call);
    boll_string_t given = boll_given(bytes);
    call->reply->tag = BOLL_HOOK_TYPES_REPLY_FINAL;
    call->reply->val.final = (boll_hook_types_payload_t){given.ptr, given.len};
    return true;
}

// Not allowed, for this reason.
static inline bool boll_deny(boll_call *call, const char *reason) {
    boll_forget_reply(call);
    call->reply->tag = BOLL_HOOK_TYPES_REPLY_DENY;
    call->reply->val.deny = boll_well_formed(reason, strlen(reason));
    return true;
}

// The action did not succeed, for the reason that `printf` makes. False, to be returned.
__attribute__((format(printf, 2, 3))) static inline bool boll_fail(boll_call *call, const char *format, ...) {
    va_list values;
    va_start(values, format);
    call->failure->tag = BOLL_HOOK_TYPES_FAILURE_FAILED;
    boll_text reason = boll_vformat(call, format, values);
    call->failure->val.failed = boll_well_formed(reason.ptr, reason.len);
    va_end(values);
    return false;
}

#ifdef BOLL_HAS_CAPABILITY_DENIAL
// A capability is missing. False, to be returned.
static inline bool boll_denied(boll_call *call, const boll_capability_denial_denial_t *denial) {
    return boll_fail(call, "the capability `%.*s` is missing: %.*s", (int)denial->capability.len,
                     (char *)denial->capability.ptr, (int)denial->reason.len, (char *)denial->reason.ptr);
}

#endif

// Fails unless a text is UTF-8: with another character it would name something else.
static inline bool boll_named(boll_call *call, const char *text, const char *what) {
    return !text || boll_is_utf8(text, strlen(text)) || boll_fail(call, "%s is not UTF-8: %s", what, text);
}

// The payload is not what the action takes. False, to be returned.
static inline bool boll_invalid_payload(boll_call *call, const char *reason) {
    call->failure->tag = BOLL_HOOK_TYPES_FAILURE_INVALID_PAYLOAD;
    call->failure->val.invalid_payload = boll_well_formed(reason, strlen(reason));
    return false;
}

// Ends what lives until the action returns.
static inline void boll_release(boll_call *call) {
    for (struct boll_allocation *next; call->allocations; call->allocations = next) {
        next = call->allocations->next;
        if (call->allocations->end) call->allocations->end(call->allocations->handle);
        free(call->allocations);
    }
}

static inline bool boll_handle(const boll_action *actions, size_t count, boll_string_t *name,
                               exports_boll_hook_handler_event_t *event, exports_boll_hook_handler_reply_t *reply,
                               exports_boll_hook_handler_failure_t *failure) {
    *reply = (exports_boll_hook_handler_reply_t){.tag = BOLL_HOOK_TYPES_REPLY_CONTINUE};
    boll_call call = {.reply = reply, .failure = failure};
    call.payload = boll_copy(&call, event->payload.ptr, event->payload.len);
    if (event->topic.is_some) call.topic = boll_copy(&call, event->topic.val.ptr, event->topic.val.len);
    boll_text action = boll_copy(&call, name->ptr, name->len);

    bool known = false, done = false;
    for (size_t at = 0; at < count && !known; at++) {
        known = strcmp(actions[at].name, action.ptr) == 0;
        if (known) done = actions[at].run(&call);
    }
    if (!known) {
        failure->tag = BOLL_HOOK_TYPES_FAILURE_UNKNOWN_ACTION;
        failure->val.unknown_action = boll_given(action);
    }
    if (!done) exports_boll_hook_handler_reply_free(reply);
    boll_release(&call);
    boll_free(event->payload.ptr, event->payload.len);
    if (event->topic.is_some) boll_free(event->topic.val.ptr, event->topic.val.len);
    boll_string_free(name);
    return done;
}

// The export of a capsule with these actions: BOLL_CAPSULE({"name", function}, ...)
#define BOLL_CAPSULE(...)                                                                                  \
    bool exports_boll_hook_handler_handle(boll_string_t *action, exports_boll_hook_handler_event_t *event, \
                                          exports_boll_hook_handler_reply_t *reply,                        \
                                          exports_boll_hook_handler_failure_t *failure) {                  \
        static const boll_action actions[] = {__VA_ARGS__};                                                \
        return boll_handle(actions, sizeof actions / sizeof *actions, action, event, reply, failure);      \
    }

#include "boll_json.h"
#include "boll_host.h"
#ifdef BOLL_HAS_PROCESS_PROCESS
#include "boll_process.h"
#endif
#include "boll_life.h"

#endif
