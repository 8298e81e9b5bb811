// The log, the configuration and hooks. Included by boll.h.
#pragma once

#ifdef BOLL_HAS_LOG_LOG
// ---- Log: boll_log(INFO, "saved", boll_integer("bytes", 3), boll_boolean("new", true)) ---------

static inline boll_log_log_field_t boll_text_field(const char *key, const char *value) {
    boll_log_log_field_t field = {.key = boll_string(key), .value.tag = BOLL_LOG_LOG_VALUE_TEXT};
    field.value.val.text = boll_string(value);
    return field;
}

static inline boll_log_log_field_t boll_integer(const char *key, int64_t value) {
    return (boll_log_log_field_t){boll_string(key), {BOLL_LOG_LOG_VALUE_INTEGER, {.integer = value}}};
}

static inline boll_log_log_field_t boll_number(const char *key, double value) {
    return (boll_log_log_field_t){boll_string(key), {BOLL_LOG_LOG_VALUE_NUMBER, {.number = value}}};
}

static inline boll_log_log_field_t boll_boolean(const char *key, bool value) {
    return (boll_log_log_field_t){boll_string(key), {BOLL_LOG_LOG_VALUE_BOOLEAN, {.boolean = value}}};
}

// Writes a line of the level TRACE, DEBUG, INFO, WARN or ERROR. False when the host refused it.
#define boll_log(level, message, ...)                                                                 \
    boll_log_line(BOLL_LOG_LOG_LEVEL_##level, message, (boll_log_log_field_t[]){__VA_ARGS__},           \
                  sizeof((boll_log_log_field_t[]){__VA_ARGS__}) / sizeof(boll_log_log_field_t))

static inline bool boll_log_line(boll_log_log_level_t level, const char *message, boll_log_log_field_t *fields,
                                 size_t count) {
    boll_string_t text = boll_well_formed(message, strlen(message));
    for (size_t at = 0; at < count; at++) {
        boll_string_t *key = &fields[at].key, *value = &fields[at].value.val.text;
        *key = boll_well_formed((char *)key->ptr, key->len);
        if (fields[at].value.tag == BOLL_LOG_LOG_VALUE_TEXT) *value = boll_well_formed((char *)value->ptr, value->len);
    }
    boll_log_log_list_field_t list = {fields, count};
    boll_log_log_error_t error;
    bool written = boll_log_log_emit(level, &text, &list, &error);
    if (!written) boll_log_log_error_free(&error);
    boll_string_free(&text);
    for (size_t at = 0; at < count; at++) {
        boll_string_free(&fields[at].key);
        if (fields[at].value.tag == BOLL_LOG_LOG_VALUE_TEXT) boll_string_free(&fields[at].value.val.text);
    }
    return written;
}

#endif

#ifdef BOLL_HAS_CONFIG_CONFIG
// ---- Configuration ----------------------------------------------------------------------------

// The text of a declared key; without a pointer when it has no value.
static inline bool boll_config(boll_call *call, const char *key, boll_text *value) {
    if (!boll_named(call, key, "the configuration key")) return false;
    boll_string_t name = boll_string(key);
    boll_option_string_t found;
    boll_config_config_error_t error;
    *value = (boll_text){0};
    if (!boll_config_config_get(&name, &found, &error)) {
        bool undeclared = error.tag == BOLL_CONFIG_CONFIG_ERROR_UNDECLARED;
        boll_config_config_error_free(&error);
        return boll_fail(call, "%s: %s", undeclared ? "undeclared" : "key-too-long", key);
    }
    if (found.is_some) *value = boll_copy(call, found.val.ptr, found.val.len);
    boll_option_string_free(&found);
    return true;
}

#endif

#ifdef BOLL_HAS_HOOK_HOOK
// ---- Hooks ------------------------------------------------------------------------------------

static inline bool boll_hook_failed(boll_call *call, boll_hook_hook_error_t *error) {
    static const char *const names[] = {"denied", "invalid-topic", "too-large", "too-deep", "cancelled"};
    if (error->tag == BOLL_HOOK_HOOK_ERROR_DENIED) {
        boll_denied(call, &error->val.denied);
    } else if (error->tag == BOLL_HOOK_HOOK_ERROR_INVALID_TOPIC) {
        boll_string_t *why = &error->val.invalid_topic;
        boll_fail(call, "%s: %.*s", names[error->tag], (int)why->len, (char *)why->ptr);
    } else {
        boll_fail(call, "%s", names[error->tag]);
    }
    boll_hook_hook_error_free(error);
    return false;
}

// Tells all subscribers at once. How many answered is in `answered`, which may be NULL.
static inline bool boll_trigger(boll_call *call, const char *topic, boll_text payload, size_t *answered) {
    if (!boll_named(call, topic, "the topic")) return false;
    boll_string_t name = boll_string(topic);
    boll_hook_hook_payload_t bytes = {(uint8_t *)payload.ptr, payload.len};
    boll_hook_hook_options_t options = {0};
    boll_hook_hook_list_answer_t answers;
    boll_hook_hook_error_t error;
    if (!boll_hook_hook_trigger(&name, &bytes, &options, &answers, &error)) return boll_hook_failed(call, &error);
    if (answered) *answered = answers.len;
    boll_hook_hook_list_answer_free(&answers);
    return true;
}

// Passes the payload through all subscribers, and gives what they left. Fails when one denied.
static inline bool boll_intercept(boll_call *call, const char *topic, boll_text payload, boll_text *left) {
    if (!boll_named(call, topic, "the topic")) return false;
    boll_string_t name = boll_string(topic);
    boll_hook_hook_payload_t bytes = {(uint8_t *)payload.ptr, payload.len};
    boll_hook_hook_options_t options = {0};
    boll_hook_hook_verdict_t verdict;
    boll_hook_hook_error_t error;
    if (!boll_hook_hook_intercept(&name, &bytes, &options, &verdict, &error)) return boll_hook_failed(call, &error);

    bool passed = verdict.tag <= BOLL_HOOK_HOOK_VERDICT_FINAL;
    if (passed) {
        bool final = verdict.tag == BOLL_HOOK_HOOK_VERDICT_FINAL;
        boll_hook_hook_payload_t *given = final ? &verdict.val.final.payload : &verdict.val.passed;
        *left = boll_copy(call, given->ptr, given->len);
    } else if (verdict.tag == BOLL_HOOK_HOOK_VERDICT_DENIED) {
        boll_hook_hook_refusal_t *refusal = &verdict.val.denied;
        boll_fail(call, "the capsule `%.*s` denied: %.*s", (int)refusal->capsule.len, (char *)refusal->capsule.ptr,
                  (int)refusal->reason.len, (char *)refusal->reason.ptr);
    } else {
        boll_string_t *who = &verdict.val.stopped.capsule;
        boll_fail(call, "the capsule `%.*s` did not answer properly", (int)who->len, (char *)who->ptr);
    }
    boll_hook_hook_verdict_free(&verdict);
    return passed;
}
#endif
