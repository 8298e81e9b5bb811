//! The program as the host gets it.

use std::vec::Vec;

use crate::PROGRAM;

/// The numbers of the program headers of an ELF file.
fn segments() -> Vec<u32> {
    const HEADERS_AT: usize = 32;
    const HEADER_BYTES: usize = 56;
    const HEADER_COUNT_AT: usize = 56;
    let at = u64::from_le_bytes(*PROGRAM[HEADERS_AT..].first_chunk().unwrap()) as usize;
    let count = u16::from_le_bytes(*PROGRAM[HEADER_COUNT_AT..].first_chunk().unwrap());
    PROGRAM[at..]
        .chunks(HEADER_BYTES)
        .take(count.into())
        .map(|header| u32::from_le_bytes(*header.first_chunk().unwrap()))
        .collect()
}

#[test]
fn the_program_needs_no_loader_and_no_library() {
    const LOAD: u32 = 1;
    const DYNAMIC: u32 = 2;
    const INTERPRETER: u32 = 3;
    assert!(PROGRAM.starts_with(b"\x7fELF"));
    let segments = segments();
    assert!(segments.contains(&LOAD), "{segments:?}");
    assert!(!segments.contains(&DYNAMIC), "{segments:?}");
    assert!(!segments.contains(&INTERPRETER), "{segments:?}");
}
