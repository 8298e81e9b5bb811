//! Components that are small and hard to compile.

/// So many functions of loops, as many as there may be in one another, with locals.
pub(crate) fn loops(functions: usize) -> Vec<u8> {
    let body = function(250);
    let bodies = [leb(functions as u32), body.repeat(functions)].concat();
    let types = [leb(functions as u32), vec![0x00; functions]].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[0x01, 0x60, 0x00, 0x00]),
        section(3, &types),
        section(10, &bodies),
    ];
    [b"\0asm\x0d\0\x01\0".to_vec(), section(1, &module.concat())].concat()
}

/// A function with its size before it.
fn function(loops: u32) -> Vec<u8> {
    let mut code: Vec<u8> = [0x03, 0x40].repeat(loops as usize);
    for number in 0..loops {
        code.push(0x20);
        code.extend(leb(number % 200));
        code.push(0x20);
        code.extend(leb(number * 31 % 200));
        code.extend([0x6a, 0x21]);
        code.extend(leb(number * 17 % 200));
        code.push(0x20);
        code.extend(leb(number % 200));
        code.extend([0x0d, 0x00, 0x0b]);
    }
    let mut body = [leb(1), leb(200), vec![0x7f], code, vec![0x0b]].concat();
    body.splice(0..0, leb(body.len() as u32));
    body
}

/// A section that means nothing.
pub(crate) fn custom(number: u32) -> Vec<u8> {
    section(0, &[vec![1, b'x'], number.to_le_bytes().to_vec()].concat())
}

fn section(kind: u8, body: &[u8]) -> Vec<u8> {
    [vec![kind], leb(body.len() as u32), body.to_vec()].concat()
}

fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
