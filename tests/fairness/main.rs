//! One capsule does something as hard as it can, and another's hook is answered
//! within 100 ms all the same, and its process starts within a second.
//!
//! It is a program of its own, one test after the other: what it measures is the
//! whole machine. Of the hooks, the time that 95 of 100 keep counts, and of the
//! processes, which are fewer, that of nine of ten: with two processors, one of
//! some hundred waits for whatever else the machine does. All have to be answered,
//! and none may take so long that the rest goes unmeasured.

#[path = "../runtime/bench.rs"]
#[allow(dead_code, reason = "each test program uses a part of it")]
mod bench;
mod components;
#[path = "../support/mod.rs"]
mod support;

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bench::{Bench, Setup};
use boll_host::capsule::CapsuleId;
use boll_host::engine::{CompileLimits, Compiler};
use boll_host::sandbox::Worker;
use boll_host::services::hook::AnswerOutcome;
use boll_host::{CallOptions, Outcome};
use serde_json::{Value, json};
use support::environment::BOLL;
use support::guests::http;
use tokio::task::JoinSet;

const HOOK: Duration = Duration::from_millis(100);
const START: Duration = Duration::from_secs(1);
/// No single hook or process may take longer.
const LONGEST: Duration = Duration::from_secs(3);
/// How long the one is noisy while the other is measured.
const WATCHED: Duration = Duration::from_secs(5);
/// How long the noise may take to be at its loudest.
const WARM_UP: Duration = Duration::from_millis(700);
/// As many calls of one capsule as there are places.
const CALLS: usize = 64;

/// What the quiet capsule's hooks and processes took.
#[derive(Debug, Default)]
struct Took {
    hooks: Vec<Duration>,
    processes: Vec<Duration>,
}

/// The calls of the noisy capsule.
struct Noise {
    load: boll_host::Load,
    calls: usize,
    action: &'static str,
    payload: String,
}

impl Noise {
    fn of(setup: &Setup, action: &'static str, payload: impl Into<String>) -> Self {
        Self {
            load: setup.load("noisy"),
            calls: CALLS,
            action,
            payload: payload.into(),
        }
    }

    /// The action `noise`, for longer than anybody watches.
    fn kind(setup: &Setup, kind: &Value) -> Self {
        let payload = json!({ "ms": 30_000, "kind": kind });
        Self::of(setup, "noise", payload.to_string())
    }

    fn once(self) -> Self {
        Self { calls: 1, ..self }
    }
}

/// Measures the quiet capsule beside the noisy one.
fn beside(noise: Noise) {
    with_quiet(async |bench, quiet| loud(bench, quiet, noise).await);
}

async fn loud(bench: &Bench, quiet: &CapsuleId, noise: Noise) -> Took {
    let Noise {
        load,
        calls,
        action,
        payload,
    } = noise;
    let noisy = bench.runtime.load(load).await.expect("loaded");
    let mut tasks = JoinSet::new();
    for _ in 0..calls {
        let (runtime, noisy, payload) = (bench.runtime.clone(), noisy.clone(), payload.clone());
        tasks.spawn(async move {
            // What ends is begun again: a limit is no way to be quiet.
            loop {
                let payload = payload.clone().into_bytes();
                let call = runtime.invoke(&noisy, action, payload, CallOptions::default());
                drop(call.await);
            }
        });
    }
    tokio::time::sleep(WARM_UP).await;
    let took = watch(bench, quiet).await;
    tasks.shutdown().await;
    took
}

/// Does the work in a runtime with the quiet capsule, and judges what that took.
fn with_quiet(work: impl AsyncFnOnce(&Bench, &CapsuleId) -> Took) {
    static ALONE: Mutex<()> = Mutex::new(());
    // One that failed has left nothing that the next minds.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a tokio runtime");
    let took = tokio.block_on(async {
        let quiet = Bench::setup()
            .program("true")
            .manifest("[[hook]]\ntopic = \"ping\"\naction = \"echo\"")
            .grant("subscribe:ping")
            .limits(|limits| limits.instances = 256)
            // What is abandoned on a thread would go on beside all that follows.
            .compiler(worker());
        let bench = quiet.start().await;
        let id = bench.id.clone();
        // What is made once is not the noise's fault.
        assert!(bench.run(json!({"program": "true"})).await["ok"].is_object());
        let took = work(&bench, &id).await;
        let ended = tokio::time::timeout(Duration::from_secs(20), bench.runtime.shut_down());
        ended.await.expect("the runtime ends");
        took
    });
    // What still computes or waits in a thread is not waited for.
    tokio.shutdown_timeout(Duration::from_secs(5));
    judge(took);
}

