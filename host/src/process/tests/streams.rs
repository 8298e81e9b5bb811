//! What processes read and write.

use std::time::{Duration, Instant};

use super::support::{Bench, code, command, sh};
use crate::policy::command::{CommandSpec, Input, Keep};

#[tokio::test]
async fn stdin_is_read_to_its_end() {
    let bench = Bench::new();
    let bytes: Vec<u8> = (0..3_000_000u32).map(|number| number as u8).collect();
    let spec = CommandSpec {
        stdin: Input::Bytes(bytes.clone()),
        stdout: Keep::Ring(4 << 20),
        ..command("cat", &[])
    };
    assert_eq!(bench.run(spec).await.stdout.bytes, bytes);
    assert_eq!(bench.sh("wc -c").await.trim(), "0");
}

#[tokio::test]
async fn stdin_that_nobody_reads_blocks_nothing() {
    let bench = Bench::new();
    for script in ["true", "exec 0<&-; sleep 0.1"] {
        let spec = CommandSpec {
            stdin: Input::Bytes(vec![7; 3 << 20]),
            ..sh(script)
        };
        assert_eq!(code(&bench.run(spec).await.exit), 0);
    }
}

#[tokio::test]
async fn a_flood_is_bounded_and_counted() {
    let bench = Bench::new();
    let before = peak_memory();
    let spec = CommandSpec {
        stdout: Keep::Ring(10_000),
        ..sh("head -c 200000000 /dev/zero; printf end")
    };
    let output = bench.run(spec).await;
    assert_eq!(output.stdout.bytes.len(), 10_000);
    assert!(output.stdout.bytes.ends_with(b"\0end"));
    assert_eq!(output.stdout.dropped, 200_000_003 - 10_000);
    // Other tests run in this process too, hence the room.
    assert!(peak_memory() - before < 100 << 20);
}

/// The most memory that this process has had, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() << 10
}

#[tokio::test]
async fn both_outputs_are_kept_apart() {
    let output = Bench::new().run(sh("echo out; echo err >&2")).await;
    assert_eq!(output.stdout.bytes, b"out\n");
    assert_eq!(output.stderr.bytes, b"err\n");
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_holds_nobody_up() {
    let started = Instant::now();
    let output = Bench::new().run(sh("sleep 77129 & echo done")).await;
    assert_eq!(output.stdout.bytes, b"done\n");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_process_may_close_its_output_and_live_on() {
    let output = Bench::new()
        .run(sh("exec >&- 2>&-; sleep 0.2; exit 4"))
        .await;
    assert_eq!(code(&output.exit), 4);
    assert!(output.elapsed >= Duration::from_millis(200));
}

#[tokio::test]
async fn bytes_stay_as_they_are() {
    let output = Bench::new()
        .run(sh(r"printf '\303'; sleep 0.05; printf '\244\377'"))
        .await;
    assert_eq!(output.stdout.bytes, [0xc3, 0xa4, 0xff]);
}

#[tokio::test]
async fn lines_go_to_the_log() {
    let bench = Bench::new();
    let spec = CommandSpec {
        stdout: Keep::Log,
        stderr: Keep::Log,
        ..sh(r"printf 'one\ntw\303'; sleep 0.05; printf '\266'; echo oops >&2")
    };
    let output = bench.run(spec).await;
    assert!(output.stdout.bytes.is_empty());
    let mut lines = bench.lines.0.lock().unwrap().clone();
    lines.sort();
    assert_eq!(lines, ["sh Stderr oops", "sh Stdout one", "sh Stdout twö"]);
}
