//! What a program writes: kept in a ring, discarded, or as lines of the log.

use boll_host::CallOptions;
use boll_host::services::log::{LineSource, LogLevel};
use serde_json::json;

use crate::bench::{Bench, sh};

#[tokio::test]
async fn a_ring_keeps_the_newest_bytes_and_counts_the_others() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("printf 0123456789; printf abc >&2");
    command["stdout"] = "ring:4".into();
    command["stderr"] = "ring:3".into();
    let reply = bench.run(command).await;
    assert_eq!(
        reply["ok"]["stdout"],
        json!({"text": "6789", "len": 4, "dropped": 6})
    );
    assert_eq!(
        reply["ok"]["stderr"],
        json!({"text": "abc", "len": 3, "dropped": 0})
    );
}

#[tokio::test]
async fn more_than_a_pipe_holds_is_counted_to_the_byte() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("head -c 3000000 /dev/zero; echo end");
    command["stdout"] = "ring:1000".into();
    let stdout = &bench.run(command).await["ok"]["stdout"];
    assert_eq!(
        (&stdout["len"], &stdout["dropped"]),
        (&json!(1000), &json!(2_999_004))
    );
    assert!(stdout["text"].as_str().expect("a text").ends_with("end\n"));
}

#[tokio::test]
async fn a_ring_over_the_limit_is_refused() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("exit 0");
    command["stderr"] = format!("ring:{}", (64 << 20) + 1).into();
    assert_eq!(
        bench.run(command).await["err"]["too-large"],
        json!({"what": "stderr", "limit": 64 << 20, "actual": (64 << 20) + 1})
    );
}

#[tokio::test]
async fn what_is_discarded_is_gone() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("echo out; echo err >&2");
    command["stdout"] = "null".into();
    command["stderr"] = "null".into();
    let reply = bench.run(command).await;
    for stream in ["stdout", "stderr"] {
        assert_eq!(
            reply["ok"][stream],
            json!({"text": "", "len": 0, "dropped": 0})
        );
    }
    assert_eq!(bench.logged().await.len(), 0);
}

#[tokio::test]
async fn lines_for_the_log_name_the_process_and_the_call() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("echo one; echo err >&2; printf 'two\\nno end'");
    command["stdout"] = "log".into();
    command["stderr"] = "log".into();
    command["label"] = "speaker".into();
    let options = CallOptions {
        principal: Some("ann".into()),
        call_id: Some("c-1".into()),
        time: None,
    };
    bench
        .call("run", &command.to_string(), options)
        .await
        .expect("an answer");
    let mut written = Vec::new();
    for line in bench.logged().await {
        let origin = line.origin.as_ref().expect("an origin");
        assert_eq!(origin.principal.as_deref(), Some("ann"));
        assert_eq!(origin.call_id.as_deref(), Some("c-1"));
        assert_eq!(line.level, LogLevel::Info);
        match line.source {
            LineSource::Child { name, channel, .. } => {
                assert_eq!(&*name, "speaker");
                written.push((channel, line.message));
            }
            other => panic!("{other:?}"),
        }
    }
    // The streams are two pipes: only within each is there an order.
    written.sort_by_key(|(channel, _)| *channel);
    let expected = [
        ("stderr", "err"),
        ("stdout", "one"),
        ("stdout", "two"),
        ("stdout", "no end"),
    ];
    assert_eq!(
        written,
        expected.map(|(channel, text)| (channel, text.to_owned()))
    );
}
