//! Tracing within a tree, of which the init has to be out of reach, and its filter to stay.

use super::{BOTH, Host, bench, python, run_python, seen};
use crate::process::tests::support::code;

const TRACE: &str = r#"
def trace(request, process):
    if libc.ptrace(request, process, None, None) < 0:
        raise OSError(ctypes.get_errno(), "")
def read(process, at):
    text = ctypes.create_string_buffer(4)
    own = (ctypes.c_size_t * 2)(ctypes.addressof(text), 4)
    theirs = (ctypes.c_size_t * 2)(at, 4)
    call(310, process, own, 1, theirs, 1, 0)
    return text.raw
ATTACH, SEIZE, DETACH = 16, 0x4206, 17
word = ctypes.create_string_buffer(b"word")
child = os.fork()
if child == 0:
    time.sleep(60)
assert read(child, ctypes.addressof(word)) == b"word"
trace(ATTACH, child)
os.waitpid(child, 0)
trace(DETACH, child)
print("own", flush=True)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
for init in [os.getppid(), int(sys.argv[1])]:
    attempt("attach", lambda: trace(ATTACH, init))
    attempt("seize", lambda: trace(SEIZE, init))
    attempt("memory", lambda: read(init, 0x400000))
    threads = os.listdir("/proc/%d/task" % init) if os.path.exists("/proc/%d" % init) else []
    for thread in threads:
        attempt("thread", lambda: trace(SEIZE, int(thread)))
    for file in ["mem", "maps", "environ", "fd/3", "fd/0", "cwd", "root", "exe", "syscall", "stack"]:
        for place in ["/proc/%d/" % init] + ["/proc/%d/task/%s/" % (init, thread) for thread in threads]:
            attempt("file", lambda: open(place + file, "rb").read(1))
descriptor = os.pidfd_open(os.getppid())
attempt("taken", lambda: call(438, descriptor, 0, 0))
"#;

#[tokio::test]
async fn a_tree_traces_itself_and_neither_the_init_nor_the_host() {
    for backend in BOTH {
        let bench = bench(backend);
        let host = std::process::id().to_string();
        let told = python(&bench, TRACE, &[&host]).await;
        let mut lines = told.lines();
        assert_eq!(lines.next(), Some("own"), "{backend}");
        let done: Vec<&str> = lines.filter(|line| line.ends_with(" ok")).collect();
        assert!(done.is_empty(), "{backend}: {told}");
        assert_eq!(bench.sh("echo alive").await, "alive\n");
    }
}

/// Makes its parent its tracer, which is the init.
const TRACED: &str = r#"
signal.signal(signal.SIGUSR1, lambda *_: print("signal", flush=True))
for _ in range(300):
    libc.ptrace(0, 0, None, None)
    os.kill(os.getpid(), signal.SIGUSR1)
libc.ptrace(0, 0, None, None)
os.execlp("sh", "sh", "-c", "echo executed; exit 7")
"#;

#[tokio::test]
async fn who_makes_the_init_its_tracer_goes_on() {
    for backend in BOTH {
        let output = run_python(&bench(backend), TRACED, &[]).await;
        let text = String::from_utf8_lossy(&output.stdout.bytes);
        assert_eq!(text.matches("signal\n").count(), 300, "{backend}");
        assert!(text.ends_with("executed\n"), "{backend}");
        assert_eq!(code(&output.exit), 7, "{backend}");
    }
}

/// A filter that asks its own process of every connection, and tells the kernel to go on.
const LISTEN: &str = r#"
class Filter(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("code", ctypes.c_void_p)]
code = struct.pack("HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, 42, 6, 0, 0, 0x7fc00000, 6, 0, 0, 0x7fff0000)
text = ctypes.create_string_buffer(code, len(code))
program = Filter(4, ctypes.addressof(text))
for flags in [8, 8 | 32, 8 | 16]:
    attempt("listener", lambda: call(317, 1, flags, ctypes.byref(program)))
attempt("filter", lambda: call(317, 1, 0, ctypes.byref(program)))
attempt("connection", lambda: connect(sys.argv[1]))
attempt("hidden", lambda: call(157, 4, 0, 0, 0, 0))
"#;

#[tokio::test]
async fn no_filter_of_a_process_answers_for_the_init() {
    for backend in BOTH {
        let bench = bench(backend);
        let host = Host::at(&bench.path().join("socket"));
        let path = seen(&bench).join("socket");
        let told = python(&bench, LISTEN, &[path.to_str().unwrap()]).await;
        let expected = "listener EPERM\nlistener EPERM\nlistener EPERM\nfilter ok\n\
                        connection ENOSYS\nhidden EPERM\n";
        assert_eq!(told, expected, "{backend}");
        assert!(!host.has_heard());
    }
}
