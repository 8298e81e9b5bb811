//! A ring against the whole stream that it is the tail of.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[path = "../../../host/src/process/ring.rs"]
mod ring;

use ring::Ring;

#[derive(Arbitrary, Debug)]
enum Step {
    Push(Vec<u8>),
    Read {
        cursor: u64,
        max: u16,
    },
    /// From where the last read ended.
    ReadOn {
        max: u16,
    },
}

fuzz_target!(|input: (u16, Vec<Step>)| {
    let (limit, steps) = input;
    let mut ring = Ring::new(limit.into());
    let mut all: Vec<u8> = Vec::new();
    let mut next = 0;
    for step in steps {
        match step {
            Step::Push(bytes) => {
                ring.push(&bytes);
                all.extend(bytes);
            }
            Step::Read { cursor, max } => next = read(&ring, &all, cursor, max),
            Step::ReadOn { max } => next = read(&ring, &all, next, max),
        }
        let kept = all.len().min(limit.into());
        assert_eq!(ring.end(), all.len() as u64);
        assert_eq!(ring.start(), (all.len() - kept) as u64);
    }
    let kept = all.len().min(limit.into());
    let (bytes, dropped) = ring.into_parts();
    assert_eq!(bytes, all[all.len() - kept..]);
    assert_eq!(dropped, (all.len() - kept) as u64);
});

/// Reads, and holds it against the stream; gives the position after it.
fn read(ring: &Ring, all: &[u8], cursor: u64, max: u16) -> u64 {
    let piece = ring.read(cursor, max.into());
    let from = cursor.max(ring.start());
    let available = (all.len() as u64).saturating_sub(from);
    let len = available.min(max.into());
    assert_eq!(piece.bytes.len() as u64, len);
    if len > 0 {
        assert_eq!(piece.bytes, all[from as usize..(from + len) as usize]);
    }
    assert_eq!(piece.dropped, from - cursor);
    assert_eq!(piece.next, from + len);
    piece.next
}
