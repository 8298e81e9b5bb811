//! A storm of publications through a random graph of hooks, with circles, while capsules
//! are reloaded, revoked and cancelled. Each answer is checked at every depth: whose it is,
//! its place among the others, what it says, and that there is none too many and none too
//! few.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boll_host::capsule::Manifest;
use boll_host::engine::ComponentCache;
use boll_host::policy::GrantSet;
use boll_host::{CallOptions, Load, Outcome, Runtime, RuntimeLimits};
use fastrand::Rng;
use tokio::task::JoinSet;

use crate::counted::Counted;
use crate::graph::{Capsule, Found, Graph, Kind, found};
use crate::support::environment::cache;
use crate::support::guests::{guests_bytes, prepared};

const CAPSULES: usize = 50;
const PRINCIPALS: usize = 100;
const WORKERS: u64 = 6;

/// What a storm has done.
#[derive(Debug, Default)]
struct Done {
    publications: u64,
    answers: u64,
    calls: u64,
    cancelled: u64,
    reloads: u64,
    revocations: u64,
}

struct Storm {
    runtime: Runtime,
    graph: Graph,
    component: Vec<u8>,
}

#[test]
fn every_answer_of_a_storm_is_the_right_one_in_its_place() {
    let seed = crate::variable("BOLL_SOAK_SEED").unwrap_or_else(|| fastrand::u64(..1 << 32));
    let time = Duration::from_secs(crate::variable("BOLL_SOAK_SECONDS").unwrap_or(10));
    let _alone = crate::alone();
    prepared();
    let tokio = crate::tokio();
    crate::show(&format!("the storm's seed: BOLL_SOAK_SEED={seed}"));
    tokio.block_on(async {
        let storm = Arc::new(Storm::new(seed).await);
        storm.blow(seed ^ 1, Duration::from_secs(1)).await;
        let before = Counted::now(&tokio);
        let done = storm.blow(seed, time).await;
        let after = crate::settled(&tokio, &before).await;
        let context = format!("seed {seed}: {done:?}\nbefore {before:?}\nafter  {after:?}");
        crate::show(&context);
        assert!(after.fits(&before), "something is left: {context}");
        assert_eq!(storm.runtime.calls(), 0, "{context}");
        assert!(
            done.publications > 0 && done.answers > done.publications,
            "{context}"
        );
        storm.runtime.shut_down().await;
    });
}

impl Storm {
    async fn new(seed: u64) -> Self {
        let cache = ComponentCache::open(cache().join("boll/components")).expect("a cache");
        let limits = RuntimeLimits {
            queue: 1 << 16,
            capsule_queue: 1 << 12,
            ..RuntimeLimits::default()
        };
        let runtime = Runtime::builder().limits(limits).cache(cache).build();
        let storm = Self {
            runtime: runtime.expect("a runtime"),
            graph: Graph::random(&mut Rng::with_seed(seed), CAPSULES),
            component: guests_bytes(),
        };
        for capsule in &storm.graph.capsules {
            storm.load(capsule).await;
        }
        storm
    }

    async fn load(&self, capsule: &Capsule) {
        let manifest = Manifest::parse("Capsule.toml", &capsule.manifest()).expect("a manifest");
        let load = Load::new(manifest, self.component.clone()).grants(granted());
        self.runtime.load(load).await.expect("loaded");
    }

