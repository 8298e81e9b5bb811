"""A capsule that greets."""

from boll import Capsule, Event, action, config, log


class Handler(Capsule):
    """The export `boll:hook/handler`."""

    @action
    def greet(self, event: Event) -> bytes:
        """Greets the person named in the payload."""
        name = event.text().strip() or "world"
        greeting = config.get("greeting")
        log.info("greeted", bytes=len(name.encode()))
        # Bytes are sent as they are, everything else as JSON.
        return f"{greeting}, {name}!".encode()
