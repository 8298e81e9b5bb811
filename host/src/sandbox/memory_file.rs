//! Files without a name, to hand data to a process.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, SealFlags};

/// A file with these bytes that can never change. Its position is at the start.
pub(super) fn sealed(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let file = create(name, MemfdFlags::ALLOW_SEALING)?;
    write_all(&file, bytes)?;
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&file, seals)?;
    Ok(file)
}

/// An empty file that a process writes and the host reads afterwards.
pub(super) fn scratch(name: &str) -> io::Result<OwnedFd> {
    create(name, MemfdFlags::empty())
}

/// At most the first `limit` bytes of a file, as text.
pub(super) fn text(file: &OwnedFd, limit: usize) -> io::Result<String> {
    let mut bytes = vec![0; limit];
    let mut len = 0;
    while len < limit {
        match rustix::io::pread(file, &mut bytes[len..], len as u64)? {
            0 => break,
            count => len += count,
        }
    }
    bytes.truncate(len);
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn create(name: &str, flags: MemfdFlags) -> io::Result<OwnedFd> {
    let flags = flags | MemfdFlags::CLOEXEC;
    // A kernel may be set to make such files not executable unless asked; one
    // before Linux 6.3 does not know the question.
    match rustix::fs::memfd_create(name, flags | MemfdFlags::EXEC) {
        Err(rustix::io::Errno::INVAL) => Ok(rustix::fs::memfd_create(name, flags)?),
        file => Ok(file?),
    }
}

fn write_all(file: &OwnedFd, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        done += rustix::io::pwrite(file, &bytes[done..], done as u64)?;
    }
    Ok(())
}
