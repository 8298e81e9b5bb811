// Whom the capsule answers, what capsules may do, and what each subscriber answered. Included by boll.h.
#pragma once

#ifdef BOLL_HAS_LIFECYCLE_LIFECYCLE
// ---- Lifecycle --------------------------------------------------------------------------------

// The call that is answered now. A text without a pointer is not there, a time of 0 neither.
typedef struct {
    boll_text principal;
    boll_text capsule; // The uuid of the capsule that published; not there when the host called.
    boll_text call_id;
    uint64_t started_at_ms, deadline_ms; // Since 1970.
    const boll_text *chain;              // The capsules that wait for this call, the first caller first.
    size_t chained;
} boll_caller;

static inline boll_text boll_taken(boll_call *call, boll_string_t text) {
    boll_text copy = boll_copy(call, text.ptr, text.len);
    boll_free(text.ptr, text.len);
    return copy;
}

static inline boll_text boll_taken_if_some(boll_call *call, const boll_option_string_t *text) {
    return text->is_some ? boll_taken(call, text->val) : (boll_text){0};
}

static inline boll_caller boll_called_by(boll_call *call) {
    boll_lifecycle_lifecycle_call_t found;
    boll_caller caller = {0};
    if (!boll_lifecycle_lifecycle_caller(&found)) return caller;
    caller.principal = boll_taken_if_some(call, &found.principal);
    caller.call_id = boll_taken_if_some(call, &found.call_id);
    if (found.source.tag == BOLL_LIFECYCLE_LIFECYCLE_SOURCE_CAPSULE) {
        caller.capsule = boll_taken(call, found.source.val.capsule);
    }
    caller.started_at_ms = found.started_at_ms;
    if (found.deadline_ms.is_some) caller.deadline_ms = found.deadline_ms.val;
    boll_text *chain = boll_alloc(call, (found.chain.len + 1) * sizeof *chain);
    for (size_t at = 0; at < found.chain.len; at++) chain[at] = boll_taken(call, found.chain.ptr[at]);
    boll_free(found.chain.ptr, found.chain.len);
    caller.chain = chain;
    caller.chained = found.chain.len;
    return caller;
}

// This capsule's uuid: new each time that it is loaded.
static inline boll_text boll_self_uuid(boll_call *call) {
    boll_string_t uuid;
    boll_lifecycle_lifecycle_self_uuid(&uuid);
    return boll_taken(call, uuid);
}

#endif

#ifdef BOLL_HAS_CAPABILITY_CAPABILITY
// ---- Capabilities -----------------------------------------------------------------------------

// Whether the capsule with this uuid holds a capability, such as `process:git`.
static inline bool boll_holds(boll_text uuid, const char *name) {
    if (!boll_is_utf8(uuid.ptr, uuid.len) || !boll_is_utf8(name, strlen(name))) return false;
    boll_string_t capsule = {(uint8_t *)uuid.ptr, uuid.len}, capability = boll_string(name);
    return boll_capability_capability_check(&capsule, &capability);
}

#endif

#ifdef BOLL_HAS_HOOK_HOOK
// ---- Answers of subscribers -------------------------------------------------------------------

// What one subscriber answered. A payload or a reason that it did not give has no pointer.
typedef struct {
    boll_text capsule, action;
    const char *outcome; // The contract's word for it, such as "continue".
    boll_text payload;   // Of "continue" and "final".
    boll_text reason;    // Of "deny", "failed" and "crashed".
} boll_answer;

static inline boll_answer boll_answered(boll_call *call, const boll_hook_hook_answer_t *given) {
    static const char *const words[] = {
        "continue", "final", "deny", "failed", "crashed", "timed-out", "cancelled", "busy", "recursion",
    };
    const boll_hook_hook_outcome_t *outcome = &given->outcome;
    boll_answer answer = {
        .capsule = boll_copy(call, given->capsule.ptr, given->capsule.len),
        .action = boll_copy(call, given->action.ptr, given->action.len),
        .outcome = words[outcome->tag],
    };
    const boll_string_t *reason = NULL;
    switch (outcome->tag) {
        case BOLL_HOOK_HOOK_OUTCOME_CONTINUE:
            if (!outcome->val.continue_.is_some) break;
            answer.payload = boll_copy(call, outcome->val.continue_.val.ptr, outcome->val.continue_.val.len);
            break;
        case BOLL_HOOK_HOOK_OUTCOME_FINAL:
            answer.payload = boll_copy(call, outcome->val.final.ptr, outcome->val.final.len);
            break;
        case BOLL_HOOK_HOOK_OUTCOME_DENY: reason = &outcome->val.deny; break;
        // Each case of a failure is a text.
        case BOLL_HOOK_HOOK_OUTCOME_FAILED: reason = &outcome->val.failed.val.failed; break;
        case BOLL_HOOK_HOOK_OUTCOME_CRASHED: reason = &outcome->val.crashed; break;
        default: break;
    }
    if (reason) answer.reason = boll_copy(call, reason->ptr, reason->len);
    return answer;
}

// Tells all subscribers at once, and gives every answer.
static inline bool boll_trigger_all(boll_call *call, const char *topic, boll_text payload, boll_answer **answers,
                                    size_t *answered) {
    if (!boll_named(call, topic, "the topic")) return false;
    boll_string_t name = boll_string(topic);
    boll_hook_hook_payload_t bytes = {(uint8_t *)payload.ptr, payload.len};
    boll_hook_hook_options_t options = {0};
    boll_hook_hook_list_answer_t given;
    boll_hook_hook_error_t error;
    if (!boll_hook_hook_trigger(&name, &bytes, &options, &given, &error)) return boll_hook_failed(call, &error);
    *answers = boll_alloc(call, (given.len + 1) * sizeof **answers);
    for (size_t at = 0; at < given.len; at++) (*answers)[at] = boll_answered(call, &given.ptr[at]);
    *answered = given.len;
    boll_hook_hook_list_answer_free(&given);
    return true;
}
#endif
