use super::*;

fn order() -> Order {
    Order {
        directory: "/workspace".into(),
        program: b"/usr/bin/git".to_vec(),
        args: vec!["git".into(), "".into()],
        env: vec![("A".into(), "b=c".into())],
        limits: vec![KernelLimit {
            resource: 7,
            soft: 8,
            hard: 9,
        }],
        ..Order::default()
    }
}

#[test]
fn the_layout_is_the_one_that_the_init_reads() {
    let filter = [0xaa; 16];
    let bytes = order().encode(&filter).unwrap();
    let word = |index: usize| u32::from_le_bytes(bytes[index * 4..][..4].try_into().unwrap());
    assert_eq!(word(0), wire::MAGIC);
    assert_eq!([word(1), word(2), word(3), word(4)], [2, 1, 1, 2]);
    assert_eq!(word(5) as usize, bytes.len());

    let limits = &bytes[wire::HEADER_WORDS * 4..];
    let long = |at: usize| u64::from_le_bytes(limits[at..][..8].try_into().unwrap());
    assert_eq!([long(0), long(8), long(16)], [7, 8, 9]);

    let texts = &limits[wire::RLIMIT_BYTES + filter.len()..];
    assert_eq!(texts, b"/workspace\0/usr/bin/git\0git\0\0A=b=c\0");
}

#[test]
fn a_written_order_cannot_be_changed() {
    let file = order().to_file(&[]).unwrap();
    assert_eq!(
        rustix::io::pwrite(&file, b"x", 0),
        Err(rustix::io::Errno::PERM)
    );
    assert!(rustix::fs::ftruncate(&file, 0).is_err());
}
