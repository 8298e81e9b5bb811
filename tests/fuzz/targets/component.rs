//! Whatever a component's bytes are: they are looked over without a panic, and what
//! passes is within the limits.
#![no_main]

use boll_fuzz::engine::{ComponentLimits, scan};
use libfuzzer_sys::fuzz_target;

/// Small, so that a short input can be over each of them.
const LIMITS: ComponentLimits = ComponentLimits {
    bytes: 1 << 20,
    nesting: 3,
    type_nesting: 4,
    modules: 4,
    types: 32,
    functions: 8,
    items: 64,
    instances: 200,
    function_bytes: 512,
    locals: 100,
    all_locals: 300,
    block_nesting: 8,
    loop_nesting: 4,
    joins: 500,
};

fuzz_target!(|input: (bool, &[u8])| {
    let (headed, bytes) = input;
    let head: &[u8] = if headed { b"\0asm\x0d\0\x01\0" } else { b"" };
    let bytes = [head, bytes].concat();
    if let Ok(counts) = scan(&bytes, &LIMITS) {
        assert!(counts.nesting <= LIMITS.nesting);
        assert!(counts.type_nesting <= LIMITS.type_nesting);
        assert!(counts.modules <= LIMITS.modules);
        assert!(counts.types <= LIMITS.types);
        assert!(counts.functions <= LIMITS.functions);
        assert!(counts.items <= LIMITS.items);
        assert!(counts.instances <= LIMITS.instances);
        assert!(counts.locals <= LIMITS.locals);
        assert!(counts.block_nesting <= LIMITS.block_nesting);
        assert!(counts.joins <= LIMITS.joins);
        // What is within small limits is within the usual ones.
        assert!(scan(&bytes, &ComponentLimits::default()).is_ok());
    }
});
