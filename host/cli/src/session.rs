//! Sets up a runtime for the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use boll_host::engine::ComponentCache;
use boll_host::policy::{ArbitraryCode, ResolvedProgram};
use boll_host::sandbox::{ProgramError, Sandbox, enter_leaf_cgroup};
use boll_host::services::log::{LogSettings, LogSink};
use boll_host::{Runtime, RuntimeBuilder};

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::git_settings;
use crate::home::cache_folder;
use crate::interrupt::Listening;
use crate::mend::with_mend;
use crate::operator::{Operator, how_to_show};
use crate::worker;

/// Returns a builder for a runtime with the user's cache, which compiles in a separate
/// process.
pub(crate) fn builder(log: LogSettings, sink: impl LogSink) -> Done<RuntimeBuilder> {
    let builder = Runtime::builder()
        .log(log)
        .log_sink(sink)
        .compiler(worker::compiler());
    let folder = match cache_folder() {
        Ok(folder) => folder,
        Err(failure) => {
            let why = failure.message();
            tracing::warn!("components are compiled again each time: {why}");
            return Ok(builder);
        }
    };
    let folder = folder.join("components");
    match ComponentCache::open(&folder) {
        Ok(cache) => Ok(builder.cache(cache)),
        // That makes each start slower, and nothing else.
        Err(error) => {
            let why = Failure::from_error(Code::Machine, &error);
            let why = with_mend(why.message(), &folder);
            tracing::warn!("components are compiled again each time: {why}");
            Ok(builder)
        }
    }
}

/// Lets the process open as many descriptors as it may. Call it before building a
/// runtime, which divides them among capsules.
pub(crate) fn raise_descriptor_limit() {
    if let Err(error) = boll_host::raise_descriptor_limit() {
        tracing::debug!("the limit of open descriptors stays as it is: {error}");
    }
}

/// Builds the runtime.
pub(crate) fn build(builder: RuntimeBuilder) -> Done<Runtime> {
    builder.build().or_code(Code::Machine)
}

/// Returns sandboxes for a workspace, as the operator configured them.
pub(crate) fn sandbox(
    workspace: &Path,
    operator: &Operator,
    protected: &[PathBuf],
) -> Done<Sandbox> {
    let mut settings = operator.sandbox(workspace, protected)?;
    settings.git = git_settings::of_users([workspace], operator.others())?;
    enter_cgroup();
    let sandbox = Sandbox::open(settings).or_code(Code::Input)?;
    // The path was judged: the opened folder has to be the one with that path.
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

/// Finds a program in a sandbox. One that only this machine has comes with the lines that
/// show it.
pub(crate) fn resolve(sandbox: &Sandbox, name: &str) -> Done<ResolvedProgram> {
    let found = sandbox.resolve(name);
    found.map_err(|error| {
        let failure = Failure::from_error(Code::Machine, &error);
        match (error, sandbox.elsewhere(name)) {
            (ProgramError::NotFound(_), Some(path)) => {
                let at = format!(
                    "this machine has it at {}, which is not shown",
                    path.display()
                );
                failure.hint(at).hint(how_to_show(&path))
            }
            _ => failure,
        }
    })
}

/// Returns why a program that a capsule asks for could not be started, in a line.
pub(crate) fn not_startable(sandbox: &Sandbox, name: &str) -> Option<String> {
    let error = sandbox.resolve(name).err()?;
    let text = error.to_string();
    Some(match (error, sandbox.elsewhere(name)) {
        (ProgramError::NotFound(_), Some(path)) => format!(
            "{text}; this machine has it at {}, which is not shown; {}",
            path.display(),
            how_to_show(&path).replace(":\n", ": ").replace('\n', " ")
        ),
        _ => text,
    })
}

/// Makes room for the control groups of commands, if possible. The sandbox's report tells
/// what is not.
pub(crate) fn enter_cgroup() {
    if let Err(error) = enter_leaf_cgroup(is_delegated) {
        tracing::debug!("cannot move into a cgroup of its own: {error}");
    }
}

/// Fails if nothing would run in the sandbox.
pub(crate) fn require_working(sandbox: &Sandbox) -> Done {
    let report = sandbox.probe();
    if report.works() {
        return Ok(());
    }
    Err(Failure::new(Code::Machine, report.to_string())
        .hint("`boll doctor` tells more; `boll doctor --fix` installs what it can"))
}

/// Returns whether the user's systemd reports a group as delegated.
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

/// Returns the arbitrary code that a program runs, judged by its file in a sandbox.
pub(crate) fn arbitrary_code(sandbox: &Sandbox, program: &str) -> Option<ArbitraryCode> {
    // A missing program is judged by its name.
    let found = sandbox.resolve(program).ok();
    ArbitraryCode::of(program, found.as_ref())
}

/// Returns the workspace that was given, or the current folder.
pub(crate) fn workspace(named: Option<&Path>) -> Done<PathBuf> {
    let workspace = match named {
        Some(path) => path.to_owned(),
        None => current_folder()?,
    };
    // Symbolic links in the path to it are the operator's own; from here on the path has
    // none, and the sandbox follows none.
    workspace.canonicalize().or_fail(Code::Input, || {
        format!("cannot open the workspace {}", workspace.display())
    })
}

/// Returns the current folder.
pub(crate) fn current_folder() -> Done<PathBuf> {
    std::env::current_dir().or_fail(Code::Input, || {
        "the current folder cannot be found".to_owned()
    })
}

/// How long to wait for threads that do not end when everything else has.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

/// How long an idle thread stays.
const KEEP_ALIVE: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs a future to its end. The first signal to end the program is handled through
/// `interrupt`; the second one ends the program.
pub(crate) fn block_on<T>(future: impl Future<Output = Done<T>>) -> Done<T> {
    let _listening = Listening::begin()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Started threads stay: starting others may fail.
        .thread_keep_alive(KEEP_ALIVE)
        .build()
        .or_fail(Code::Machine, || {
            "cannot start the asynchronous runtime".to_owned()
        })?;
    let done = runtime.block_on(future);
    // A thread that hangs in a file system ends with the program.
    runtime.shutdown_timeout(LEFT_BEHIND);
    done
}
