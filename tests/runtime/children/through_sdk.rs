//! What the SDK makes of children, on a real host.

use boll_host::Outcome;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn all_output_is_collected_whichever_comes_first() {
    let bench = Bench::with_program("sh").await;
    // More than both pipes hold, in turn: reading one after the other would
    // wait forever.
    let script = "cat; for i in 1 2 3 4 5 6; do \
        head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; done; exit 3";
    let program = json!({"program": "sh", "args": ["-c", script]});
    assert_eq!(
        bench.json("collect", &program.to_string()).await,
        json!({
            "code": 3, "stdout": 6_000_000, "stderr": 6_000_000,
            "dropped": [0, 0], "took_time": true,
        })
    );
    let program = json!({"program": "sh", "args": ["-c", script], "stderr_ring": 1000});
    assert_eq!(
        bench.json("collect", &program.to_string()).await,
        json!({
            "code": 3, "stdout": 6_000_000, "stderr": 1000,
            "dropped": [0, 5_999_000], "took_time": true,
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_child_is_found_driven_and_stopped() {
    let bench = Bench::with_program("cat").await;
    let id = bench.json("keep", r#"{"program": "cat"}"#).await;
    assert_eq!(
        bench.json("find", &id.to_string()).await,
        json!({
            "label": "kept", "said": 6, "silent": null, "early": null, "running": true,
            "status": "signal: 2 (asked for)", "end": 0,
        })
    );
    let nobody = bench.plainly("find", "\"nobody\"").await;
    assert_eq!(
        nobody.expect("an answer"),
        Outcome::Failed("no such child".to_owned())
    );
}
