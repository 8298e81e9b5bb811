use super::super::ruleset::Rule;
use super::*;

fn order() -> Order {
    Order {
        directory: "/workspace".into(),
        program: "/usr/bin/git".into(),
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
    let ruleset = Ruleset {
        files: 1,
        network: 2,
        scopes: 3,
        rules: vec![Rule {
            path: "/usr".into(),
            rights: 4,
            optional: true,
            identity: Some((5, 6)),
        }],
    };
    let imposed = Imposed {
        filter: &filter,
        ruleset: Some(&ruleset),
        env: &[("HOME", "/home".into())],
    };
    let bytes = order().encode(&imposed).unwrap();
    let word = |index: usize| u32::from_le_bytes(bytes[index * 4..][..4].try_into().unwrap());
    assert_eq!(word(0), wire::MAGIC);
    assert_eq!([1, 2, 3, 4, 5].map(word), [2, 2, 1, 2, 1]);
    assert_eq!(word(6), 0);
    assert_eq!(word(7) as usize, bytes.len());

    let (limits, rest) = bytes[wire::HEADER_WORDS * 4..].split_at(wire::RLIMIT_BYTES);
    assert_eq!(longs(limits), [7, 8, 9]);
    let (instructions, rest) = rest.split_at(filter.len());
    assert_eq!(instructions, filter);
    let (rules, texts) = rest.split_at(wire::RULESET_BYTES + wire::RULE_BYTES);
    assert_eq!(longs(rules), [1, 2, 3, 4, 3, 5, 6]);
    let expected = b"/workspace\0/usr/bin/git\0git\0\0A=b=c\0HOME=/home\0/usr\0";
    assert_eq!(texts, expected);
}

fn longs(bytes: &[u8]) -> Vec<u64> {
    let longs = bytes.chunks_exact(8);
    longs
        .map(|long| u64::from_le_bytes(long.try_into().unwrap()))
        .collect()
}

#[test]
fn what_was_judged_goes_with_the_order_and_is_told_apart() {
    let judged = |name: &str| {
        let file = super::super::memory_file::sealed(name, &[]).unwrap();
        Some(std::sync::Arc::new(file))
    };
    let (directory, program) = (judged("directory"), judged("program"));
    for (directory, program, bits) in [
        (None, None, 0),
        (directory.clone(), None, wire::JUDGED_DIRECTORY),
        (None, program.clone(), wire::JUDGED_PROGRAM),
        (
            directory,
            program,
            wire::JUDGED_DIRECTORY | wire::JUDGED_PROGRAM,
        ),
    ] {
        let mut order = order();
        order.directory.judged = directory;
        order.program.judged = program;
        let bytes = order.encode(&Imposed::default()).unwrap();
        assert_eq!(bytes[6 * 4..][..4], bits.to_le_bytes());
        assert_eq!(order.judged().count(), bits.count_ones() as usize);
    }
}

#[test]
fn a_variable_of_the_commands_goes_before_the_sandboxs() {
    let imposed = Imposed {
        env: &[("A", "other".into())],
        ..Imposed::default()
    };
    let bytes = order().encode(&imposed).unwrap();
    assert!(bytes.ends_with(b"\0A=b=c\0"));
}

#[test]
fn a_written_order_cannot_be_changed() {
    let file = order().to_file(&Imposed::default()).unwrap();
    assert_eq!(
        rustix::io::pwrite(&file, b"x", 0),
        Err(rustix::io::Errno::PERM)
    );
    assert!(rustix::fs::ftruncate(&file, 0).is_err());
}
