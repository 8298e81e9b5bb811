//! The capsules, and what is done with them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::engine::ComponentCache;
use boll_host::policy::GrantSet;
use boll_host::sandbox::{Sandbox, SandboxSettings};
use boll_host::services::log::{LogLine, LogRate, LogSettings, LogSink};
use boll_host::{CallError, CallOptions, InvokeError, Load, Outcome, Runtime, RuntimeLimits};
use fastrand::Rng;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::environment::cache;
use crate::support::guests::{guests_bytes, prepared};

/// Stands in the command line of every process of the guests.
pub(crate) const MARK: &str = "31.7290071";

/// The steps of hooks: a capsule of one is told of its topic and publishes to
/// those of the next.
const STEPS: usize = 5;

const GRANTS: [&str; 3] = ["process:sh", "publish:**", "subscribe:**"];

/// What is done at random, and how often beside the others.
const KINDS: [(&str, u32); 14] = [
    ("echo", 20),
    ("count", 10),
    ("fail", 5),
    ("trap", 10),
    ("spin", 3),
    ("sleep", 5),
    ("relay", 20),
    ("trigger", 10),
    ("intercept", 10),
    ("child", 3),
    ("left-behind", 2),
    ("cancel", 20),
    ("reload", 4),
    ("revoke", 4),
];

/// A runtime full of capsules.
pub(crate) struct Soak {
    pub(crate) runtime: Runtime,
    capsules: usize,
    component: Vec<u8>,
    panics: Panics,
    calls: AtomicU64,
    _workspace: tempfile::TempDir,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    pub(crate) answered: u64,
    pub(crate) kinds: BTreeMap<&'static str, u64>,
    cancelled: u64,
    busy: u64,
    trapped: Words,
}

/// What each call that was to trap, and did, was given: it is in the log.
#[derive(Default)]
struct Words(Vec<String>);

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.len().fmt(f)
    }
}

/// Keeps the words of panics, and how often each came.
#[derive(Clone, Default)]
struct Panics(Arc<Mutex<BTreeMap<String, u64>>>);

impl LogSink for Panics {
    fn write(&mut self, lines: &[LogLine]) {
        let mut panics = self.0.lock().expect("not poisoned");
        for line in lines {
            if let Some(word) = line
                .message
                .split_whitespace()
                .find(|word| word.starts_with("word-"))
            {
                *panics.entry(word.to_owned()).or_default() += 1;
            }
        }
    }
}

impl Soak {
    pub(crate) async fn new(capsules: usize) -> Arc<Self> {
        prepared();
        let workspace = tempfile::tempdir().expect("a folder");
        let settings = SandboxSettings {
            // One that stands by would be counted as left.
            standbys: 0,
            ..SandboxSettings::new(workspace.path())
        };
        let sandbox = Sandbox::open(settings).expect("a workspace");
        assert!(sandbox.probe().works(), "{}", sandbox.probe());
        let panics = Panics::default();
        let runtime = Runtime::builder()
            .limits(RuntimeLimits {
                instances: 64,
                time: Duration::from_secs(20),
                ..RuntimeLimits::default()
            })
            .log(LogSettings {
                // All lines are to come.
                rate: LogRate {
                    lines: u32::MAX,
                    burst: u32::MAX,
                    bytes: u64::MAX,
                    burst_bytes: u64::MAX,
                },
                queue: 1 << 20,
                queue_bytes: 256 << 20,
                ..LogSettings::default()
            })
            .log_sink(panics.clone())
            .cache(ComponentCache::open(cache().join("boll/components")).expect("a cache"))
            .sandbox(sandbox)
            .build()
            .expect("a runtime");
        let soak = Self {
            runtime,
            capsules,
            component: guests_bytes(),
            panics,
            calls: AtomicU64::new(0),
            _workspace: workspace,
        };
        for number in 0..capsules {
            soak.load(number).await;
        }
        Arc::new(soak)
    }

