use proptest::prelude::*;

use super::*;

fn ring(limit: u64, chunks: &[&[u8]]) -> Ring {
    let mut ring = Ring::new(limit);
    for chunk in chunks {
        ring.push(chunk);
    }
    ring
}

#[test]
fn what_fits_is_kept_whole() {
    let parts = ring(5, &[b"ab", b"cde"]).into_parts();
    assert_eq!(parts, (b"abcde".to_vec(), 0));
}

#[test]
fn the_newest_bytes_stay() {
    let parts = ring(4, &[b"ab", b"cde", b"f"]).into_parts();
    assert_eq!(parts, (b"cdef".to_vec(), 2));
}

#[test]
fn a_read_takes_nothing_away() {
    let ring = ring(4, &[b"ab", b"cde", b"f"]);
    for _ in 0..2 {
        let piece = ring.read(3, 2);
        assert_eq!(
            (piece.bytes, piece.next, piece.dropped),
            (b"de".to_vec(), 5, 0)
        );
    }
}

#[test]
fn a_read_before_the_first_byte_tells_what_it_missed() {
    let piece = ring(4, &[b"abcdef"]).read(1, 10);
    assert_eq!(
        (piece.bytes, piece.next, piece.dropped),
        (b"cdef".to_vec(), 6, 1)
    );
}

#[test]
fn a_read_at_or_beyond_the_end_gives_nothing_and_stays() {
    let ring = ring(4, &[b"abcdef"]);
    for cursor in [6, 7, u64::MAX] {
        let piece = ring.read(cursor, 10);
        assert_eq!(
            (piece.bytes, piece.next, piece.dropped),
            (vec![], cursor, 0)
        );
    }
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
        let kept = all.len().min(limit);
        let (bytes, dropped) = ring.into_parts();
        prop_assert_eq!(&bytes, &all[all.len() - kept..]);
        prop_assert_eq!(dropped, (all.len() - kept) as u64);
    }

    #[test]
    fn readers_see_every_byte_or_know_what_they_missed(
        limit in 1usize..20,
        steps in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..30), 0usize..30), 0..20),
    ) {
        let mut ring = Ring::new(limit as u64);
        let (mut all, mut cursor) = (Vec::new(), 0);
        for (chunk, max) in steps {
            ring.push(&chunk);
            all.extend(chunk);
            let piece = ring.read(cursor, max);
            let from = (cursor + piece.dropped) as usize;
            prop_assert_eq!(&piece.bytes, &all[from..from + piece.bytes.len()]);
            prop_assert_eq!(piece.next, (from + piece.bytes.len()) as u64);
            prop_assert!(piece.bytes.len() <= max);
            prop_assert_eq!(piece.dropped, ring.start().saturating_sub(cursor));
            cursor = piece.next;
        }
    }
}
