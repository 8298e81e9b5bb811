//! Components that are small on disk and large for whoever reads or compiles them.

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// Instance types, each inside the one before.
pub(crate) fn nested_types(depth: usize) -> Vec<u8> {
    let nested = [0x42, 1, 1].repeat(depth);
    let types = [&[1], nested.as_slice(), &[0x42, 0]].concat();
    [COMPONENT, &section(7, &types)].concat()
}

/// Components, each inside the one before.
pub(crate) fn nested_components(depth: usize) -> Vec<u8> {
    (0..depth).fold(COMPONENT.to_vec(), |inner, _| {
        [COMPONENT, &section(4, &inner)].concat()
    })
}

/// Types of values, each a list of the one before.
pub(crate) fn lists_of_lists(depth: usize) -> Vec<u8> {
    let lists = (0..depth - 1).flat_map(|inner| [vec![0x70], leb(inner)].concat());
    let types = [leb(depth), vec![0x73], lists.collect()].concat();
    [COMPONENT, &section(7, &types)].concat()
}

/// Functions whose parameter has pairs of pairs of pairs: short in bytes, and long
/// as text.
pub(crate) fn pairs_of_pairs(depth: usize, functions: usize) -> Vec<u8> {
    let pairs = (0..depth).flat_map(|one| [vec![0x6f, 2], leb(one), leb(one)].concat());
    let function = [&[0x40, 1, 1, b'a'], leb(depth).as_slice(), &[1, 0]].concat();
    let types = [
        leb(depth + 1 + functions),
        vec![0x73],
        pairs.collect(),
        function.repeat(functions),
    ];
    let imports = (0..functions).flat_map(|number| {
        let name = format!("f{number}").into_bytes();
        let of = leb(depth + 1 + number);
        [vec![0], leb(name.len()), name, vec![1], of].concat()
    });
    let imports = [leb(functions), imports.collect()].concat();
    [
        COMPONENT,
        &section(7, &types.concat()),
        &section(10, &imports),
    ]
    .concat()
}

/// One function of nested loops that all use the same variables.
pub(crate) fn nested_loops(depth: usize) -> Vec<u8> {
    let ends = (0..depth).flat_map(|index| {
        let (one, other) = (leb(index % 200), leb(index * 17 % 200));
        [
            &[0x20],
            one.as_slice(),
            &[0x21],
            &other,
            &[0x20],
            &one,
            &[0x0d, 0, 0x0b],
        ]
        .concat()
    });
    function(200, &[[0x03, 0x40].repeat(depth), ends.collect()].concat())
}

/// One function that is within every limit and takes long to compile: blocks inside
/// one another, at the end of each of which variables meet.
pub(crate) fn slow() -> Vec<u8> {
    const BLOCKS: usize = 9_000;
    const LOCALS: usize = 2_000;
    let ends = (0..BLOCKS).flat_map(|index| {
        let (one, other) = (leb(index % LOCALS), leb(index * 17 % LOCALS));
        let parts = [
            &[0x20],
            one.as_slice(),
            &[0x0d, 0, 0x20],
            &one,
            &[0x21],
            &other,
            &[0x0b],
        ];
        parts.concat()
    });
    function(
        LOCALS,
        &[[0x02, 0x40].repeat(BLOCKS), ends.collect()].concat(),
    )
}

fn function(locals: usize, code: &[u8]) -> Vec<u8> {
    let body = [&[1], leb(locals).as_slice(), &[0x7f], code, &[0x0b]].concat();
    let body = [&[1], leb(body.len()).as_slice(), &body].concat();
    let module = [
        MODULE,
        &section(1, &[1, 0x60, 0, 0]),
        &section(3, &[1, 0]),
        &section(10, &body),
    ];
    [COMPONENT, &section(1, &module.concat())].concat()
}

pub(crate) fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id], leb(body.len()).as_slice(), body].concat()
}

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
