//! Children: driven from beside them, until they end or nobody holds them.

use std::fs;
use std::time::Duration;

use super::support::{Bench, code, command, piped, processes_with, sh, until};
use crate::policy::command::{CommandSpec, Keep};
use crate::process::{Cause, Child, ChildError, ExitStatus, OutputStream, Phase, ProcessError};

const STDOUT: OutputStream = OutputStream::Stdout;
/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// What a ring holds from a position on, once the text is in it.
async fn read_until(child: &Child, cursor: u64, text: &str) -> String {
    let (mut bytes, mut cursor) = (Vec::new(), cursor);
    loop {
        let chunk = child.read(STDOUT, cursor, 1000, LONG).await.unwrap();
        bytes.extend(chunk.bytes);
        cursor = chunk.next;
        let so_far = String::from_utf8_lossy(&bytes);
        if so_far.contains(text) {
            return so_far.into_owned();
        }
        assert!(!chunk.eof, "no {text:?} in {so_far:?}");
    }
}

/// Whether every process with this text in its command line is stopped.
fn are_stopped(text: &str) -> bool {
    let stats = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let process = entry.ok()?.path();
        let line = fs::read(process.join("cmdline")).ok()?;
        let is_meant = String::from_utf8_lossy(&line).contains(text);
        is_meant.then(|| fs::read_to_string(process.join("stat")).ok())?
    });
    stats.into_iter().all(|stat| stat.contains(") T "))
}

async fn exit_of(child: &Child) -> crate::process::Exit {
    child.wait(Some(LONG)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_child_answers_what_it_is_written() {
    let bench = Bench::new();
    let child = bench.spawn(piped("cat; exit 3")).await;
    for word in ["one", "two"] {
        assert_eq!(child.write(word.as_bytes(), LONG).await.unwrap(), 3);
        read_until(&child, 0, word).await;
    }
    assert_eq!(child.status().await.phase, Phase::Running);
    assert_eq!(child.wait(Some(Duration::ZERO)).await.unwrap(), None);
    child.close_stdin().unwrap();
    child.close_stdin().unwrap();
    let exit = exit_of(&child).await;
    assert_eq!((code(&exit), exit.cause), (3, Cause::Own));
    let error = child.write(b"x", LONG).await.unwrap_err();
    assert!(matches!(error, ChildError::Closed));
}

#[tokio::test]
async fn an_exit_can_be_read_again_and_again() {
    let bench = Bench::new();
    let child = bench.spawn(sh("exit 7")).await;
    for _ in 0..3 {
        assert_eq!(code(&exit_of(&child).await), 7);
        assert_eq!(code(&child.status().await.exit.unwrap()), 7);
    }
}

#[tokio::test]
async fn a_ring_has_several_readers_and_counts_what_each_missed() {
    let bench = Bench::new();
    let spec = CommandSpec {
        stdout: Keep::Ring(10),
        ..sh("printf 0123456789abcdef")
    };
    let child = bench.spawn(spec).await;
    exit_of(&child).await;
    for _ in 0..2 {
        let chunk = child.read(STDOUT, 0, 4, LONG).await.unwrap();
        assert_eq!(
            (chunk.bytes, chunk.dropped, chunk.next),
            (b"6789".to_vec(), 6, 10)
        );
        assert!(!chunk.eof);
        let chunk = child.read(STDOUT, chunk.next, 100, LONG).await.unwrap();
        assert_eq!((chunk.bytes, chunk.dropped), (b"abcdef".to_vec(), 0));
        assert!(chunk.eof);
    }
}

#[tokio::test]
async fn a_ring_ends_with_the_child_and_not_before() {
    let bench = Bench::new();
    let child = bench
        .spawn(piped("echo out; exec >&- 2>&-; read line"))
        .await;
    read_until(&child, 0, "out\n").await;
    let chunk = child
        .read(STDOUT, 4, 10, Duration::from_millis(100))
        .await
        .unwrap();
    assert!(chunk.bytes.is_empty() && !chunk.eof, "the child lives");
    child.write(b"go\n", LONG).await.unwrap();
    let chunk = child.read(STDOUT, 4, 10, LONG).await.unwrap();
    assert!(chunk.eof);
    assert_eq!(
        child.status().await.phase,
        Phase::Exited,
        "the end is told before the exit is"
    );
}

#[tokio::test]
async fn streams_end_when_the_child_closes_them() {
    use tokio::io::AsyncReadExt as _;
    let bench = Bench::new();
    let spec = CommandSpec {
        stdout: Keep::Stream,
        ..piped("echo out; exec >&- 2>&-; read line")
    };
    let child = bench.spawn(spec).await;
    let mut stream = child.take_output(STDOUT).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "out\n");
    assert_eq!(
        child.wait(Some(Duration::ZERO)).await.unwrap(),
        None,
        "the child lives"
    );
}

#[tokio::test]
async fn a_stream_that_nobody_reads_makes_the_child_wait() {
    use tokio::io::AsyncReadExt as _;
    let bench = Bench::new();
    let spec = CommandSpec {
        stdout: Keep::Stream,
        ..sh("head -c 8000000 /dev/zero; touch done")
    };
    let child = bench.spawn(spec).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!bench.path().join("done").exists());
    let mut stream = child.take_output(STDOUT).unwrap();
    let mut count = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            some => count += some,
        }
    }
    assert_eq!(count, 8_000_000);
    assert_eq!(code(&exit_of(&child).await), 0);
}

