//! Files that somebody else may have made: they are opened without waiting, and read only
//! up to the size that such a file may have.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

use boll_host::document::Document;
use boll_host::engine::ComponentLimits;

/// The largest text written by people: manifests, cases, settings of tools.
pub(crate) const TEXT: u64 = Document::BYTES as u64;

/// Opens a regular file, and nothing else: opening a device can have effects. The opened file
/// is the one that the checks looked at, whatever the path leads to later.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    regular(found(path)?)
}

/// The same for what a user names to be read until it ends: a pipe or a device, too, whose
/// opening and reading may wait.
pub(crate) fn open_to_wait(path: &Path) -> io::Result<File> {
    let found = found(path)?;
    let kind = found.metadata()?.file_type();
    match kind.is_file() || kind.is_dir() {
        true => regular(found),
        false => opened(&found, libc::O_NOCTTY),
    }
}

/// A handle on what has a name, which is not opened by that.
fn found(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open(path)
}

/// Opens what a handle leads to, whatever has its name by now.
fn opened(found: &File, flags: i32) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(format!("/proc/self/fd/{}", found.as_raw_fd()))
}

/// Opens the regular file that a handle on its name leads to.
pub(crate) fn regular(found: File) -> io::Result<File> {
    let kind = found.metadata()?.file_type();
    let what = match () {
        () if kind.is_file() && !is_of_kernel(&found)? => {
            // Whoever holds a lease on it is not waited for.
            return opened(&found, libc::O_NONBLOCK | libc::O_NOCTTY);
        }
        () if kind.is_file() => "made up by the kernel",
        () if kind.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(io::Error::other(format!("it is {what}, not a file")))
}

/// File systems whose files the kernel makes up.
const OF_KERNEL: [rustix::fs::FsWord; 10] = [
    libc::BPF_FS_MAGIC,
    libc::CGROUP_SUPER_MAGIC,
    libc::CGROUP2_SUPER_MAGIC,
    libc::DEBUGFS_MAGIC,
    libc::PROC_SUPER_MAGIC,
    libc::SECURITYFS_MAGIC,
    libc::SELINUX_MAGIC,
    libc::SMACK_MAGIC,
    libc::SYSFS_MAGIC,
    libc::TRACEFS_MAGIC,
];

/// Returns whether the kernel makes a file up as it is read: reading it can take data from
/// another reader, or never end.
fn is_of_kernel(file: &File) -> io::Result<bool> {
    let kind = rustix::fs::fstatfs(file)?.f_type;
    Ok(OF_KERNEL.contains(&kind))
}

/// Returns the bytes of a file that may have at most `most`.
pub(crate) fn bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    bytes_of(open(path)?, most)
}

/// The same of one that is open.
pub(crate) fn bytes_of(file: File, most: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.len();
    let over = |size| {
        io::Error::other(format!(
            "it has {size} bytes, more than the limit of {most}"
        ))
    };
    if size > most {
        return Err(over(size.to_string()));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(size).map_err(io::Error::other)?)?;
    // It may grow while it is read.
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(over(format!("more than {most}")));
    }
    Ok(bytes)
}

/// Returns an error with the path that it is about.
pub(crate) fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Returns a text that somebody has written.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    text_of(open(path)?)
}

/// The same in a file that is open.
pub(crate) fn text_of(file: File) -> io::Result<String> {
    let bytes = bytes_of(file, TEXT)?;
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))
}

/// Returns a component's bytes.
pub(crate) fn component(path: &Path) -> io::Result<Vec<u8>> {
    bytes(path, ComponentLimits::default().bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn fails(path: &Path) -> String {
        component(path).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRUSR).unwrap();
        assert_eq!(fails(&fifo), "it is a pipe, not a file");
        assert_eq!(fails(Path::new("/dev/zero")), "it is a device, not a file");
        assert!(fails(folder.path()).contains("directory"));
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        fails(&socket);
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        let file = File::create(&path).unwrap();
        file.set_len(20 << 30).unwrap();
        assert_eq!(
            fails(&path),
            "it has 21474836480 bytes, more than the limit of 134217728"
        );
        fs::write(&path, [b'x'; 9]).unwrap();
        assert!(bytes(&path, 8).is_err());
        assert_eq!(bytes(&path, 9).unwrap(), [b'x'; 9]);
        assert_eq!(text(&path).unwrap(), "xxxxxxxxx");
        fs::write(&path, [0xff]).unwrap();
        assert_eq!(text(&path).unwrap_err().to_string(), "it is not UTF-8 text");
        for path in ["/proc/self/status", "/sys/kernel/notes"] {
            let error = text(Path::new(path)).unwrap_err().to_string();
            assert_eq!(error, "it is made up by the kernel, not a file");
        }
    }
}
