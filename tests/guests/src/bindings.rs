//! Bindings of the tests' own, since the SDK does not let anyone write a
//! malformed command, nor use a child in a way that makes no sense.
//!
//! The clock is written out whole: it is merged with the one of `std`.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package boll:test-guests;

        world raw {
            import boll:process/process@0.2.0;
            import boll:process/children@0.2.0;
            import boll:process/streams@0.2.0;
            import wasi:clocks/monotonic-clock@0.2.12;
        }

        package wasi:clocks@0.2.12 {
            interface monotonic-clock {
                use wasi:io/poll@0.2.12.{pollable};
                type instant = u64;
                type duration = u64;
                now: func() -> instant;
                resolution: func() -> duration;
                subscribe-instant: func(when: instant) -> pollable;
                subscribe-duration: func(when: duration) -> pollable;
            }
        }
    ",
    world: "boll:test-guests/raw",
    type_section_suffix: "raw-process",
    generate_all,
});
