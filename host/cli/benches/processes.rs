//! What starting `/bin/true` and waiting for its end costs: bare, in a
//! bubblewrap called with Boll's list of arguments, and from a guest: each time
//! in a sandbox that is built for it (`cold`), in one that was built ahead
//! (`standby`), and one run after the other without a pause (`boll`). Without
//! namespaces (`landlock`, `none`) also in a host that has touched much memory
//! (`large`).

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use boll_host::sandbox::{Sandbox, SandboxBackend, SandboxSettings};
use criterion::{Criterion, criterion_group, criterion_main};
use support::boll::BollGuest;

/// Between two runs, for the next sandbox to be built.
const PAUSE: Duration = Duration::from_millis(40);

fn processes(criterion: &mut Criterion) {
    let workspace = tempfile::tempdir().expect("a folder");
    let sandbox = Sandbox::open(SandboxSettings::new(workspace.path())).expect("a sandbox");
    let works = sandbox.probe().works();

    let mut group = criterion.benchmark_group("process");
    group.bench_function("bare", |bencher| {
        bencher.iter(|| run(&mut Command::new("/bin/true")));
    });
    // As a host finds the machine that has had nothing to do for a moment.
    group.bench_function("bare-after-a-pause", |bencher| {
        bencher.iter_custom(|count| {
            let one = || {
                std::thread::sleep(PAUSE);
                let start = Instant::now();
                run(&mut Command::new("/bin/true"));
                start.elapsed()
            };
            (0..count).map(|_| one()).sum()
        });
    });
    if works {
        let arguments = arguments(workspace.path());
        group.bench_function("bwrap", |bencher| {
            bencher.iter(|| run(Command::new("bwrap").env_clear().args(&arguments)));
        });
        let tokio = support::tokio();
        let mut settings = sandbox.settings().clone();
        let boll = tokio.block_on(BollGuest::in_sandbox(sandbox));
        group.bench_function("boll", |bencher| {
            bencher.iter_custom(|count| tokio.block_on(boll.timed("process", count)));
        });
        group.bench_function("standby", |bencher| {
            bencher.iter_custom(|count| {
                let one = || {
                    std::thread::sleep(PAUSE);
                    tokio.block_on(boll.timed("process", 1))
                };
                (0..count).map(|_| one()).sum()
            });
        });
        settings.standbys = 0;
        let sandbox = Sandbox::open(settings).expect("a sandbox");
        assert!(sandbox.probe().works(), "{}", sandbox.probe());
        let boll = tokio.block_on(BollGuest::in_sandbox(sandbox));
        group.bench_function("cold", |bencher| {
            bencher.iter_custom(|count| tokio.block_on(boll.timed("process", count)));
        });
    }
    group.finish();
}

/// What a large host has touched, in bytes: a fork would copy its page tables.
const LARGE: usize = 2 << 30;

fn without_namespaces(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let mut group = criterion.benchmark_group("process-without-namespaces");
    let mut touched = Vec::new();
    for suffix in ["", "-large"] {
        group.bench_function(format!("bare{suffix}"), |bencher| {
            bencher.iter(|| {
                let mut command = Command::new("/bin/true");
                command.stdin(Stdio::null()).stdout(Stdio::null());
                let status = command.stderr(Stdio::null()).status();
                assert!(status.expect("it starts").success());
            });
        });
        for backend in [SandboxBackend::None, SandboxBackend::Landlock] {
            let workspace = tempfile::tempdir().expect("a folder");
            let settings = SandboxSettings {
                backend,
                ..SandboxSettings::new(workspace.path())
            };
            let sandbox = Sandbox::open(settings).expect("a sandbox");
            if !sandbox.probe().works() {
                continue;
            }
            let boll = tokio.block_on(BollGuest::in_sandbox(sandbox));
            group.bench_function(format!("{backend}{suffix}"), |bencher| {
                bencher.iter_custom(|count| tokio.block_on(boll.timed("process", count)));
            });
            tokio.block_on(boll.runtime.shut_down());
        }
        touched.resize(LARGE, 1u8);
    }
    std::hint::black_box(&touched);
    group.finish();
}

fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
}

/// What Boll tells bubblewrap for a workspace that is only read, without the
/// init that Boll puts between bubblewrap and the program.
fn arguments(workspace: &Path) -> Vec<String> {
    let namespaces = "--unshare-user --unshare-ipc --unshare-pid --unshare-net --unshare-uts \
        --unshare-cgroup-try --disable-userns --assert-userns-disabled --uid 1000 --gid 1000 \
        --cap-drop ALL --new-session --die-with-parent --as-pid-1 --hostname capsule --clearenv \
        --ro-bind /usr /usr";
    let rest = "--ro-bind-try /etc/alternatives /etc/alternatives \
        --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --ro-bind-try /etc/ssl /etc/ssl \
        --ro-bind-try /etc/localtime /etc/localtime --proc /proc --dev /dev \
        --perms 1777 --size 67108864 --tmpfs /dev/shm --perms 1777 --size 268435456 --tmpfs /tmp \
        --perms 0700 --size 67108864 --tmpfs /home/capsule --dir /run";
    let end = "/workspace --chdir /workspace --remount-ro /proc --remount-ro /dev --remount-ro /";
    let mut arguments = words(namespaces);
    for name in ["bin", "sbin", "lib", "lib32", "lib64", "libx32"] {
        let path = format!("/{name}");
        if let Ok(target) = std::fs::read_link(&path) {
            let target = target.display().to_string();
            arguments.extend(["--symlink".to_owned(), target, path]);
        } else if Path::new(&path).is_dir() {
            arguments.extend(["--ro-bind".to_owned(), path.clone(), path]);
        }
    }
    arguments.extend(words(rest));
    arguments.extend(["--ro-bind".to_owned(), workspace.display().to_string()]);
    arguments.extend(words(end));
    arguments.extend(words("-- /bin/true"));
    arguments
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = processes, without_namespaces
}
criterion_main!(benches);
