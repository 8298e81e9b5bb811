//! What is authorised is what runs, whoever swaps it meanwhile.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags};

use super::code::Code;
use super::support::{Bench, code, command, failure, not_started, sh};
use crate::policy::command::{CommandSizes, CommandSpec};
use crate::policy::{
    Access, AuthorizedCommand, GrantSet, Permissions, ProcessRequest, Requests, WorkspaceAccess,
};
use crate::process::{ExitStatus, Output};
use crate::sandbox::{LaunchStep, Order, SandboxBackend};

pub(super) const BACKENDS: [SandboxBackend; 3] = [
    SandboxBackend::Bubblewrap,
    SandboxBackend::Landlock,
    SandboxBackend::None,
];

pub(super) fn bench(backend: SandboxBackend) -> Bench {
    Bench::with_settings(|settings| settings.backend = backend)
}

/// Where processes see a file of the workspace.
pub(super) fn inside(bench: &Bench, name: &str) -> String {
    match bench.service.sandbox().settings().backend {
        SandboxBackend::Bubblewrap => format!("/workspace/{name}"),
        SandboxBackend::Landlock | SandboxBackend::None => {
            let workspace = bench.path().canonicalize().unwrap();
            workspace.join(name).display().to_string()
        }
    }
}

/// Exchanges two entries of a directory as fast as it can, until it is dropped.
struct Swapper {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Swapper {
    fn start(one: PathBuf, other: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                rustix::fs::renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).unwrap();
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Swapper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Authorises a command by a request and a grant for one program.
fn authorize(bench: &Bench, spec: CommandSpec, granted: &str) -> Option<AuthorizedCommand> {
    let sandbox = bench.service.sandbox();
    let command = spec.check(&CommandSizes::default()).unwrap();
    let program = sandbox.resolve(&command.program).ok()?;
    let request = ProcessRequest::new(granted.to_owned().try_into().unwrap());
    let further = request.further_grants(sandbox.confinement());
    let grants: GrantSet = further.chain([request.as_grant()]).collect();
    Permissions::new(&Requests::from_iter([request]), &grants)
        .decide(command, program, sandbox.confinement(), |name| {
            sandbox.resolve(name).ok()
        })
        .into_result()
        .ok()
}

/// What came of commands whose program is swapped.
#[derive(Debug, Default)]
struct Count {
    right: u32,
    wrong: u32,
    /// Not authorised, or found to be another file before it was executed.
    refused: u32,
}

impl Count {
    /// Whether more are to be tried: so many, and on a busy machine, where nothing
    /// may be swapped for a while, until one was right.
    fn goes_on(&self, least: u32) -> bool {
        let tried = self.right + self.wrong + self.refused;
        tried < least || (self.right == 0 && tried < 20_000)
    }

