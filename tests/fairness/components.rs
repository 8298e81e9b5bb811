//! Components that are small and hard to compile.

/// One function of so many loops, each in the one before, with locals.
pub(crate) fn loops(count: u32) -> Vec<u8> {
    let mut code: Vec<u8> = [0x03, 0x40].repeat(count as usize);
    for number in 0..count {
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
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[0x01, 0x60, 0x00, 0x00]),
        section(3, &[0x01, 0x00]),
        section(10, &[leb(1), body].concat()),
    ];
    [b"\0asm\x0d\0\x01\0".to_vec(), section(1, &module.concat())].concat()
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
