//! Unix sockets: those of the tree are reached, and none of the host's.

use std::fs::{self, Permissions};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

use uuid::Uuid;

use super::{BOTH, Host, bench, python, python_on_the_network, seen};
use crate::process::tests::support::Bench;
use crate::sandbox::SandboxBackend;

const OWN: &str = r#"
for place in [own, os.environ["HOME"]]:
    for kind in [socket.SOCK_STREAM, socket.SOCK_SEQPACKET]:
        path = place + "/s%d" % kind
        server = listener(path, kind)
        assert server.getsockname() == path
        client = connect(path, kind)
        assert client.getpeername() == path and client.getblocking()
        there, _ = server.accept()
        client.send(b"hello")
        assert there.recv(5) == b"hello"
        print("connected", flush=True)
os.chdir(own)
os.umask(0o077)
server = listener("relative")
assert server.getsockname() == "relative"
assert stat.S_IMODE(os.stat("relative").st_mode) == 0o700
connect("relative")
os.symlink("relative", "link")
connect(own + "/link")
directory = os.open(own, os.O_RDONLY)
connect("/proc/self/fd/%d/relative" % directory)
attempt("nobody", lambda: connect("missing"))
attempt("no socket", lambda: connect("/dev/null"))
attempt("no descriptor", lambda: call(42, 99, b"\1\0x", 3))
attempt("no memory", lambda: call(42, server.fileno(), ctypes.c_void_p(8), 16))
attempt("long", lambda: call(42, server.fileno(), b"\1\0" + b"x" * 200, 202))
attempt("datagrams", lambda: call(41, 1, 2, 0))
"#;

#[tokio::test]
async fn a_tree_connects_to_its_own_sockets() {
    for backend in BOTH {
        let bench = bench(backend);
        let expected = "connected\nconnected\nconnected\nconnected\nnobody ENOENT\n\
                        no socket EACCES\nno descriptor EBADF\nno memory EFAULT\nlong EINVAL\n\
                        datagrams EPERM\n";
        assert_eq!(python(&bench, OWN, &[]).await, expected, "{backend}");
        let told = python_on_the_network(&bench, OWN).await;
        assert_eq!(told, expected, "{backend}");
    }
}

#[tokio::test]
async fn names_without_a_file_are_for_a_network_of_its_own() {
    let name = format!("boll-test-{}", Uuid::new_v4());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let host = Host::of(UnixListener::bind_addr(&address).unwrap());
    let program = format!(
        "made = []\n\
         attempt('bind', lambda: made.append(listener('\\0{name}2')))\n\
         attempt('own', lambda: connect('\\0{name}2'))\n\
         attempt('connect', lambda: connect('\\0{name}'))\n\
         attempt('bind to nothing', lambda: call(49, socket.socket(socket.AF_UNIX).detach(), b'\\1\\0', 2))\n"
    );
    for backend in BOTH {
        let bench = bench(backend);
        let told = python(&bench, &program, &[]).await;
        let refused = "bind EPERM\nown EPERM\nconnect EPERM\nbind to nothing EPERM\n";
        let expected = match backend {
            SandboxBackend::Bubblewrap => {
                "bind ok\nown ok\nconnect ECONNREFUSED\nbind to nothing ok\n"
            }
            SandboxBackend::Landlock | SandboxBackend::None => refused,
        };
        assert_eq!(told, expected, "{backend}");
        let told = python_on_the_network(&bench, &program).await;
        assert_eq!(told, refused, "{backend}");
        assert!(!host.has_heard(), "{backend}");
    }
}

/// The kernel names a socket that wants credentials when it is connected, also where nobody
/// answers.
const NAMED_BY_THE_KERNEL: &str = r#"
missing = socket.socket(socket.AF_UNIX)
missing.bind(own + "/silent")
for option in [socket.SO_PASSCRED, 76]:  # SO_PASSPIDFD
    made = socket.socket(socket.AF_UNIX)
    try:
        made.setsockopt(socket.SOL_SOCKET, option, 1)
    except OSError:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    attempt("connect", lambda: made.connect(own + "/silent"))
    attempt("listen", made.listen)
listener(own + "/heard")
socket.socket().listen()
print("others listen")
"#;

#[tokio::test]
async fn no_socket_listens_by_a_name_that_the_kernel_gave_it() {
    for backend in BOTH {
        let bench = bench(backend);
        let refused = "connect ECONNREFUSED\nlisten EPERM\n".repeat(2) + "others listen\n";
        let told = python_on_the_network(&bench, NAMED_BY_THE_KERNEL).await;
        assert_eq!(told, refused, "{backend}");
    }
}

/// Tries every way to a socket at a path.
const REACH: &str = r#"
path = sys.argv[1] if len(sys.argv) > 1 else open("path").read()
folder, name = os.path.split(path)
os.chdir(own)
os.symlink(path, "link")
os.symlink(folder, "folder")
attempt("path", lambda: connect(path))
attempt("link", lambda: connect("link"))
attempt("folder", lambda: connect("folder/" + name))
attempt("dots", lambda: connect(own + "/folder/../" + os.path.basename(folder) + "/" + name))
attempt("packets", lambda: connect(path, socket.SOCK_SEQPACKET))
directory = os.open(folder, os.O_RDONLY)
attempt("descriptor", lambda: connect("/proc/self/fd/%d/%s" % (directory, name)))
file = os.open(path, os.O_PATH)
attempt("file", lambda: connect("/proc/self/fd/%d" % file))
os.chdir(folder)
attempt("relative", lambda: connect(name))
attempt("current", lambda: connect("/proc/self/cwd/" + name))
attempt("root", lambda: connect("/proc/self/root" + path))
attempt("hard link", lambda: os.link(name, own + "/hard"))
attempt("renamed", lambda: os.rename(name, own + "/renamed"))
attempt("descriptor linked", lambda: os.link("/proc/self/fd/%d" % file, own + "/of-file", follow_symlinks=True))
attempt("folder renamed", lambda: os.rename(folder, own + "/moved"))
for found in ["hard", "renamed", "of-file", "moved/" + name]:
    attempt(found, lambda: connect(own + "/" + found))
