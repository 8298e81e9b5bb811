//! A runtime set up for the command line.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use boll_host::engine::{CacheError, ComponentCache};
use boll_host::policy::ArbitraryCode;
use boll_host::sandbox::{Sandbox, enter_leaf_cgroup};
use boll_host::services::log::{LogSettings, LogSink};
use boll_host::{Runtime, RuntimeBuilder};

use crate::failure::{Code, Done, Failure};
use crate::git_settings;
use crate::home::cache_folder;
use crate::interrupt::Listening;
use crate::operator::Operator;
use crate::worker;

/// A runtime with the user's cache, that compiles in a process of its own.
pub(crate) fn builder(log: LogSettings, sink: impl LogSink) -> Done<RuntimeBuilder> {
    let builder = Runtime::builder()
        .log(log)
        .log_sink(sink)
        .compiler(worker::compiler());
    let folder = match cache_folder() {
        Ok(folder) => folder,
        Err(failure) => {
            let why = failure.message();
            tracing::warn!("components are compiled anew each time: {why}");
            return Ok(builder);
        }
    };
    match ComponentCache::open(folder.join("components")) {
        Ok(cache) => Ok(builder.cache(cache)),
        // A home that cannot be written costs time at each start, and no more.
        Err(error @ CacheError::Folder(..)) => {
            let why = Failure::from_error(Code::Machine, &error);
            tracing::warn!("components are compiled anew each time: {}", why.message());
            Ok(builder)
        }
        Err(error) => Err(Failure::from_error(Code::Machine, &error)),
    }
}

/// Lets the process open as many descriptors as it may. Called before a runtime is
/// built, which divides them among capsules.
pub(crate) fn raise_descriptor_limit() {
    if let Err(error) = boll_host::raise_descriptor_limit() {
        tracing::debug!("the limit of open descriptors stays as it is: {error}");
    }
}

/// The runtime.
pub(crate) fn build(builder: RuntimeBuilder) -> Done<Runtime> {
    builder
        .build()
        .map_err(|error| Failure::from_error(Code::Machine, &error))
}

/// Sandboxes for a workspace, as the operator sets them up.
pub(crate) fn sandbox(
    workspace: &Path,
    operator: &Operator,
    protected: &[PathBuf],
) -> Done<Sandbox> {
    let mut settings = operator.sandbox(workspace, protected)?;
    settings.git = git_settings::of_users([workspace], operator.others())?;
    enter_cgroup();
    let sandbox =
        Sandbox::open(settings).map_err(|error| Failure::from_error(Code::Input, &error))?;
    // What is judged is the path: what was opened has to be what is called so.
    if sandbox.workspace() != workspace {
        let text = format!(
            "the workspace {} was replaced by a link to {} while it was opened",
            workspace.display(),
            sandbox.workspace().display()
        );
        return Err(Failure::new(Code::Input, text));
    }
    Ok(sandbox)
}

/// Makes room for the control groups of commands, where that can be had. What
/// cannot, the sandbox's report says.
pub(crate) fn enter_cgroup() {
    if let Err(error) = enter_leaf_cgroup(is_delegated) {
        tracing::debug!("cannot move into a cgroup of its own: {error}");
    }
}

/// Fails where nothing would run in it.
pub(crate) fn require_working(sandbox: &Sandbox) -> Done {
    let report = sandbox.probe();
    if report.works() {
        return Ok(());
    }
    Err(Failure::new(Code::Machine, report.to_string())
        .hint("boll doctor says more; boll doctor --fix installs what it can"))
}

/// Whether the user's systemd says that a group is delegated.
fn is_delegated(group: &Path) -> bool {
    let Some(unit) = group.file_name() else {
        return false;
    };
    let asked = Command::new("systemctl")
        .args(["--user", "show", "--property=Delegate", "--"])
        .arg(unit)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    asked.is_ok_and(|told| told.status.success() && told.stdout == b"Delegate=yes\n")
}

/// Whether a program runs arbitrary code, by the file that it is in a sandbox.
pub(crate) fn arbitrary_code(sandbox: &Sandbox, program: &str) -> Option<ArbitraryCode> {
    // One that is not there is judged by its name.
    let found = sandbox.resolve(program).ok();
    ArbitraryCode::of(program, found.as_ref())
}

/// The workspace that was named, or the current folder.
pub(crate) fn workspace(named: Option<&Path>) -> Done<PathBuf> {
    let workspace = match named {
        Some(path) => path.to_owned(),
        None => std::env::current_dir().map_err(|error| {
            Failure::new(
                Code::Input,
                format!("the current folder cannot be found: {error}"),
            )
        })?,
    };
    // Symbolic links on the way to it are the operator's own; from here on the
    // path has none, and the sandbox follows none.
    workspace.canonicalize().map_err(|error| {
        Failure::new(
            Code::Input,
            format!("cannot open the workspace {}: {error}", workspace.display()),
        )
    })
}

/// How long threads that do not end are waited for when everything else has.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

/// How long a thread without work stays.
const KEEP_ALIVE: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs something asynchronous to its end. It listens to the first signal that
/// tells the program to end, by `interrupt`; the second one ends the program.
pub(crate) fn block_on<T>(future: impl Future<Output = Done<T>>) -> Done<T> {
    let failed =
        |error: io::Error| Failure::new(Code::Machine, format!("no asynchronous runtime: {error}"));
    let _listening = Listening::begin()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // One that has started stays: others may not be able to.
        .thread_keep_alive(KEEP_ALIVE)
        .build()
        .map_err(failed)?;
    let done = runtime.block_on(future);
    // A thread that hangs in a file system ends with the program.
    runtime.shutdown_timeout(LEFT_BEHIND);
    done
}
