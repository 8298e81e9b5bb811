//! Attacks that no shell can make: this test program again, run in a sandbox.
//! Each can be made outside of one too, which shows that it would work there.

#![allow(unsafe_code, reason = "system calls that no library makes safe")]

use std::ffi::CString;
use std::fs;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::ptr;

use super::host_process;
use super::support::{Bench, command};

/// The variable that names the attack to the program in the sandbox.
const VARIABLE: &str = "BOLL_TEST_ATTACK";

/// Reaching for something that a process was not given.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) enum Attack {
    /// Connects to a unix socket in the file system.
    Connect(PathBuf),
    /// Connects to a unix socket that has a name but no file.
    ConnectAbstract(String),
    /// Sends a datagram to a unix socket, from one of a pair.
    SendFromPair(PathBuf),
    /// Sends a datagram.
    Send(SocketAddr),
    /// Opens the System V shared memory with this key.
    SharedMemory(i32),
    /// Makes a mount writable again.
    Remount(PathBuf),
}

impl Attack {
    /// Makes it in this very process; gives the system's error number.
    pub(super) fn make(&self) -> Result<(), i32> {
        let result = match self {
            Self::Connect(path) => UnixStream::connect(path).map(drop),
            Self::ConnectAbstract(name) => UnixAddr::from_abstract_name(name)
                .and_then(|address| UnixStream::connect_addr(&address).map(drop)),
            Self::SendFromPair(to) => UnixDatagram::pair()
                .and_then(|(socket, _other)| socket.send_to(b"out", to).map(drop)),
            Self::Send(to) => {
                UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"out", to).map(drop))
            }
            Self::SharedMemory(key) => shared_memory(*key, 0).map(drop),
            Self::Remount(path) => remount(path),
        };
        result.map_err(|error| error.raw_os_error().unwrap())
    }

    /// Makes it in a sandbox.
    pub(super) async fn make_inside(&self, bench: &Bench) -> Result<(), i32> {
        fs::copy(
            std::env::current_exe().unwrap(),
            bench.path().join("attacker"),
        )
        .unwrap();
        let args = host_process::arguments("attack::attacker");
        let mut spec = command("/workspace/attacker", &args.each_ref().map(String::as_str));
        spec.env = vec![(VARIABLE.into(), serde_json::to_string(self).unwrap())];
        let output = bench.run(spec).await;
        let text = String::from_utf8_lossy(&output.stdout.bytes);
        let told = host_process::told_in(&text).unwrap_or_else(|| panic!("{output:?}"));
        serde_json::from_str(&told).unwrap()
    }
}

/// Runs in a sandbox.
#[test]
#[ignore = "run in sandboxes by other tests"]
fn attacker() {
    let attack: Attack = serde_json::from_str(&std::env::var(VARIABLE).unwrap()).unwrap();
    host_process::tell(&serde_json::to_string(&attack.make()).unwrap());
}

/// System V shared memory, removed when this is dropped.
pub(super) struct SharedMemory(i32);

impl SharedMemory {
    /// Makes some that has this key.
    pub(super) fn new(key: i32) -> Self {
        Self(shared_memory(key, libc::IPC_CREAT | libc::IPC_EXCL | 0o600).unwrap())
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: removing takes no buffer, and nothing of it is mapped here.
        unsafe { libc::shmctl(self.0, libc::IPC_RMID, ptr::null_mut()) };
    }
}

fn shared_memory(key: i32, flags: i32) -> io::Result<i32> {
    // SAFETY: takes numbers only.
    let id = unsafe { libc::shmget(key, 4096, flags) };
    check(id).map(|()| id)
}

fn remount(path: &std::path::Path) -> io::Result<()> {
    let path = CString::new(path.to_str().unwrap()).unwrap();
    let flags = libc::MS_REMOUNT | libc::MS_BIND;
    // SAFETY: the path is NUL-terminated, and a remount takes nothing else.
    check(unsafe { libc::mount(ptr::null(), path.as_ptr(), ptr::null(), flags, ptr::null()) })
}

fn check(result: i32) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