#[tokio::test]
async fn each_end_is_had_once_and_in_its_own_way() {
    let bench = Bench::new();
    let spec = CommandSpec {
        stdout: Keep::Stream,
        ..piped("cat")
    };
    let child = bench.spawn(spec).await;
    let wrong = |error: ChildError| assert!(matches!(error, ChildError::WrongStream), "{error}");
    wrong(child.read(STDOUT, 0, 1, LONG).await.unwrap_err());
    wrong(child.take_output(OutputStream::Stderr).unwrap_err());
    let _out = child.take_output(STDOUT).unwrap();
    wrong(child.take_output(STDOUT).unwrap_err());
    let _in = child.take_stdin().unwrap();
    wrong(child.take_stdin().unwrap_err());
    wrong(child.write(b"x", LONG).await.unwrap_err());
    wrong(child.close_stdin().unwrap_err());
    let child = bench.spawn(sh("exit 0")).await;
    wrong(child.write(b"x", LONG).await.unwrap_err());
}

#[tokio::test]
async fn a_write_takes_what_the_pipe_takes_and_no_longer_than_asked() {
    let bench = Bench::new();
    let child = bench.spawn(piped("sleep 77200")).await;
    let bytes = vec![7; 4 << 20];
    let patience = Duration::from_millis(50);
    let taken = child.write(&bytes, patience).await.unwrap();
    assert!(taken > 0 && taken < 4 << 20, "{taken}");
    assert_eq!(child.write(b"x", patience).await.unwrap(), 0);
}

#[tokio::test]
async fn a_writer_that_waits_is_let_go_when_stdin_is_closed() {
    let bench = Bench::new();
    let child = bench.spawn(piped("sleep 77201")).await;
    let bytes = vec![7; 4 << 20];
    let (written, ()) = tokio::join!(child.write(&bytes, LONG), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        child.close_stdin().unwrap();
    });
    assert!(written.unwrap() < 4 << 20);
}

#[tokio::test]
async fn signals_reach_the_tree_and_are_the_cause() {
    let bench = Bench::new();
    let child = bench
        .spawn(sh(
            "trap 'echo got it' USR1; echo up; while :; do sleep 0.01; done",
        ))
        .await;
    read_until(&child, 0, "up").await;
    child.signal(libc::SIGUSR1).await;
    read_until(&child, 0, "got it").await;
    child.signal(libc::SIGTERM).await;
    let exit = exit_of(&child).await;
    assert_eq!(exit.status, ExitStatus::Signal(15));
    assert_eq!(exit.cause, Cause::Requested);
}

#[tokio::test]
async fn a_stopped_child_goes_on() {
    let bench = Bench::new();
    let child = bench.spawn(piped(": 77205; cat")).await;
    child.write(b"one", LONG).await.unwrap();
    read_until(&child, 0, "one").await;
    child.signal(libc::SIGSTOP).await;
    until("it is stopped", || are_stopped("77205")).await;
    child.write(b"two", LONG).await.unwrap();
    let chunk = child
        .read(STDOUT, 3, 9, Duration::from_millis(100))
        .await
        .unwrap();
    assert!(chunk.bytes.is_empty());
    child.signal(libc::SIGCONT).await;
    read_until(&child, 3, "two").await;
}