/// Asks the quiet capsule again and again.
async fn watch(bench: &Bench, quiet: &CapsuleId) -> Took {
    let until = Instant::now() + WATCHED;
    let hooks = async {
        let mut took = Vec::new();
        while Instant::now() < until {
            // What keeps it from asking counts as well.
            let due = Instant::now() + Duration::from_millis(15);
            tokio::time::sleep_until(due.into()).await;
            let asked = bench
                .runtime
                .trigger("ping", b"x".to_vec(), CallOptions::default());
            let answers = asked.await.expect("it is published");
            took.push(due.elapsed());
            let answered = AnswerOutcome::Answered(Outcome::Continue(Some(b"x".to_vec())));
            let [answer] = answers.as_slice() else {
                panic!("{answers:?}");
            };
            assert_eq!((&answer.capsule, &answer.outcome), (quiet, &answered));
        }
        took
    };
    let processes = async {
        let mut took = Vec::new();
        while Instant::now() < until {
            let began = Instant::now();
            let reply = bench.run(json!({"program": "true"})).await;
            took.push(began.elapsed());
            assert_eq!(reply["ok"]["exit"]["status"], json!({"code": 0}), "{reply}");
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        took
    };
    let (hooks, processes) = tokio::join!(hooks, processes);
    Took { hooks, processes }
}

#[allow(
    clippy::print_stderr,
    reason = "shown when a test fails, and on request"
)]
fn judge(took: Took) {
    let of_hundred = |mut all: Vec<Duration>, percent: usize| {
        all.sort_unstable();
        let most = all.last().copied().unwrap_or_default();
        let at = (all.len() * percent / 100).min(all.len().saturating_sub(1));
        (all.len(), all.get(at).copied().unwrap_or_default(), most)
    };
    let hooks = of_hundred(took.hooks, 95);
    let processes = of_hundred(took.processes, 90);
    eprintln!("hooks {hooks:?}, processes {processes:?}");
    assert!(
        hooks.1 <= HOOK,
        "hooks: how many, 95 of 100, the longest: {hooks:?}"
    );
    let longest = hooks.2.max(processes.2);
    assert!(longest <= LONGEST, "the longest took {longest:?}");
    assert!(
        processes.1 <= START,
        "processes: how many, 9 of 10, the longest: {processes:?}"
    );
}

/// Compiles in a process, as `boll` does.
fn worker() -> Compiler {
    Compiler::Worker {
        worker: Worker::new(BOLL, ["--work-on-component=compile"]),
        limits: CompileLimits::default(),
    }
}

fn plain() -> Setup {
    Bench::setup()
}

fn shell() -> Setup {
    Bench::setup().program("sh")
}

/// A script in the noisy capsule's process.
fn script(text: &str, stdout: &str) -> Noise {
    let command = json!({
        "program": "sh", "args": ["-c", text], "timeout_ms": 30_000,
        "stdout": stdout, "stderr": "null",
    });
    Noise::of(&shell(), "run", command.to_string())
}

/// A capsule that reads a folder as `/data`.
fn files(folder: &Path) -> Setup {
    Bench::setup()
        .manifest("[[files]]\npath = \"/data\"")
        .grant(&format!("files:/data {}", folder.display()))
}

#[test]
fn beside_nothing() {
    with_quiet(watch);
}

#[test]
fn beside_endless_loops() {
    beside(Noise::of(&plain(), "spin", ""));
}

#[test]
fn beside_memory() {
    beside(Noise::kind(&plain(), &json!("memory")));
}

/// Each call is a single instruction, and begins when another has ended.
#[test]
fn beside_calls_that_write_much_memory_at_once() {
    beside(Noise::kind(&plain(), &json!({"fill": 50})));
}

/// The same as the subscribers of one topic, published by a third.
#[test]
fn beside_hooks_that_write_much_memory_at_once() {
    let hooks = "[[hook]]\ntopic = \"storm\"\naction = \"noise\"\n".repeat(32);
    with_quiet(async |bench, quiet| {
        let loaded = bench.runtime.load(
            plain()
                .manifest(&hooks)
                .grant("subscribe:storm")
                .load("many"),
        );
        loaded.await.expect("loaded");
        let runtime = bench.runtime.clone();
        let mut storm = JoinSet::new();
        storm.spawn(async move {
            loop {
                let payload = json!({"ms": 1000, "kind": {"fill": 50}}).to_string();
                let options = CallOptions::default();
                drop(
                    runtime
                        .trigger("storm", payload.into_bytes(), options)
                        .await,
                );
            }
        });
        tokio::time::sleep(WARM_UP).await;
        let took = watch(bench, quiet).await;
        storm.shutdown().await;
        took
    });
}

