//! Random changes of the operator's file: it is read or rejected, soon and without a
//! panic. `BOLL_FUZZ_SECONDS` sets for how long.
//!
//! Not a target of cargo-fuzz: the code belongs to a program, which nothing else can
//! call.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Operator;

const SAMPLE: &str = r#"
[capsule.git-report]
digest = "any"
allow = ["process:git log **", "files:/data", "network:example.com:443", "publish:a.*"]
[capsule.git-report.config]
token = "a secret"
limit = 100
[capsule.git-report.secret-files]
key = "secrets/key"
[sandbox]
backend = "bubblewrap"
tmp-mib = 256
[process]
interrupt-ms = 2000
runs = 64
[log]
rate = 10000
burst = 20000
"#;

/// Words that mean something somewhere.
const WORDS: [&str; 16] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\n",
    "\"",
    "\"\"\"",
    ".",
    "#",
    "4294967296",
    "-1",
    "capsule",
    "\u{202e}",
];

fn mutated(random: &mut fastrand::Rng) -> String {
    let mut bytes = SAMPLE.as_bytes().to_vec();
    for _ in 0..random.usize(1..8) {
        let at = random.usize(0..bytes.len());
        match random.u8(0..5) {
            0 => bytes[at] = random.u8(..),
            1 => drop(bytes.drain(at..(at + random.usize(1..20)).min(bytes.len()))),
            2 => {
                let end = (at + random.usize(1..40)).min(bytes.len());
                let copied = bytes[at..end].to_vec();
                let to = random.usize(0..=bytes.len());
                bytes.splice(to..to, copied);
            }
            3 => {
                let word = WORDS[random.usize(0..WORDS.len())];
                let times = [1, 1, 2, 300][random.usize(0..4)];
                bytes.splice(at..at, word.repeat(times).into_bytes());
            }
            _ => bytes.truncate(at.max(1)),
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_mutation_of_the_operators_file_panics_or_hangs() {
    let seconds = std::env::var("BOLL_FUZZ_SECONDS").ok();
    let seconds = seconds
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(1);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut random = fastrand::Rng::new();
    while Instant::now() < until {
        let text = mutated(&mut random);
        let began = Instant::now();
        let read = Operator::parse(PathBuf::from("/nowhere/boll.toml"), text.clone(), &[]);
        assert!(began.elapsed() < Duration::from_secs(10), "{text}");
        if let Err(failure) = read {
            assert!(!failure.message().is_empty(), "{text}");
        }
    }
}
