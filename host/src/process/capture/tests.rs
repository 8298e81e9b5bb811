use proptest::prelude::*;

use super::*;

fn ring(limit: u64, chunks: &[&[u8]]) -> Captured {
    let mut ring = Ring::new(limit);
    for chunk in chunks {
        ring.push(chunk);
    }
    ring.into_captured()
}

#[test]
fn what_fits_is_kept_whole() {
    let captured = ring(5, &[b"ab", b"cde"]);
    assert_eq!(
        (captured.bytes.as_slice(), captured.dropped),
        (&b"abcde"[..], 0)
    );
}

#[test]
fn the_newest_bytes_stay() {
    let captured = ring(4, &[b"ab", b"cde", b"f"]);
    assert_eq!(
        (captured.bytes.as_slice(), captured.dropped),
        (&b"cdef"[..], 2)
    );
}

#[test]
fn memory_never_exceeds_the_limit() {
    let mut ring = Ring::new(1000);
    for _ in 0..100 {
        ring.push(&[7; 33]);
    }
    assert!(ring.bytes.capacity() <= 1000);
}

proptest! {
    #[test]
    fn a_ring_is_the_tail_of_the_stream(
        limit in 1usize..20,
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..10),
    ) {
        let mut ring = Ring::new(limit as u64);
        for chunk in &chunks {
            ring.push(chunk);
        }
        let all = chunks.concat();
        let captured = ring.into_captured();
        let kept = all.len().min(limit);
        prop_assert_eq!(&captured.bytes, &all[all.len() - kept..]);
        prop_assert_eq!(captured.dropped, (all.len() - kept) as u64);
    }
}
