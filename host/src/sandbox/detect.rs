//! Finds out what the machine has: bubblewrap, and the directories beside `/usr`.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::plan::SystemDirectory;

/// Where bubblewrap may be. The PATH of the environment is not asked: it could
/// name a program that builds no sandbox at all.
pub(super) const BUBBLEWRAP: [&str; 4] = [
    "/usr/bin/bwrap",
    "/usr/local/bin/bwrap",
    "/bin/bwrap",
    "/run/current-system/sw/bin/bwrap",
];

/// What systems have beside `/usr`, as links or directories.
const BESIDE_USR: [&str; 5] = ["/bin", "/sbin", "/lib", "/lib64", "/lib32"];

/// Files of the kernel's that no program needs, and that tell of the host: how it was
/// started, and the keys of its user. Each costs every sandbox a mount. What else
/// tells of the host there is either kept from whoever is not root or says nothing
/// of what it runs.
const UNREADABLE: [&str; 3] = ["/proc/cmdline", "/proc/keys", "/proc/key-users"];

/// The first of `candidates` that only root can have put there.
pub(super) fn program(candidates: &[PathBuf]) -> Option<PathBuf> {
    candidates.iter().find(|path| is_trusted(path)).cloned()
}

fn is_trusted(path: &Path) -> bool {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    fs::metadata(path).is_ok_and(|metadata| {
        let mode = metadata.permissions().mode();
        metadata.is_file()
            && metadata.uid() == 0
            && mode & 0o111 != 0
            && mode & WRITABLE_BY_OTHERS == 0
    })
}

/// What the program says of its version.
pub(super) fn version(program: &Path) -> io::Result<String> {
    let output = Command::new(program)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The directories beside `/usr`, as they are here, and what is not to be read.
pub(super) fn system_directories() -> Vec<SystemDirectory> {
    let unreadable = UNREADABLE.iter().map(Path::new);
    let unreadable = unreadable.filter(|path| path.exists());
    BESIDE_USR
        .iter()
        .map(Path::new)
        .filter_map(|path| {
            let metadata = fs::symlink_metadata(path).ok()?;
            if metadata.is_symlink() {
                let target = fs::read_link(path).ok()?;
                Some(SystemDirectory::Link {
                    path: path.into(),
                    target,
                })
            } else {
                metadata
                    .is_dir()
                    .then(|| SystemDirectory::Directory(path.into()))
            }
        })
        .chain(unreadable.map(|path| SystemDirectory::Unreadable(path.into())))
        .collect()
}

/// A setting of the kernel's, when it has it.
pub(super) fn kernel_setting(name: &str) -> Option<String> {
    let text = fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?;
    Some(text.trim().to_owned())
}