    async fn load(&self, number: usize) {
        let step = number % STEPS;
        // Some have one instance for all calls.
        let mode = if number.is_multiple_of(7) {
            "resident"
        } else {
            "fresh"
        };
        // One of each step in ten publishes further; the others end it.
        let action = if (number / STEPS).is_multiple_of(10) {
            "relay"
        } else {
            "echo"
        };
        let text = format!(
            "[capsule]\nid = \"c{number}\"\nversion = \"1.0.0\"\n\
             [instance]\nmode = \"{mode}\"\n\
             [[process]]\nprogram = \"sh\"\n\
             [[publish]]\ntopic = \"**\"\n\
             [[hook]]\ntopic = \"step-{step}\"\naction = \"{action}\"\ntimeout-ms = 500\n\
             on-failure = \"continue\"\n"
        );
        let manifest = Manifest::parse("Capsule.toml", &text).expect("a manifest");
        let load = Load::new(manifest, self.component.clone()).grants(grants(&GRANTS));
        self.runtime.load(load).await.expect("it loads");
    }

    /// Workers that do things at random for a while.
    pub(crate) async fn run(self: &Arc<Self>, seed: u64, workers: u64, time: Duration) -> Tally {
        let until = Instant::now() + time;
        let mut work = JoinSet::new();
        for worker in 0..workers {
            let (soak, random) = (Arc::clone(self), Rng::with_seed(seed + worker));
            work.spawn(async move { soak.work(random, until).await });
        }
        let mut all = Tally::default();
        all.kinds.extend(KINDS.map(|(kind, _)| (kind, 0)));
        while let Some(tally) = work.join_next().await {
            all.add(tally.expect("no panic"));
        }
        self.settle().await;
        all
    }