#[test]
fn beside_a_flood_of_log_lines() {
    beside(Noise::kind(&plain(), &json!("log")));
}

#[test]
fn beside_a_flood_of_output() {
    beside(Noise::kind(&plain(), &json!("print")));
}

#[test]
fn beside_a_storm_of_hooks() {
    let setup = plain()
        .manifest("[[publish]]\ntopic = \"ping\"")
        .grant("publish:ping");
    beside(Noise::kind(&setup, &json!({"hooks": "ping"})));
}

#[test]
fn beside_processes_without_end() {
    let setup = plain().program("true");
    beside(Noise::kind(&setup, &json!({"processes": "true"})));
}

/// Looking for what git obeys takes seconds there, at each start of what may write.
#[test]
fn beside_a_workspace_that_takes_long_to_look_through() {
    with_quiet(async |bench, quiet| {
        let programs: String = (0..60_000)
            .map(|number| format!("\tq{number} = q{number}/program\n"))
            .collect();
        for name in ["a", "b", "c", "d"] {
            let git = bench.workspace().join(name).join(".git");
            for folder in ["objects", "refs"] {
                std::fs::create_dir_all(git.join(folder)).expect("a folder");
            }
            std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
            let config = format!("[pager]\n{programs}");
            std::fs::write(git.join("config"), config).expect("a file");
        }
        let setup = plain()
            .manifest("[[process]]\nprogram = \"true\"\nworkspace = \"read-write\"")
            .grant("process:true")
            .grant("workspace:write");
        let noise = Noise::kind(&setup, &json!({"processes": "true"}));
        loud(bench, quiet, noise).await
    });
}

/// As many processes as there may be, of which none does anything but fork.
fn fork_bomb() -> Noise {
    script("exec perl -e 'fork while 1'", "null").once()
}

#[test]
fn beside_a_fork_bomb() {
    beside(fork_bomb());
}

#[test]
fn beside_processes_that_compute() {
    let burn = "i=0; while [ $i -lt 100 ]; do (while :; do :; done) & i=$((i+1)); done; wait";
    beside(script(burn, "null").once());
}

#[test]
fn beside_processes_that_write() {
    beside(script("yes", "ring:65536"));
}

#[test]
fn beside_processes_that_log() {
    beside(script("yes", "log"));
}

#[test]
fn beside_files_that_are_kept_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a path");
    File::create(path.join("file")).expect("a file");
    beside(Noise::kind(&files(&path), &json!({"open": "/data/file"})));
}

#[test]
fn beside_files_that_block() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a path");
    let fifo = path.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    // Whatever still waits for somebody at the other end is let go.
    let end = LetGo(fifo.clone());
    beside(Noise::kind(&files(&path), &json!({"open": "/data/fifo"})));
    drop(end);
}

/// Opens the other end of a pipe when it is dropped.
struct LetGo(std::path::PathBuf);

impl Drop for LetGo {
    fn drop(&mut self) {
        // Nobody is there to be let go: that is well.
        let _ = File::options().read(true).write(true).open(&self.0);
    }
}

#[test]
fn beside_fields_of_requests() {
    let component = std::fs::read(http()).expect("the component");
    let asks = "[[network]]\nhost = \"example.com\"\nport = 443";
    let noise = Noise {
        load: plain().manifest(asks).load_of("noisy", component),
        calls: 8,
        action: "fields-for",
        payload: "4000".to_owned(),
    };
    beside(noise);
}

#[test]
fn beside_a_component_that_is_hard_to_compile() {
    let hard = components::loops(2000);
    with_quiet(async |bench, quiet| {
        let runtime = bench.runtime.clone();
        let loading = tokio::spawn(async move {
            for number in 0.. {
                // Another one each time: what is compiled is kept.
                let mut component = hard.clone();
                component.extend(components::custom(number));
                let began = Instant::now();
                let loaded = runtime.load(plain().load_of("noisy", component)).await;
                let error = loaded.expect_err("it exports nothing");
                let took = began.elapsed();
                assert!(took > WARM_UP, "after {took:?}: {error:?}");
            }
        });
        tokio::time::sleep(WARM_UP).await;
        let took = watch(bench, quiet).await;
        assert!(!loading.is_finished(), "{:?}", loading.await);
        loading.abort();
        took
    });
}
