// Reviews notes before they are saved: masks words, and denies empty notes.

#include "boll.h"

// The note with as many stars as the word has characters wherever the word is.
static boll_text mask(boll_call *call, boll_text note, boll_text word) {
    boll_buffer masked = {.call = call};
    while (note.len) {
        bool here = word.len && note.len >= word.len && memcmp(note.ptr, word.ptr, word.len) == 0;
        for (size_t star = 0; here && star < boll_characters(word); star++) boll_puts(&masked, "*");
        if (!here) boll_put(&masked, note.ptr, 1);
        size_t taken = here ? word.len : 1;
        note = (boll_text){note.ptr + taken, note.len - taken};
    }
    return boll_buffer_text(&masked);
}

// Goes on with the note, its words masked; denies an empty one.
static bool review(boll_call *call) {
    boll_text note, words, *word;
    size_t count;
    if (!boll_json_string(call, call->payload, &note)) return boll_invalid_payload(call, "a note is text");
    if (!boll_trim(note).len) return boll_deny(call, "a note needs some text");

    if (!boll_config(call, "words", &words)) return false;
    if (!boll_json_strings(call, words, &word, &count)) return boll_fail(call, "`words` is no list of words");
    boll_text masked = note;
    for (size_t at = 0; at < count; at++) masked = mask(call, masked, word[at]);

    boll_buffer json = {.call = call};
    boll_put_json(&json, masked);
    boll_text reply = boll_buffer_text(&json);
    bool changed = masked.len != note.len || memcmp(masked.ptr, note.ptr, note.len) != 0;
    if (changed && !boll_trigger(call, "guard.masked", reply, NULL)) return false;
    return boll_reply(call, reply);
}

BOLL_CAPSULE({"review", review})
