//! Capsules that do not end well: traps and limits, told apart by exit code.

use std::time::{Duration, Instant};

use crate::support::environment::TestEnvironment;

#[test]
fn a_trap_is_the_capsules_failure_and_its_message_is_in_the_log() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env
        .boll(&["run", &guests, "trap", "--payload", "no such luck"])
        .fails(1)
        .says(&[
            "error: the capsule guests gave no answer: it trapped: ",
            "executed: panicked at ",
            "help: it wrote last: ",
        ]);
    let (error, _) = run.stderr.split_once("help:").expect("a hint");
    assert!(error.contains(": no such luck"), "{error}");
    let messages = run.messages().join("\n");
    assert!(messages.contains("no such luck"), "{messages}");
    assert!(run.stderr.contains("help: where: "), "{}", run.stderr);
}

#[test]
fn an_abort_is_the_capsules_failure() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.boll(&["run", &guests, "abort"])
        .fails(1)
        .says(&["wasm `unreachable` instruction executed"]);
}

#[test]
fn a_used_up_stack_is_the_capsules_failure() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.boll(&["run", &guests, "deep-recursion"])
        .fails(1)
        .says(&["it trapped: "]);
}

#[test]
fn leaving_by_exit_is_the_capsules_failure() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for code in ["0", "1"] {
        env.boll(&["run", &guests, "exit", "--payload", code])
            .fails(1)
            .says(&[&format!("gave no answer: it called exit({code})")]);
    }
}

#[test]
fn a_capsule_that_never_ends_is_ended_in_time() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.boll(&["check", &guests]).ends(0);
    let started = Instant::now();
    for action in ["spin", "sleep"] {
        env.boll(&[
            "run",
            &guests,
            action,
            "--payload",
            "60000",
            "--time-ms",
            "300",
        ])
        .fails(5)
        .says(&["it did not answer within 300 ms"]);
    }
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[test]
fn the_manifests_time_holds_and_cannot_be_raised() {
    let env = TestEnvironment::new();
    let guests = env.guests("[instance]\ntime-ms = 200\n");
    env.boll(&["run", &guests, "spin", "--time-ms", "60000"])
        .fails(5)
        .says(&["it did not answer within 200 ms"]);
}

#[test]
fn a_capsule_that_takes_memory_without_end_reaches_its_limit() {
    let env = TestEnvironment::new();
    for (manifest, bytes) in [
        ("", 64_u64 << 20),
        ("[instance]\nmemory-mib = 8\n", 8 << 20),
    ] {
        let guests = env.guests(manifest);
        env.boll(&["run", &guests, "allocate"])
            .fails(5)
            .says(&[&format!("it reached the limit of {bytes} bytes of memory")]);
    }
}

#[test]
fn a_payload_over_the_limit_is_refused() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.write("payload", vec![b'x'; (10 << 20) + 1]);
    env.boll(&["run", &guests, "echo", "--payload-file", "payload"])
        .fails(5)
        .says(&["it reached the limit of 10485760 bytes of payload"]);
    env.write("payload", vec![b'x'; 10 << 20]);
    let run = env
        .boll(&["run", &guests, "echo", "--payload-file", "payload"])
        .ends(0);
    assert_eq!(run.stdout.len(), 10 << 20);
}

#[test]
fn a_reply_over_the_limit_is_refused() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.boll(&["run", &guests, "big-reply", "--payload", "10485761"])
        .fails(5)
        .says(&["it reached the limit of 10485760 bytes of payload in its reply"]);
}
