"""Reviews notes before they are saved: masks words, and denies empty notes."""

from boll import Capsule, Deny, InvalidPayload, action, config, hook


class Handler(Capsule):
    @action
    def review(self, event):
        """Goes on with the note, its words masked; denies an empty one."""
        note = event.json()
        if not isinstance(note, str):
            raise InvalidPayload("a note is text")
        if not note.strip():
            return Deny("a note needs some text")

        masked = note
        for word in config.value("words"):
            masked = masked.replace(word, "*" * len(word))
        if masked != note:
            hook.trigger("guard.masked", masked)
        return masked