attempt("made", lambda: listener(folder + "/made"))
attempt("made by a link", lambda: listener(own + "/folder/made-too"))
attempt("moved there", lambda: os.rename((listener(own + "/out"), own + "/out")[1], folder + "/out"))
attempt("sent", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
"#;

#[tokio::test]
async fn no_socket_of_the_host_is_reached_and_none_made_where_it_looks() {
    for backend in BOTH {
        let shown = tempfile::tempdir().unwrap();
        fs::set_permissions(shown.path(), Permissions::from_mode(0o755)).unwrap();
        let bench = Bench::with_settings(|settings| {
            settings.backend = backend;
            settings.read_only.push(shown.path().into());
        });
        let folder = bench.path().join("folder");
        fs::create_dir(&folder).unwrap();
        let places = [
            (folder.join("socket"), seen(&bench).join("folder/socket")),
            (shown.path().join("socket"), shown.path().join("socket")),
        ];
        for (outside, inside) in places {
            let host = Host::at(&outside);
            let inside = inside.to_str().unwrap();
            let told = python(&bench, REACH, &[inside]).await;
            assert!(told.lines().count() >= 18, "{backend} {told}");
            let done: Vec<&str> = told.lines().filter(|line| line.ends_with(" ok")).collect();
            assert!(done.is_empty(), "{backend} {inside}: {done:?}");
            fs::write(bench.path().join("path"), inside).unwrap();
            let told = python_on_the_network(&bench, REACH).await;
            let done: Vec<&str> = told.lines().filter(|line| line.ends_with(" ok")).collect();
            assert!(done.is_empty(), "{backend} {inside}: {done:?}");
            assert!(!host.has_heard(), "{backend} {inside}");
            // It was there to be reached.
            UnixStream::connect(&outside).unwrap();
            assert!(host.has_heard());
            assert!(!outside.with_file_name("made").exists());
            assert!(!outside.with_file_name("made-too").exists());
            assert!(!outside.with_file_name("out").exists());
        }
    }
}

const WAIT: &str = r#"
path = own + "/full"
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(0)
first = connect(path)
made = socket.socket(socket.AF_UNIX)
made.setblocking(False)
attempt("now", lambda: made.connect(path))
made = socket.socket(socket.AF_UNIX)
made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 100000))
begun = time.monotonic()
attempt("for a while", lambda: made.connect(path))
assert 0.1 <= time.monotonic() - begun < 5
def interrupt(*_):
    raise KeyError
signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    connect(path)
except KeyError:
    print("interrupted", flush=True)
threading.Timer(0.1, server.accept).start()
attempt("as long as it takes", lambda: connect(path))
"#;

#[tokio::test]
async fn a_connection_waits_as_the_kernel_has_it_wait() {
    for backend in BOTH {
        let told = python(&bench(backend), WAIT, &[]).await;
        let expected = "now EAGAIN\nfor a while EAGAIN\ninterrupted\nas long as it takes ok\n";
        assert_eq!(told, expected, "{backend}");
    }
}

/// Many more than the server takes at a time, and one to another meanwhile.
const MANY: &str = r#"
server = socket.socket(socket.AF_UNIX)
server.bind(own + "/full")
server.listen(20)
other = listener(own + "/other")
told = []
def wait():
    try:
        connect(own + "/full")
        told.append("connected")
    except OSError as error:
        told.append(errno.errorcode[error.errno])
threading.stack_size(256 << 10)
threads = [threading.Thread(target=wait) for _ in range(400)]
for thread in threads:
    thread.start()
time.sleep(1)
begun = time.monotonic()
for _ in range(5):
    connect(own + "/other")
    other.accept()
took = time.monotonic() - begun
assert took < 5, took
for _ in threads:
    server.accept()
for thread in threads:
    thread.join()
print(*sorted(set(told)))
"#;

#[tokio::test]
async fn hundreds_of_connections_wait_and_hold_up_no_other() {
    for backend in BOTH {
        let told = python(&bench(backend), MANY, &[]).await;
        assert_eq!(told, "connected\n", "{backend}");
    }
}

const SIGNALLED: &str = r#"
signal.signal(signal.SIGURG, lambda *_: None)
# As Go has it, whose threads interrupt each other all the time.
signal.siginterrupt(signal.SIGURG, False)
def disturb():
    while not done:
        os.kill(os.getpid(), signal.SIGURG)
        time.sleep(0.001)
done = False
path = own + "/s"
server = listener(path)
thread = threading.Thread(target=disturb)
thread.start()
for _ in range(500):
    client = connect(path)
    server.accept()
done = True
thread.join()
print("all")
"#;

#[tokio::test]
async fn signals_disturb_no_connection() {
    for backend in BOTH {
        let told = python(&bench(backend), SIGNALLED, &[]).await;
        assert_eq!(told, "all\n", "{backend}");
    }
}
