use super::super::ruleset::Rule;
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
    let ruleset = Ruleset {
        files: 1,
        network: 2,
        scopes: 3,
        rules: vec![Rule {
            path: "/usr".into(),
            rights: 4,
            optional: true,
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
    assert_eq!(word(6) as usize, bytes.len());

    let (limits, rest) = bytes[wire::HEADER_WORDS * 4..].split_at(wire::RLIMIT_BYTES);
    assert_eq!(longs(limits), [7, 8, 9]);
    let (instructions, rest) = rest.split_at(filter.len());
    assert_eq!(instructions, filter);
    let (rules, texts) = rest.split_at(wire::RULESET_BYTES + wire::RULE_BYTES);
    assert_eq!(longs(rules), [1, 2, 3, 4, 1]);
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