    /// Several workers do one thing after the other at random.
    async fn blow(self: &Arc<Self>, seed: u64, time: Duration) -> Done {
        let until = Instant::now() + time;
        let mut workers = JoinSet::new();
        for worker in 0..WORKERS {
            let storm = Arc::clone(self);
            let mut random = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(worker));
            workers.spawn(async move {
                let mut done = Done::default();
                while Instant::now() < until {
                    storm.step(worker, &mut random, &mut done).await;
                }
                done
            });
        }
        let mut all = Done::default();
        while let Some(done) = workers.join_next().await {
            all.add(&done.expect("a worker failed: its panic says why"));
        }
        all
    }

    async fn step(&self, worker: u64, random: &mut Rng, done: &mut Done) {
        let call_id = format!("{worker}-{}", done.steps());
        let principal = format!("principal-{}", random.usize(..PRINCIPALS));
        let options = CallOptions {
            principal: Some(principal.as_str().into()),
            call_id: Some(call_id.as_str().into()),
            time: None,
        };
        let capsules = self.graph.capsules.iter();
        let (stable, unstable): (Vec<_>, Vec<_>) = capsules.partition(|one| one.stable);
        match random.u32(..100) {
            0..70 => {
                let path = self.graph.path(random);
                let (topic, rest) = path.split_once(' ').expect("several topics");
                let answers = self.runtime.trigger(topic, rest.into(), options).await;
                let answers: Vec<Found> = answers.expect("published").iter().map(found).collect();
                let checked = self.graph.check(&answers, &path, &[], &principal, &call_id);
                done.answers += checked.unwrap_or_else(|why| panic!("{path} of {call_id}: {why}"));
                done.publications += 1;
            }
            70..80 => {
                let path = self.graph.path(random);
                let (topic, rest) = path.split_once(' ').expect("several topics");
                let published = self.runtime.trigger(topic, rest.into(), options);
                let after = Duration::from_micros(random.u64(..5_000));
                let (answers, ()) = tokio::join!(published, async {
                    tokio::time::sleep(after).await;
                    self.runtime.cancel([call_id.as_str()]);
                });
                // What was answered before it was cancelled is any of all answers.
                drop(answers);
                done.cancelled += 1;
            }
            80..90 => {
                let one = random.choice(stable).expect("some");
                let id = one.id.parse().expect("an id");
                let outcome = self
                    .runtime
                    .invoke(&id, "caller", Vec::new(), options)
                    .await;
                let Ok(Outcome::Continue(Some(said))) = outcome else {
                    panic!("{call_id}: {outcome:?}");
                };
                let said = String::from_utf8(said).expect("UTF-8");
                let checked = crate::graph::check_caller(&said, &[], &principal, &call_id);
                checked.unwrap_or_else(|why| panic!("{call_id}: {why}"));
                done.calls += 1;
            }
            90..95 => {
                self.load(random.choice(unstable).expect("some")).await;
                done.reloads += 1;
            }
            _ => {
                let one = random.choice(unstable).expect("some");
                let grants = random.bool().then(granted).unwrap_or_default();
                self.runtime
                    .set_grants(&one.id.parse().expect("an id"), &grants);
                done.revocations += 1;
            }
        }
    }
}

impl Done {
    fn steps(&self) -> u64 {
        self.publications + self.cancelled + self.calls + self.reloads + self.revocations
    }

    fn add(&mut self, other: &Self) {
        self.publications += other.publications;
        self.answers += other.answers;
        self.calls += other.calls;
        self.cancelled += other.cancelled;
        self.reloads += other.reloads;
        self.revocations += other.revocations;
    }
}

fn granted() -> GrantSet {
    let grants = ["publish:**", "subscribe:**"];
    grants
        .map(|text| text.parse().expect("a grant"))
        .into_iter()
        .collect()
}

/// The checks themselves notice what is wrong.
#[test]
fn the_storms_checks_notice_what_is_wrong() {
    let graph = Graph {
        capsules: vec![
            Capsule::new("a", Kind::Deny, &[("t0", 1)]),
            Capsule::new("b", Kind::Relay, &[("t0", 0)]),
            Capsule::new("c", Kind::Trap, &[("t1", 0)]),
        ],
    };
    let answer = |capsule: &str, action: &str, outcome: &str, payload: &str| Found {
        capsule: capsule.to_owned(),
        action: action.to_owned(),
        outcome: outcome.to_owned(),
        payload: payload.to_owned(),
    };
    let below = r#"{"answers": [{"capsule": "c", "action": "trap", "outcome": "crashed"}]}"#;
    let b = || answer("b", "relay", "continue", below);
    let a = || answer("a", "deny", "deny", "");
    let check = |answers: &[Found]| graph.check(answers, "t0 t1 end", &[], "p", "id");
    assert_eq!(check(&[b(), a()]), Ok(3));
    let nobody = r#"{"answers": []}"#;
    let wrong = [
        vec![a(), b()],
        vec![b()],
        vec![b(), b(), a()],
        vec![b(), a(), a()],
        vec![answer("b", "relay", "continue", nobody), a()],
        vec![answer("b", "relay", "timed-out", ""), a()],
        vec![b(), answer("a", "echo", "deny", "")],
        vec![b(), a(), answer("c", "trap", "crashed", "")],
    ];
    let unnoticed: BTreeSet<usize> = (0..wrong.len())
        .filter(|one| check(&wrong[*one]).is_ok())
        .collect();
    assert_eq!(unnoticed, BTreeSet::new());
}