    async fn add(
        &mut self,
        bench: &Bench,
        command: Option<AuthorizedCommand>,
        is_right: impl Fn(&Output) -> bool,
    ) {
        let Some(command) = command else {
            self.refused += 1;
            tokio::time::sleep(Duration::from_millis(1)).await;
            return;
        };
        let output = bench.service.run(command, bench.context()).await.unwrap();
        match &output.exit.status {
            ExitStatus::LaunchFailed(failure) => {
                assert_eq!(
                    (failure.step, failure.errno),
                    (LaunchStep::Exec, libc::ESTALE),
                    "{failure:?}"
                );
                assert!(failure.message.contains("taken its place"), "{failure:?}");
                self.refused += 1;
            }
            _ if is_right(&output) => self.right += 1,
            _ => self.wrong += 1,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_swapped_runs_nothing_but_what_was_judged() {
    for backend in BACKENDS {
        let bench = bench(backend);
        bench.executable("other", b"#!/bin/sh\necho ANOTHER PROGRAM\n");
        symlink("/usr/bin/uname", bench.path().join("uname")).unwrap();
        symlink(inside(&bench, "other"), bench.path().join("swap")).unwrap();
        let program = inside(&bench, "uname");
        let mut count = Count::default();
        let swapper = Swapper::start(bench.path().join("uname"), bench.path().join("swap"));
        while count.goes_on(700) {
            let command = authorize(&bench, command(&program, &[]), "uname");
            count
                .add(&bench, command, |output| output.stdout.bytes == b"Linux\n")
                .await;
        }
        drop(swapper);
        assert!(count.wrong == 0 && count.right > 0, "{backend}: {count:?}");
    }
}

/// Puts a program and a script that do the same into a directory: good ones exit
/// with 0, others do not.
fn fill(bench: &Bench, directory: &str, is_good: bool) {
    fs::create_dir(bench.path().join(directory)).unwrap();
    // Closing what is not open fails.
    let call = if is_good {
        libc::SYS_getpid
    } else {
        libc::SYS_close
    };
    let program = Code::default().call(call, &[u64::MAX]).exit_with_error();
    bench.executable(&format!("{directory}/program"), &program);
    let script = format!("#!/bin/sh\nexit {}\n", u8::from(!is_good));
    bench.executable(&format!("{directory}/script"), script.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_swapped_runs_nothing_but_what_was_judged() {
    for backend in BACKENDS {
        let bench = bench(backend);
        fill(&bench, "good", true);
        fill(&bench, "bad", false);
        for (name, link) in [("link", "good"), ("swap", "bad")] {
            symlink(link, bench.path().join(name)).unwrap();
        }
        for name in ["program", "script"] {
            let (asked, granted) = (format!("link/{name}"), format!("good/{name}"));
            let (asked, granted) = (inside(&bench, &asked), inside(&bench, &granted));
            let mut count = Count::default();
            let swapper = Swapper::start(bench.path().join("link"), bench.path().join("swap"));
            while count.goes_on(100) {
                let command = authorize(&bench, command(&asked, &[]), &granted);
                count
                    .add(&bench, command, |output| code(&output.exit) == 0)
                    .await;
            }
            drop(swapper);
            assert!(count.wrong == 0 && count.right > 0, "{backend}: {count:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_exchanged_runs_as_the_one_that_was_judged() {
    for backend in BACKENDS {
        let bench = bench(backend);
        fill(&bench, "one", true);
        fill(&bench, "other", false);
        let program = inside(&bench, "one/program");
        let good = fs::metadata(bench.path().join("one/program"))
            .unwrap()
            .ino();
        let mut count = Count::default();
        let swapper = Swapper::start(bench.path().join("one"), bench.path().join("other"));
        while count.goes_on(100) {
            let command = authorize(&bench, command(&program, &[]), &program).unwrap();
            let judged = rustix::fs::fstat(command.judged().unwrap()).unwrap().st_ino;
            let is_good = judged == good;
            count
                .add(&bench, Some(command), |output| {
                    (code(&output.exit) == 0) == is_good
                })
                .await;
        }
        drop(swapper);
        assert!(count.wrong == 0 && count.right > 0, "{backend}: {count:?}");
    }
}

/// Replaces an entry by what `make` makes.
fn replace(path: &Path, make: impl FnOnce(&Path)) {
    let next = path.with_extension("next");
    make(&next);
    if next.is_dir() {
        fs::remove_file(path).unwrap();
    }
    fs::rename(&next, path).unwrap();
}

fn make_fifo(path: &Path) {
    let path = CString::new(path.to_str().unwrap()).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o777);
    rustix::fs::mknodat(CWD, &*path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[tokio::test]
async fn what_has_taken_the_place_of_a_judged_program_does_not_run() {
    let replacements: [fn(&Path); 5] = [
        |path| symlink("/usr/bin/true", path).unwrap(),
        |path| fs::create_dir(path).unwrap(),
        make_fifo,
        |path| {
            fs::write(path, "#!/bin/sh\nexit 7\n").unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        },
        |path| {
            fs::copy("/usr/bin/true", path).unwrap();
        },
    ];
    for backend in BACKENDS {
        let bench = bench(backend);
        for replacement in replacements {
            for name in ["program", "script"] {
                fill(&bench, "d", true);
                let spec = command(&inside(&bench, &format!("d/{name}")), &[]);
                let command = bench.allow(spec, WorkspaceAccess::ReadWrite);
                replace(&bench.path().join("d").join(name), replacement);
                let output = bench.service.run(command, bench.context()).await.unwrap();
                let failure = failure(output.exit);
                let expected = (LaunchStep::Exec, libc::ESTALE);
                assert_eq!((failure.step, failure.errno), expected, "{backend}");
                fs::remove_dir_all(bench.path().join("d")).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_program_that_was_moved_or_removed_does_not_run() {
    for backend in BACKENDS {
        let bench = bench(backend);
        for change in ["mv d e", "rm -r d", "mv d e; ln -s e d", "mv d/program d/p"] {
            fill(&bench, "d", true);
            let spec = command(&inside(&bench, "d/program"), &[]);
            let command = bench.allow(spec, WorkspaceAccess::ReadWrite);
            bench.sh(change).await;
            let output = bench.service.run(command, bench.context()).await.unwrap();
            assert_eq!(failure(output.exit).errno, libc::ESTALE, "{change}");
            bench.sh("rm -rf d e").await;
        }
    }
}

#[tokio::test]
async fn a_directory_that_is_swapped_is_not_entered() {
    for backend in BACKENDS {
        let bench = bench(backend);
        let sandbox = bench.service.sandbox();
        for outside in ["/usr", "other", "file"] {
            fs::create_dir_all(bench.path().join("d/below")).unwrap();
            fs::create_dir_all(bench.path().join("other/below")).unwrap();
            fs::write(bench.path().join("file"), "").unwrap();
            for cwd in ["d", "d/below"] {
                let order = Order {
                    directory: sandbox.working_directory(Some(cwd)).unwrap(),
                    program: "/usr/bin/true".into(),
                    args: vec!["true".into()],
                    ..Order::default()
                };
                fs::rename(bench.path().join("d"), bench.path().join("moved")).unwrap();
                symlink(outside, bench.path().join("d")).unwrap();
                let stdio = bench.null_stdio();
                let prepared = sandbox.prepare(Access::default(), &order, stdio).unwrap();
                let (_child, ends) = sandbox.launch(prepared, Box::new(())).await.unwrap();
                let (step, errno) = not_started(ends);
                assert_eq!((step, errno), (LaunchStep::Cwd, libc::ESTALE), "{backend}");
                fs::remove_file(bench.path().join("d")).unwrap();
                fs::rename(bench.path().join("moved"), bench.path().join("d")).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_path_that_is_shown_is_not_swapped_for_a_link() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file"), "secret").unwrap();
    for backend in [SandboxBackend::Bubblewrap, SandboxBackend::Landlock] {
        let bench = Bench::with_settings(|settings| {
            let workspace = settings.workspace.canonicalize().unwrap();
            fs::create_dir(workspace.join("shown")).unwrap();
            fs::write(workspace.join("shown/file"), "shown").unwrap();
            settings.backend = backend;
            settings.read_only.push(workspace.join("shown"));
        });
        let shown = bench.path().canonicalize().unwrap().join("shown");
        let read = format!("cat {}/file", shown.display());
        assert_eq!(bench.sh(&read).await, "shown");
        let (moved, link) = (bench.path().join("moved"), bench.path().join("link"));
        symlink(outside.path(), &link).unwrap();
        // A standby that was built before the swap shows what it showed.
        for _ in 0..3 {
            fs::rename(&shown, &moved).unwrap();
            fs::rename(&link, &shown).unwrap();
            for _ in 0..2 {
                let output = bench.run(sh(&read)).await;
                let failure = failure(output.exit);
                let expected = (LaunchStep::Sandbox, libc::ESTALE);
                assert_eq!((failure.step, failure.errno), expected, "{backend}");
                assert!(output.stdout.bytes.is_empty());
            }
            fs::rename(&shown, &link).unwrap();
            fs::rename(&moved, &shown).unwrap();
            assert_eq!(bench.sh(&read).await, "shown");
        }
        // While it is swapped, each command sees the one or is not started.
        let swapper = Swapper::start(shown.clone(), link);
        for _ in 0..100 {
            let output = bench.run(sh(&read)).await;
            let text = String::from_utf8_lossy(&output.stdout.bytes);
            assert!(matches!(&*text, "shown" | ""), "{backend}: {text}");
        }
        drop(swapper);
    }
}
