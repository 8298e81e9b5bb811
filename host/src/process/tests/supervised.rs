//! What the init answers for the filter of system calls: unix sockets and folders' modes; and
//! tracing, of which the init itself has to be out of reach. Each case is tried in every
//! backend that has a filter, and looked at from outside.

mod fifos;
mod floods;
mod modes;
mod programs;
mod races;
mod rulesets;
mod sockets;
mod tracing;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::support::{Bench, command, end};
use crate::policy::{Access, NetworkAccess, WorkspaceAccess};
use crate::process::Output;
use crate::sandbox::{End, SandboxBackend};

const BOTH: [SandboxBackend; 2] = [SandboxBackend::Bubblewrap, SandboxBackend::Landlock];

/// What the programs below begin with: they say what works, and the error of what does not.
const BEGIN: &str = r#"
import ctypes, errno, os, signal, socket, stat, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
own = os.environ["TMPDIR"]
def attempt(what, do):
    try:
        do()
        print(what, "ok", flush=True)
    except OSError as error:
        print(what, errno.errorcode[error.errno], flush=True)
def call(*args):
    words = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), "")
def listener(path, kind=socket.SOCK_STREAM):
    made = socket.socket(socket.AF_UNIX, kind)
    made.bind(path)
    made.listen(8)
    return made
def connect(path, kind=socket.SOCK_STREAM):
    made = socket.socket(socket.AF_UNIX, kind)
    made.connect(path)
    return made
"#;

fn bench(backend: SandboxBackend) -> Bench {
    Bench::with_settings(|settings| settings.backend = backend)
}

/// Runs a program of Python, and gives what it says.
async fn python(bench: &Bench, program: &str, args: &[&str]) -> String {
    let output = run_python(bench, program, args).await;
    String::from_utf8(output.stdout.bytes).unwrap()
}

async fn run_python(bench: &Bench, program: &str, args: &[&str]) -> Output {
    let program = format!("{BEGIN}{program}");
    let args = [&["-c", &program], args].concat();
    let output = bench.run(command("python3", &args)).await;
    let errors = String::from_utf8_lossy(&output.stderr.bytes);
    assert!(!errors.contains("Traceback"), "{errors}");
    output
}

/// The same with the host's network; it says what it does in the file `told`.
async fn python_on_the_network(bench: &Bench, program: &str) -> String {
    let access = Access {
        workspace: WorkspaceAccess::ReadWriteGit,
        network: NetworkAccess::Host,
    };
    let program = format!("{BEGIN}\nsys.stdout = open('told', 'w')\n{program}");
    let (_child, ends) = bench
        .launch(access, &["/usr/bin/env", "python3", "-c", &program])
        .await;
    assert_eq!(end(ends), End::Code(0));
    fs::read_to_string(bench.path().join("told")).unwrap()
}

/// A listener of the host's that everybody may connect to.
struct Host(UnixListener);

impl Host {
    fn at(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
        Self::of(listener)
    }

    fn of(listener: UnixListener) -> Self {
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn has_heard(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// Where processes see the workspace.
fn seen(bench: &Bench) -> PathBuf {
    match bench.service.sandbox().settings().backend {
        SandboxBackend::Bubblewrap => "/workspace".into(),
        SandboxBackend::Landlock | SandboxBackend::None => bench.path().canonicalize().unwrap(),
    }
}

#[test]
fn this_machine_has_it() {
    for backend in BOTH {
        let bench = bench(backend);
        let sandbox = bench.service.sandbox();
        assert!(sandbox.is_supervised(), "{:?}", sandbox.probe().weaknesses);
    }
}
