//! Landlock for processes' own use: what it gives holds for what the init does in their stead,
//! or is not there.

use super::{BOTH, bench, python, python_on_the_network};
use crate::sandbox::SandboxBackend;

/// `landlock_create_ruleset`, `landlock_restrict_self`.
const RESTRICT: &str = r#"
WRITE, MAKE_SOCKET, CALL_DEVICE, BY_PATH = 1 << 1, 1 << 9, 1 << 15, 1 << 16
def create(*words, flags=0):
    made = libc.syscall(444, struct.pack("%dQ" % len(words), *words), 8 * len(words), flags)
    if made < 0:
        raise OSError(ctypes.get_errno(), "")
    return made
def version():
    found = libc.syscall(444, None, ctypes.c_long(0), 1)
    if found < 0:
        raise OSError(ctypes.get_errno(), "")
    assert found in [2, 3], found
attempt("version", version)
attempt("errata", lambda: call(444, None, 0, 2))
attempt("network", lambda: create(WRITE, 3))
attempt("only network", lambda: create(0, 3, 0))
attempt("scopes", lambda: create(WRITE, 0, 1))
attempt("devices", lambda: create(WRITE | CALL_DEVICE))
attempt("paths of sockets", lambda: create(BY_PATH))
attempt("short", lambda: call(444, b"\2\0\0\0", 4, 0))
attempt("long", lambda: call(444, bytes(8192), 8192, 0))
attempt("no memory", lambda: call(444, None, 8, 0))
attempt("nothing", lambda: create(0, 0, 0))
attempt("files", lambda: create(WRITE, 0, 0))
"#;

const RESTRICTED: &str = r#"
rules = create(WRITE | MAKE_SOCKET, 0, 0)
assert not os.get_inheritable(rules)
before = listener(own + "/before")
open(own + "/file", "w").close()
call(446, rules, 0)
attempt("write", lambda: open(own + "/file", "w"))
attempt("read", lambda: open(own + "/file"))
attempt("bind", lambda: listener(own + "/after"))
attempt("connect", lambda: connect(own + "/before"))
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (rules + 1, rules + 1))
attempt("no number left", lambda: [create(WRITE) for _ in range(99)])
"#;

#[tokio::test]
async fn what_the_init_would_not_keep_to_no_process_restricts() {
    let names = [
        "version",
        "errata",
        "network",
        "only network",
        "scopes",
        "devices",
        "paths of sockets",
        "short",
        "long",
        "no memory",
        "nothing",
        "files",
    ];
    let none = names.map(|name| format!("{name} ENOTSUP\n")).concat();
    let files = "version ok\nerrata EINVAL\nnetwork E2BIG\nonly network E2BIG\nscopes E2BIG\n\
                 devices EINVAL\npaths of sockets EINVAL\nshort EINVAL\nlong E2BIG\n\
                 no memory EFAULT\nnothing ENOMSG\nfiles ok\n";
    for backend in BOTH {
        let bench = bench(backend);
        let told = python_on_the_network(&bench, RESTRICT).await;
        assert_eq!(told, none, "{backend}");
        let told = python(&bench, RESTRICT, &[]).await;
        let expected = match backend {
            SandboxBackend::Bubblewrap => files,
            _ => &none,
        };
        assert_eq!(told, expected, "{backend}");
    }
    let bench = bench(SandboxBackend::Bubblewrap);
    let told = python(&bench, &format!("{RESTRICT}{RESTRICTED}"), &[]).await;
    let restricted = told.strip_prefix(files).unwrap();
    assert_eq!(
        restricted,
        "write EACCES\nread ok\nbind EACCES\nconnect ok\nno number left EMFILE\n"
    );
}
