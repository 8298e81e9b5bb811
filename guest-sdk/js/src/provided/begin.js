// What every built capsule loads before its author's modules.

// First, as it keeps what the engine brings.
import "../frozen.js";
import "../globals.js";
