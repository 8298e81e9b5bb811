//! Prints the ratios of what the other benchmarks measured last. Comes after
//! them in the alphabet, and so in a run of all.

#![allow(clippy::print_stdout, reason = "it is what this program is for")]

use std::path::Path;

use serde_json::Value;

const ROWS: [(&str, &str, &str); 38] = [
    (
        "import: wall clock",
        "import-wall-clock/boll",
        "import-wall-clock/raw",
    ),
    (
        "import: monotonic clock",
        "import-monotonic-clock/boll",
        "import-monotonic-clock/raw",
    ),
    (
        "import: configuration",
        "import-config/boll",
        "import-config/raw",
    ),
    (
        "import: log below the level",
        "import-log-debug/boll",
        "import-log-debug/raw",
    ),
    ("import: log", "import-log-info/boll", "import-log-info/raw"),
    (
        "import: log / buffered writer",
        "import-log-info/boll",
        "import-log-info/buffered",
    ),
    (
        "import: log to files / buffered file",
        "import-log-info/boll-files",
        "import-log-info/buffered-file",
    ),
    (
        "the log's writer / buffered file",
        "log-sink/files",
        "log-sink/buffered",
    ),
    (
        "fresh instance and call",
        "call-fresh/boll",
        "call-fresh/raw",
    ),
    (
        "the same / on demand",
        "call-fresh/boll",
        "call-fresh/on-demand",
    ),
    (
        "raw: on demand / pool",
        "call-fresh/on-demand",
        "call-fresh/raw",
    ),
    (
        "one task / two",
        "call-threads/boll-1",
        "call-threads/boll-2",
    ),
    (
        "raw: one task / two",
        "call-threads/raw-1",
        "call-threads/raw-2",
    ),
    (
        "warm call: 256 bytes / none",
        "call-warm/echo",
        "call-warm/no-op",
    ),
    (
        "fresh call / warm call",
        "call-fresh/boll",
        "call-warm/echo",
    ),
    ("load from the cache", "load/boll", "load/deserialize-file"),
    (
        "load what is loaded",
        "load/boll-again",
        "load/deserialize-file",
    ),
    (
        "hook, small work, to 1",
        "hook-small-1/boll",
        "hook-small-1/raw",
    ),
    (
        "hook, small work, to 10",
        "hook-small-10/boll",
        "hook-small-10/raw",
    ),
    (
        "hook, small work, to 100",
        "hook-small-100/boll",
        "hook-small-100/raw",
    ),
    (
        "hook, 80 us of work, to 10",
        "hook-work-10/boll",
        "hook-work-10/raw",
    ),
    (
        "hook, 80 us of work, to 100",
        "hook-work-100/boll",
        "hook-work-100/raw",
    ),
    (
        "hook, 2 ms of waiting, to 1",
        "hook-wait-1/boll",
        "hook-wait-1/raw",
    ),
    (
        "hook, 2 ms of waiting, to 10",
        "hook-wait-10/boll",
        "hook-wait-10/raw",
    ),
    (
        "hook, resident, to 1",
        "hook-resident-1/boll",
        "hook-resident-1/raw",
    ),
    (
        "hook, resident, to 10",
        "hook-resident-10/boll",
        "hook-resident-10/raw",
    ),
    (
        "hook, resident, to 100",
        "hook-resident-100/boll",
        "hook-resident-100/raw",
    ),
    (
        "load 1,000 of one component",
        "load-1000/boll",
        "load-1000/deserialize-file",
    ),
    (
        "process, standby / bwrap",
        "process/standby",
        "process/bwrap",
    ),
    ("process, standby / bare", "process/standby", "process/bare"),
    (
        "process, standby / bare after a pause",
        "process/standby",
        "process/bare-after-a-pause",
    ),
    ("process, cold / bwrap", "process/cold", "process/bwrap"),
    ("process, cold / bare", "process/cold", "process/bare"),
    (
        "processes back to back / bwrap",
        "process/boll",
        "process/bwrap",
    ),
    (
        "processes back to back / bare",
        "process/boll",
        "process/bare",
    ),
    ("process, standby / cold", "process/standby", "process/cold"),
    ("a child's output / native", "stream/boll", "stream/native"),
    ("bwrap / bare process", "process/bwrap", "process/bare"),
];

/// A median and the ends of its 95 % confidence interval, in nanoseconds.
struct Median {
    low: f64,
    middle: f64,
    high: f64,
}

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("criterion");
    println!("| work | time | against | ratio | from | to |");
    println!("|---|---|---|---|---|---|");
    for (work, ours, theirs) in ROWS {
        let (Some(ours), Some(theirs)) = (median(&folder, ours), median(&folder, theirs)) else {
            println!("| {work} | not measured | | | | |");
            continue;
        };
        println!(
            "| {work} | {} | {} | {:.2} | {:.2} | {:.2} |",
            time(ours.middle),
            time(theirs.middle),
            ours.middle / theirs.middle,
            ours.low / theirs.high,
            ours.high / theirs.low,
        );
    }
}

fn median(folder: &Path, benchmark: &str) -> Option<Median> {
    let file = folder.join(benchmark).join("new/estimates.json");
    let estimates: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    Some(Median {
        low: interval["lower_bound"].as_f64()?,
        middle: median["point_estimate"].as_f64()?,
        high: interval["upper_bound"].as_f64()?,
    })
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} us", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}
