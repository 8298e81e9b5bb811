//! Actions that do not end well.

use boll_sdk::{Failure, Reply};
use std::hint::black_box;

pub(crate) fn spin() -> Result<(), Failure> {
    loop {
        black_box(());
    }
}

pub(crate) fn allocate() -> Result<(), Failure> {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Until an allocation fails, as the runtimes of languages with exceptions do it.
pub(crate) fn exhaust() -> Result<(), Failure> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut more = Vec::new();
        more.try_reserve_exact(1 << 20)
            .map_err(|_| Failure::new("out of memory"))?;
        all.push(black_box(more));
    }
}

pub(crate) fn caught() -> Result<Reply, Failure> {
    exhaust().map_or_else(|_| Ok(Reply::bytes("caught")), |()| Ok(Reply::bytes("")))
}

pub(crate) fn keep(mib: usize) {
    std::mem::forget(black_box(vec![1_u8; mib << 20]));
}

pub(crate) fn deep_recursion() -> Result<(), Failure> {
    let depth = deeper(black_box(1));
    Err(Failure::new(format!("came back from depth {depth}")))
}

#[expect(unconditional_recursion, reason = "this is the point")]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    deeper(black_box(depth + 1)) + frame[0]
}
