//! What is changed while the init looks at it: it judges and uses one and the same copy.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::{BOTH, Host, bench, python, seen};

/// Connects while another process or thread changes something between what is its own and what
/// is the host's. Says how often it reached something.
const RACES: &str = r#"
import mmap
host = sys.argv[1]
mine = own + "/mine"
server = listener(mine)
server.setblocking(False)
def drain():
    count = 0
    while True:
        try:
            server.accept()
            count += 1
        except BlockingIOError:
            return count
def beside(change):
    child = os.fork()
    if child == 0:
        while True:
            change()
    return child
def end(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
def address(path):
    return b"\1\0" + path.encode() + b"\0"
reached = 0
def tries(make):
    global reached
    until = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < until:
        try:
            make()
        except OSError:
            pass
        reached += drain()

# The link that the path leads through.
os.symlink(mine, own + "/first")
os.symlink(host, own + "/second")
def swap():
    # RENAME_EXCHANGE
    libc.syscall(316, -100, (own + "/first").encode(), -100, (own + "/second").encode(), 2)
child = beside(swap)
tries(lambda: connect(own + "/first"))
end(child)
print("links", reached > 0, flush=True)

# The address itself, in memory that two processes have.
shared = mmap.mmap(-1, 4096)
place = ctypes.addressof(ctypes.c_char.from_buffer(shared))
size = max(len(address(mine)), len(address(host)))
def rewrite():
    ctypes.memmove(place, address(mine), len(address(mine)))
    ctypes.memmove(place, address(host), len(address(host)))
ctypes.memmove(place, address(mine), len(address(mine)))
reached = 0
child = beside(rewrite)
def by_address():
    made = socket.socket(socket.AF_UNIX)
    call(42, made.fileno(), ctypes.c_void_p(place), size)
tries(by_address)
end(child)
print("address", reached > 0, flush=True)

# The socket: at one moment one of another family.
if len(sys.argv) > 3:
    number = os.dup(0)
    pairs = [socket.socketpair()[0] for _ in range(2)]
    stop = False
    def swap_descriptors():
        while not stop:
            made = socket.socket(socket.AF_UNIX)
            os.dup2(made.fileno(), number)
            os.dup2(pairs[0].fileno(), number)
            made.close()
    thread = threading.Thread(target=swap_descriptors)
    thread.start()
    tries(lambda: call(42, number, address(host), len(address(host))))
    stop = True
    thread.join()
    print("sockets", flush=True)
"#;

#[tokio::test]
async fn no_connection_is_turned_while_it_is_judged() {
    for backend in BOTH {
        let bench = bench(backend);
        let host = Host::at(&bench.path().join("socket"));
        let path = seen(&bench).join("socket");
        let args = [path.to_str().unwrap(), "2", "sockets"];
        let told = python(&bench, RACES, &args).await;
        // It was reached what might be, so that they have changed in time.
        assert_eq!(told, "links True\naddress True\nsockets\n", "{backend}");
        assert!(!host.has_heard(), "{backend}");
    }
}

const MODES: &str = r#"
os.mkdir("folder")
open("file", "w").close()
os.chmod("file", 0o755)
os.symlink("folder", "first")
os.symlink("file", "second")
child = os.fork()
if child == 0:
    while True:
        libc.syscall(316, -100, b"first", -100, b"second", 2)
done = refused = 0
until = time.monotonic() + 2
while time.monotonic() < until:
    try:
        os.chmod("first", 0o2755)
        done += 1
    except PermissionError:
        refused += 1
    if os.stat("file").st_mode & 0o6000:
        print("lent")
os.kill(child, signal.SIGKILL)
print(done > 0, refused > 0)
"#;

#[tokio::test]
async fn no_file_gets_the_bit_while_it_is_taken_for_a_folder() {
    for backend in BOTH {
        let bench = bench(backend);
        assert_eq!(python(&bench, MODES, &[]).await, "True True\n", "{backend}");
        let file = bench.path().join("file");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o6000, 0, "{backend}");
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    }
}
