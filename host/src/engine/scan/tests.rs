use super::*;

const HEAD: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id], leb(body.len()).as_slice(), body].concat()
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [HEAD, sections.concat().as_slice()].concat()
}

/// Returns a component with one module, of one function with this many local variables.
fn function(locals: usize, code: &[u8]) -> Vec<u8> {
    let body = [&[1], leb(locals).as_slice(), &[0x7f], code, &[0x0b]].concat();
    let code = [&[1], leb(body.len()).as_slice(), &body].concat();
    let module = [
        MODULE.to_vec(),
        section(1, &[1, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(10, &code),
    ];
    component(&[section(1, &module.concat())])
}

/// Types of this first byte, each inside the one before.
fn nested_types(first: u8, depth: usize) -> Vec<u8> {
    let mut body = vec![1];
    for _ in 0..depth {
        body.extend([first, 1, 1]);
    }
    body.extend([first, 0]);
    component(&[section(7, &body)])
}

fn nested_components(depth: usize) -> Vec<u8> {
    (0..depth).fold(HEAD.to_vec(), |inner, _| component(&[section(4, &inner)]))
}

fn over(bytes: &[u8]) -> String {
    match scan(bytes, &ComponentLimits::default()) {
        Err(ScanError::Limit {
            what, found, limit, ..
        }) => {
            assert!(found > limit);
            what.to_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn passes(bytes: &[u8]) -> ComponentCounts {
    scan(bytes, &ComponentLimits::default()).expect("it is within its limits")
}

#[test]
fn what_nests_without_end_is_refused_and_what_nests_a_little_passes() {
    for first in [0x41, 0x42] {
        assert_eq!(
            over(&nested_types(first, 1_000_000)),
            "types inside one another"
        );
        assert_eq!(passes(&nested_types(first, 63)).type_nesting, 64);
        assert_eq!(over(&nested_types(first, 64)), "types inside one another");
    }
    assert_eq!(
        over(&nested_components(500)),
        "components inside one another"
    );
    assert_eq!(passes(&nested_components(31)).nesting, 32);
}

#[test]
fn an_instance_counts_with_all_that_it_makes() {
    let makes = |inner: &[u8], count: usize| {
        let made = [leb(count), [0, 0, 0].repeat(count)].concat();
        component(&[section(4, inner), section(5, &made)])
    };
    let module = section(1, MODULE);
    let one = component(&[module, section(2, &[1, 0, 0, 0])]);
    let twice = makes(&makes(&one, 10), 10);
    assert_eq!(passes(&twice).instances, 100);
    let many = (0..5).fold(one, |inner, _| makes(&inner, 100));
    assert!(many.len() < 3000);
    assert_eq!(over(&many), "instances, with all that those make");
}

#[test]
fn loops_and_blocks_are_bounded_by_themselves_and_by_what_they_pass_on() {
    let nested =
        |opcode: u8, count: usize| [[opcode, 0x40].repeat(count), vec![0x0b; count]].concat();
    assert_eq!(
        over(&function(1, &nested(0x03, 20_000))),
        "loops inside one another in a function"
    );
    assert_eq!(
        over(&function(1, &nested(0x02, 60_000))),
        "blocks inside one another in a function"
    );
    let one_after_the_other = [0x03, 0x40, 0x0b].repeat(20_000);
    assert!(over(&function(2000, &one_after_the_other)).starts_with("values that its loops"));
    assert_eq!(
        over(&function(60_000, &[])),
        "local variables in a function"
    );
    assert_eq!(
        over(&function(1, &[0x01].repeat(5 << 20))),
        "bytes in a function"
    );
    let counts = passes(&function(200, &nested(0x03, 100)));
    assert_eq!((counts.loop_nesting, counts.joins), (100, 20_000));
}

#[test]
fn counts_are_bounded() {
    let modules = component(&vec![section(1, MODULE); 1001]);
    assert_eq!(over(&modules), "modules and components");
    let types = [leb(100_001), [0x7f].repeat(100_001)].concat();
    assert_eq!(over(&component(&[section(7, &types)])), "types");
    let items = component(&vec![section(6, &leb(300_000)); 4]);
    assert_eq!(over(&items), "items");
    let small = ComponentLimits {
        bytes: 7,
        ..ComponentLimits::default()
    };
    let Err(error) = scan(HEAD, &small) else {
        panic!("8 bytes are over a limit of 7");
    };
    let said = "it has 8 bytes (at byte 0), which is over the limit of 7";
    assert_eq!(error.to_string(), said);
}

#[test]
fn every_prefix_and_every_wrong_byte_is_an_error_or_passes() {
    let bytes = [nested_types(0x42, 5), section(1, MODULE)].concat();
    let limits = ComponentLimits::default();
    // A panic is what would fail here.
    for end in 0..bytes.len() {
        let _ = scan(&bytes[..end], &limits);
        for value in [0, 1, 0x41, 0x42, 0x7f, 0x80, 0xff] {
            let mut wrong = bytes.clone();
            wrong[end] = value;
            let _ = scan(&wrong, &limits);
        }
    }
}
