//! A user namespace of a sandbox's own, in which its user has power over the owners of
//! the workspace's files, and over nobody else.

use core::ffi::CStr;

use super::capabilities;
use super::path::Path;
use super::process;
use super::share;
use super::sys::{self, Errno};

const O_RDONLY: i32 = 0;
const O_WRONLY: i32 = 1;
const O_CLOEXEC: i32 = 0o2_000_000;

/// The kernel's limit on the user namespaces below that of whoever writes it.
const LIMIT: &CStr = c"/proc/sys/user/max_user_namespaces";

/// What the process that makes the namespace needs.
#[derive(Clone, Copy)]
struct Maker {
    id: u32,
    /// Takes a byte for each step, 0 or an error number.
    told: i32,
    /// Gives a byte when the ids are mapped; the other end is the parent's alone.
    go: i32,
    parents: i32,
}

/// Makes a namespace with these ids, as its `uid_map` takes them, that belongs to the
/// user `id`, and opens it as `to`. Nobody can make another below it.
pub(crate) fn make(id: u32, ids: &CStr, to: i32) -> Result<(), Errno> {
    let [steps, told] = sys::pipe()?;
    let [go, started] = sys::pipe()?;
    let maker = share::start_sharing(
        become_maker,
        Maker {
            id,
            told,
            go,
            parents: started,
        },
    )?;
    // What it does not hold open itself, it notices the end of.
    sys::close(told);
    sys::close(go);
    let made = map_and_open(maker.cast_unsigned(), ids, steps, started, to);
    sys::close(started);
    sys::close(steps);
    let _ = sys::take_ended(true);
    made
}

fn map_and_open(maker: u32, ids: &CStr, steps: i32, go: i32, to: i32) -> Result<(), Errno> {
    succeeded(steps)?;
    for name in [&b"/uid_map"[..], b"/gid_map"] {
        let mut path = Path::process(maker);
        path.push(name);
        let map = path.open(O_WRONLY | O_CLOEXEC)?;
        let written = sys::write(map, ids.to_bytes());
        sys::close(map);
        written?;
    }
    sys::write(go, &[0])?;
    succeeded(steps)?;
    let mut path = Path::process(maker);
    path.push(b"/ns/user");
    let namespace = path.open(O_RDONLY | O_CLOEXEC)?;
    let moved = sys::move_fd(namespace, to);
    sys::close(namespace);
    moved
}

/// Whether the maker's next step succeeded.
fn succeeded(steps: i32) -> Result<(), Errno> {
    let mut errno = [0u8];
    match sys::read(steps, &mut errno)? {
        0 => Err(sys::ESRCH),
        _ if errno == [0] => Ok(()),
        _ => Err(errno[0].into()),
    }
}

/// Makes the namespace, has it mapped, and stays until it is open elsewhere.
extern "C" fn become_maker(maker: &'static Maker) -> ! {
    sys::close(maker.parents);
    let tell = |step: Result<(), Errno>| {
        let errno = step.err().unwrap_or(0);
        if sys::write(maker.told, &[errno as u8]).is_err() || errno != 0 {
            sys::exit(1)
        }
    };
    // The namespace's owner may enter it: that has to be who builds the sandbox. Some
    // systems let only a program of theirs make one without capabilities.
    tell(
        capabilities::keep_as_user(maker.id, maker.id)
            .and_then(|()| process::end_with_parent())
            .and_then(|()| sys::unshare(sys::CLONE_NEWUSER)),
    );
    if !matches!(sys::read(maker.go, &mut [0]), Ok(1)) {
        sys::exit(1)
    }
    tell(sys::open(LIMIT, O_WRONLY | O_CLOEXEC).and_then(|limit| {
        let written = sys::write(limit, b"0");
        sys::close(limit);
        written.map(drop)
    }));
    // Ends when the parent closes its end.
    let _ = sys::read(maker.go, &mut [0]);
    sys::exit(0)
}
