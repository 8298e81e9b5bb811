//! How fast a capsule may log, and that a log that cannot be written holds no
//! capsule up.

use std::sync::mpsc;
use std::time::Duration;

use boll_host::Runtime;
use boll_host::services::log::{LineSource, LogLine, LogRate, LogSettings, LogSink};

use crate::bench::{Bench, Setup, sh};

/// Fifteen lines in all.
fn fifteen(setup: Setup) -> Setup {
    setup.log(|log| {
        log.rate = LogRate {
            lines: 0,
            burst: 15,
            ..LogRate::default()
        };
    })
}

fn from(lines: &[LogLine], is_so: impl Fn(&LineSource) -> bool) -> usize {
    lines.iter().filter(|line| is_so(&line.source)).count()
}

#[tokio::test]
async fn whatever_a_capsules_lines_come_from_they_count_together() {
    let bench = fifteen(Bench::setup().program("sh")).start().await;
    let mut command = sh("seq 50");
    command["stdout"] = "log".into();
    for (action, payload) in [
        ("log-lines", String::new()),
        ("stdout", String::new()),
        ("run", command.to_string()),
    ] {
        bench.plainly(action, &payload).await.expect("an answer");
    }
    let lines = bench.logged().await;
    use LineSource::{Capsule, Child, Host, Stderr, Stdout};
    assert_eq!(from(&lines, |source| *source == Capsule), 5);
    assert_eq!(from(&lines, |source| matches!(source, Stdout | Stderr)), 5);
    assert_eq!(from(&lines, |source| matches!(source, Child { .. })), 5);
    let notes: Vec<_> = lines.iter().filter(|line| line.source == Host).collect();
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].message.starts_with("45 log lines dropped: "),
        "{}",
        notes[0].message
    );
    assert_eq!(
        notes[0].origin.as_ref().expect("whose").capsule.as_str(),
        "guests"
    );
}

#[tokio::test]
async fn a_capsule_that_floods_the_log_takes_no_line_from_another() {
    let setup = fifteen(Bench::setup().without_sandbox());
    let other = setup.load("other");
    let bench = setup.start().await;
    for _ in 0..10 {
        bench.plainly("log-lines", "").await.expect("an answer");
    }
    let other = bench.runtime.load(other).await.expect("loaded");
    let answer = bench
        .runtime
        .invoke(&other, "log-lines", Vec::new(), Default::default());
    answer.await.expect("an answer");
    let lines = bench.logged().await;
    let of = |capsule: &str| {
        let origins = lines
            .iter()
            .filter(|line| line.source == LineSource::Capsule);
        let origins = origins.filter_map(|line| line.origin.as_ref());
        origins
            .filter(|origin| origin.capsule.as_str() == capsule)
            .count()
    };
    assert_eq!((of("guests"), of("other")), (15, 5));
}

#[tokio::test]
async fn to_be_loaded_anew_fills_no_allowance() {
    let setup = fifteen(Bench::setup().without_sandbox());
    let again = setup.load("guests");
    let bench = setup.start().await;
    for _ in 0..5 {
        bench.plainly("log-lines", "").await.expect("an answer");
    }
    bench.runtime.load(again).await.expect("loaded");
    bench.plainly("log-lines", "").await.expect("an answer");
    let lines = bench.logged().await;
    assert_eq!(from(&lines, |source| *source == LineSource::Capsule), 15);
}

/// Waits with the first lines until it is let go on.
struct Hanging(mpsc::Receiver<()>);

impl LogSink for Hanging {
    fn write(&mut self, _: &[LogLine]) {
        // When the other end is gone, nothing is waited for.
        let _ = self.0.recv();
    }
}

#[tokio::test]
async fn a_log_that_hangs_holds_no_capsule_up() {
    let (go_on, hanging) = mpsc::channel();
    let settings = LogSettings {
        queue: 2,
        ..LogSettings::default()
    };
    let runtime = Runtime::builder()
        .log(settings)
        .log_sink(Hanging(hanging))
        .build()
        .expect("a runtime");
    let load = Bench::setup().without_sandbox().load("guests");
    let id = runtime.load(load).await.expect("loaded");
    for _ in 0..20 {
        let call = runtime.invoke(&id, "log-lines", Vec::new(), Default::default());
        let answer = tokio::time::timeout(Duration::from_secs(20), call).await;
        answer.expect("in time").expect("an answer");
    }
    drop(go_on);
    runtime.shut_down().await;
}