    /// Ends what calls have left behind, gives back what was revoked, and waits
    /// until nothing is under way.
    async fn settle(&self) {
        let calls = self.calls.load(Ordering::Relaxed);
        let ids: Vec<String> = (0..calls).map(|call| format!("call-{call}")).collect();
        self.runtime.cancel(ids.iter().map(String::as_str));
        for number in 0..self.capsules {
            self.runtime.set_grants(&id(number), &grants(&GRANTS));
        }
        let until = Instant::now() + Duration::from_secs(60);
        while self.runtime.calls() > 0 {
            let left = self.runtime.calls();
            assert!(Instant::now() < until, "{left} calls are left");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Several calls at a time, and in between what disturbs them.
    async fn work(&self, mut random: Rng, until: Instant) -> Tally {
        let mut tally = Tally::default();
        let mut under_way: JoinSet<Answered> = JoinSet::new();
        while Instant::now() < until {
            let kind = pick(&mut random);
            *tally.kinds.entry(kind).or_default() += 1;
            let number = random.usize(..self.capsules);
            match kind {
                "cancel" => {
                    let newest = self.calls.load(Ordering::Relaxed);
                    let call = format!("call-{}", newest.saturating_sub(random.u64(..32)));
                    tally.cancelled += self.runtime.cancel([call.as_str()]) as u64;
                }
                "reload" => {
                    if random.bool() {
                        self.runtime.unload(&id(number));
                    }
                    self.load(number).await;
                }
                "revoke" => {
                    let kept = random.usize(..GRANTS.len());
                    self.runtime
                        .set_grants(&id(number), &grants(&GRANTS[..kept]));
                }
                kind => {
                    tally.started += 1;
                    let call = self.calls.fetch_add(1, Ordering::Relaxed);
                    let runtime = self.runtime.clone();
                    let random = random.fork();
                    under_way.spawn(call_one(runtime, kind, id(number), call, random));
                }
            }
            while under_way.len() >= 6 {
                tally.take(under_way.join_next().await);
            }
        }
        while let Some(answer) = under_way.join_next().await {
            tally.take(Some(answer));
        }
        tally
    }

    /// The log is complete, and an ended runtime holds nothing.
    pub(crate) async fn end(&self, tally: &Tally, context: &str) {
        self.runtime.shut_down().await;
        let panics = self.panics.0.lock().expect("not poisoned");
        for word in &tally.trapped.0 {
            assert_eq!(panics.get(word), Some(&1), "{word}: {context}");
        }
        assert!(self.runtime.capsules().is_empty());
    }
}

/// A call's answer; before it the word that a panic of its guest has to leave in
/// the log.
type Answered = (Option<String>, Answer);

enum Answer {
    Called(Result<Outcome, CallError>),
    Published,
}

async fn call_one(
    runtime: Runtime,
    kind: &'static str,
    capsule: CapsuleId,
    call: u64,
    mut random: Rng,
) -> Answered {
    let word = (kind == "trap").then(|| format!("word-{call}-"));
    let options = CallOptions {
        principal: Some(format!("p{}", call % 5).into()),
        call_id: Some(format!("call-{call}").into()),
        time: Some(Duration::from_millis(random.u64(5..3_000))),
    };
    let sleeps = json!({"program": "sh", "args": ["-c", format!("(setsid sleep {MARK} &); sleep 0.0{}", random.u8(..9))]});
    let spawns = json!([
        {"do": "spawn", "command": {"program": "sh", "args": ["-c", format!("sleep {MARK}; :")]}},
        {"do": "detach"},
    ]);
    let topics = "step-0 step-1 step-2 step-3 step-4";
    let (action, payload) = match kind {
        "trigger" => {
            // What nobody subscribes to is a publication, too.
            let topic = format!("step-{}", random.usize(..=STEPS));
            let published = runtime.trigger(&topic, topics.into(), options).await;
            return (
                word,
                published.map_or(Answer::Published, |_| Answer::Published),
            );
        }
        "intercept" => {
            let published = runtime.intercept("step-1", b"x".to_vec(), options).await;
            return (
                word,
                published.map_or(Answer::Published, |_| Answer::Published),
            );
        }
        "trap" => ("trap", word.clone().unwrap_or_default()),
        "sleep" => ("sleep", random.u64(..50).to_string()),
        "relay" => ("relay", topics.to_owned()),
        "child" => ("run", sleeps.to_string()),
        "left-behind" => ("children", spawns.to_string()),
        action => (action, "x".to_owned()),
    };
    let answer = runtime.invoke(&capsule, action, payload.into_bytes(), options);
    (word, Answer::Called(answer.await))
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.started += other.started;
        self.answered += other.answered;
        self.cancelled += other.cancelled;
        self.busy += other.busy;
        self.trapped.0.extend(other.trapped.0);
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    fn take(&mut self, answer: Option<Result<Answered, tokio::task::JoinError>>) {
        let (word, answer) = answer.expect("one is under way").expect("no panic");
        self.answered += 1;
        match answer {
            Answer::Called(Err(CallError::Invoke {
                error: InvokeError::Trapped(trap),
                ..
            })) => {
                assert!(!trap.reason.is_empty());
                self.trapped.0.extend(word);
            }
            Answer::Called(Err(CallError::Busy(_) | CallError::Crowded(_))) => self.busy += 1,
            // An unloaded capsule is not there; what a call lacks, it says.
            Answer::Called(_) | Answer::Published => {}
        }
    }
}

fn pick(random: &mut Rng) -> &'static str {
    let all: u32 = KINDS.iter().map(|(_, weight)| weight).sum();
    let mut at = random.u32(..all);
    for (kind, weight) in KINDS {
        if at < weight {
            return kind;
        }
        at -= weight;
    }
    "echo"
}

fn id(number: usize) -> CapsuleId {
    format!("c{number}").parse().expect("an id")
}

fn grants(texts: &[&str]) -> GrantSet {
    texts
        .iter()
        .map(|text| text.parse().expect("a grant"))
        .collect()
}
