// Reviews notes before they are saved: masks words, and denies empty notes.

import { capsule, deny, Failure } from "boll-sdk";
import * as config from "boll-sdk/config";
import * as hook from "boll-sdk/hook";

export const handler = capsule({
  /** Goes on with the note, its words masked; denies an empty one. */
  review(event) {
    const note = event.json();
    if (typeof note !== "string") throw new Failure("a note is text", "invalid-payload");
    if (note.trim() === "") return deny("a note needs some text");

    const masked = config
      .value("words")
      .reduce((text, word) => text.replaceAll(word, stars(word)), note);
    if (masked !== note) hook.trigger("guard.masked", masked);
    return masked;
  },
});

/** As many as the word has characters, which `length` would count by UTF-16 units. */
function stars(word) {
  return "*".repeat([...word].length);
}