#[tokio::test]
async fn stopping_asks_first_and_then_kills() {
    let bench = Bench::new();
    let polite = bench
        .spawn(sh(
            "trap 'echo bye; exit 5' INT; echo up; while :; do sleep 0.01; done",
        ))
        .await;
    read_until(&polite, 0, "up").await;
    let exit = polite.stop(None).await.unwrap();
    assert_eq!((code(&exit), exit.cause), (5, Cause::Requested));
    read_until(&polite, 0, "bye").await;
    let deaf = bench
        .spawn(sh(
            "trap '' INT TERM; echo up; while :; do sleep 0.01; done",
        ))
        .await;
    read_until(&deaf, 0, "up").await;
    let exit = deaf.stop(Some(Duration::from_millis(20))).await.unwrap();
    assert_eq!(
        (exit.status, exit.cause),
        (ExitStatus::Signal(9), Cause::Requested)
    );
}

#[tokio::test]
async fn killing_gives_the_last_bytes() {
    let bench = Bench::new();
    let child = bench.spawn(sh("echo before; sleep 77202")).await;
    read_until(&child, 0, "before").await;
    let output = child.kill().await.unwrap();
    assert_eq!(output.exit.status, ExitStatus::Signal(9));
    assert_eq!(output.exit.cause, Cause::Requested);
    assert_eq!(output.stdout.bytes, b"before\n");
    assert_eq!(processes_with("77202"), 0);
    let again = child.kill().await.unwrap();
    assert_eq!(again, output);
}

#[tokio::test]
async fn a_dropped_handle_ends_the_tree() {
    let bench = Bench::new();
    let child = bench
        .spawn(sh("setsid sleep 77203 & trap '' INT TERM; sleep 77203"))
        .await;
    until("it runs", || processes_with("77203") >= 2).await;
    drop(child);
    until("it is gone", || processes_with("77203") == 0).await;
    assert!(bench.service.list(&bench.context()).is_empty());
}

#[tokio::test]
async fn a_program_that_cannot_be_executed_is_told_by_the_exit() {
    let bench = Bench::new();
    let path = bench.executable("garbage", b"\x01\x02\x03");
    let child = bench.spawn(command(&path, &[])).await;
    let exit = exit_of(&child).await;
    let failure = super::support::failure(exit);
    assert_eq!(failure.errno, libc::ENOEXEC);
}

#[tokio::test]
async fn a_capsule_has_only_so_many_live_children_and_records() {
    let bench = Bench::new();
    let mut children = Vec::new();
    for _ in 0..3 {
        children.push(bench.spawn(sh("sleep 77204")).await);
    }
    let spawn = || bench.try_spawn(sh("exit 0"), bench.context());
    assert!(matches!(spawn().await, Err(ProcessError::TooMany(3))));
    for child in &children {
        child.kill().await.unwrap();
    }
    // The places are free once the sandboxes are gone; the records stay.
    let fourth = loop {
        match spawn().await {
            Ok(child) => break child,
            Err(ProcessError::TooMany(3)) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(other) => panic!("{other}"),
        }
    };
    exit_of(&fourth).await;
    assert!(matches!(spawn().await, Err(ProcessError::TooMany(4))));
    drop(children);
    exit_of(&spawn().await.unwrap()).await;
}

#[tokio::test]
async fn the_rings_of_a_capsule_are_bounded_together() {
    let bench = Bench::new();
    let spec = || CommandSpec {
        stdout: Keep::Ring(64 << 20),
        stderr: Keep::Ring(64 << 20),
        ..sh("exit 0")
    };
    let first = bench.spawn(spec()).await;
    let _second = bench.spawn(spec()).await;
    let refused = bench.try_spawn(spec(), bench.context()).await;
    assert!(matches!(
        refused,
        Err(ProcessError::RingSpace { limit, wanted }) if limit == 256 << 20 && wanted == 384 << 20
    ));
    let refused = bench.try_run(spec()).await;
    assert!(matches!(refused, Err(ProcessError::RingSpace { .. })));
    drop(first);
    assert_eq!(code(&bench.run(spec()).await.exit), 0);
}
