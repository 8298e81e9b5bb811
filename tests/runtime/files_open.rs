//! What opening files may take: nothing that blocks is opened, and no capsule takes the
//! descriptors or the threads of another.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use boll_host::CallOptions;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::{Bench, Setup, reply, sh};

const WRITE: &str = "[[files]]\npath = \"/data\"\naccess = \"read-write\"";

struct Place {
    _root: TempDir,
    data: PathBuf,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let data = root.path().canonicalize().expect("a path").join("data");
        fs::create_dir(&data).expect("a folder");
        fs::write(data.join("file"), "text").expect("written");
        Self { _root: root, data }
    }

    fn node(&self, name: &str, kind: FileType, device: u64) -> bool {
        let mode = Mode::from(0o666);
        mknodat(CWD, self.data.join(name), kind, mode, device).is_ok()
    }

    fn setup(&self, setup: Setup) -> Setup {
        setup
            .manifest(WRITE)
            .grant(&format!("files-write:/data {}", self.data.display()))
    }
}

async fn files(bench: &Bench, steps: Value) -> Value {
    bench.json("files", &steps.to_string()).await
}

/// The threads of this process that wait for files.
fn file_threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").expect("threads");
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "boll-file").count()
}

/// How often this process has a file open.
fn open(file: &Path) -> usize {
    let descriptors = fs::read_dir("/proc/self/fd").expect("descriptors");
    let links = descriptors.filter_map(|one| fs::read_link(one.ok()?.path()).ok());
    links.filter(|link| link == file).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_files_and_folders_is_opened_and_nothing_waits() {
    let place = Place::new();
    assert!(place.node("fifo", FileType::Fifo, 0));
    let _socket = UnixListener::bind(place.data.join("socket")).expect("a socket");
    let mut names = vec!["fifo", "socket", "link", "socket"];
    symlink("fifo", place.data.join("link")).expect("a link");
    // Only root makes devices: the zeros that never end, and the console.
    for (name, device) in [
        ("zero", rustix::fs::makedev(1, 5)),
        ("tty", rustix::fs::makedev(5, 0)),
    ] {
        if place.node(name, FileType::CharacterDevice, device) {
            names.push(name);
        }
    }
    let bench = place.setup(Bench::setup().without_sandbox()).start().await;
    let began = Instant::now();
    for name in names {
        let path = format!("/data/{name}");
        for _ in 0..20 {
            let steps =
                json!([{"read": path}, {"write": path}, {"append": path}, {"truncate": path}]);
            let results = files(&bench, steps).await;
            for result in results.as_array().expect("a list") {
                assert_eq!(result["err"], "PermissionDenied", "{path}: {result}");
            }
        }
    }
    assert!(began.elapsed() < Duration::from_secs(20));
    // Other tests have theirs, for as long as they open something.
    let end = Instant::now() + Duration::from_secs(60);
    while file_threads() > 16 {
        assert!(Instant::now() < end, "{} threads", file_threads());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // One that is there may be looked at and removed.
    let results = files(
        &bench,
        json!([{"list": "/data"}, {"rename": ["/data/fifo", "/data/other"]}, {"remove": "/data/other"}]),
    )
    .await;
    for result in results.as_array().expect("a list") {
        assert!(result["err"].is_null(), "{result}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_that_opens_all_it_can_leaves_the_rest_to_others() {
    let place = Place::new();
    let setup = place.setup(Bench::setup().program("sh"));
    let bench = setup
        .limits(|limits| limits.guest.descriptors = 100)
        .start()
        .await;
    let steps = json!([{"keep": ["/data/file", 5000]}, {"sleep": 3000}]).to_string();
    let first = bench.begin("files", steps.clone(), CallOptions::default());
    let second = bench.begin("files", steps, CallOptions::default());
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(open(&place.data.join("file")), 100);

    // Its own processes, and another capsule's files and processes.
    assert_eq!(bench.sh("echo one").await, "one\n");
    let other = place.setup(Bench::setup().program("sh"));
    let other = bench.also(&other, "other").await.expect("loaded");
    let call = async |action: &str, payload: Value| {
        let payload = payload.to_string().into_bytes();
        let options = CallOptions::default();
        reply(bench.runtime.invoke(&other, action, payload, options).await)
    };
    let read = call("files", json!([{"read": "/data/file"}])).await;
    assert_eq!(read[0]["ok"], "text");
    let ran = call("run", sh("echo two")).await;
    assert_eq!(ran["ok"]["stdout"]["text"], "two\n", "{ran}");

    let mut kept = 0;
    for call in [first, second] {
        let results = reply(call.await.expect("it ends"));
        assert_eq!(results[0]["ok"][1], "OutOfMemory", "{results}");
        kept += results[0]["ok"][0].as_u64().expect("a number");
    }
    assert_eq!(kept, 100, "all its instances together");
    let again = files(&bench, json!([{"keep": ["/data/file", 90]}])).await;
    assert_eq!(again[0]["ok"], json!([90, null]), "the calls are over");
    let told = bench.logged().await;
    let told = told
        .iter()
        .filter(|line| line.message.contains("refused to open more"));
    assert_eq!(told.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_resident_instance_keeps_open_counts_until_it_is_gone() {
    let place = Place::new();
    let setup = place.setup(Bench::setup().without_sandbox());
    let setup = setup.manifest("[instance]\nmode = \"resident\"");
    let bench = setup
        .limits(|limits| limits.guest.descriptors = 50)
        .start()
        .await;
    let keep = json!([{"keep": ["/data/file", 30]}]);
    assert_eq!(
        files(&bench, keep.clone()).await[0]["ok"],
        json!([30, null])
    );
    assert_eq!(
        files(&bench, keep.clone()).await[0]["ok"],
        json!([20, "OutOfMemory"])
    );
    let again = place.setup(Bench::setup().without_sandbox());
    bench.also(&again, "guests").await.expect("replaced");
    let kept = files(&bench, keep).await;
    assert_eq!(
        kept[0]["ok"],
        json!([30, null]),
        "its instance went with it"
    );
}

#[tokio::test]
async fn sockets_count_too() {
    let asks = "[[network]]\nhost = \"127.0.0.1\"\nport = 1";
    let setup = Bench::setup().without_sandbox().manifest(asks);
    let setup = setup.grant("network:127.0.0.1:1");
    let bench = setup
        .limits(|limits| limits.guest.descriptors = 10)
        .start()
        .await;
    for _ in 0..3 {
        let made = bench
            .json("network", &json!([{"sockets": 1000}]).to_string())
            .await;
        assert_eq!(made[0]["ok"], 10, "{made}");
    }
}

#[tokio::test]
async fn a_large_folder_is_listed_within_the_memory_of_the_instance() {
    let place = Place::new();
    let name = "n".repeat(200);
    for number in 0..3000 {
        fs::write(place.data.join(format!("{name}{number}")), "").expect("written");
    }
    let setup = place.setup(Bench::setup().without_sandbox());
    let bench = setup.start().await;
    let listed = files(&bench, json!([{"list": "/data"}])).await;
    assert_eq!(listed[0]["ok"].as_array().expect("names").len(), 3001);
    let small = place
        .setup(Bench::setup().without_sandbox())
        .limits(|limits| limits.guest.host_bytes = 600 << 10);
    let bench = small.start().await;
    let listed = files(&bench, json!([{"list": "/data"}, {"read": "/data/file"}])).await;
    assert_eq!(listed[0]["err"], "OutOfMemory");
    assert_eq!(listed[1]["ok"], "text");
}
