//! Whether bubblewrap is installed, and what an operator does where it does not work.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where bubblewrap may be. The PATH of the environment is not asked: it could
/// name a program that builds no sandbox at all.
pub(in crate::sandbox) const PLACES: [&str; 4] = [
    "/usr/bin/bwrap",
    "/usr/local/bin/bwrap",
    "/bin/bwrap",
    "/run/current-system/sw/bin/bwrap",
];

/// What an operator does when it is not installed.
pub(super) const HOW_TO_INSTALL: &str = "install the package `bubblewrap` (for example `apt \
                                         install bubblewrap` or `dnf install bubblewrap`)";
const UPDATE: &str = "install a newer bubblewrap: 0.10, or a distribution's 0.8 with --bind-fd";
const APPARMOR: &str = "allow bubblewrap to make user namespaces: install an AppArmor profile for \
                        it (Ubuntu: the package `apparmor-profiles`, profile \
                        `bwrap-userns-restrict`), or set the sysctl \
                        kernel.apparmor_restrict_unprivileged_userns to 0";
const SYSCTL_MAX: &str = "set the sysctl user.max_user_namespaces above 0";
const SYSCTL_CLONE: &str = "set the sysctl kernel.unprivileged_userns_clone to 1";
const CONTAINER: &str = "if this is a container, allow it to make user namespaces and to mount \
                         proc, or run the host outside of it";

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

/// What an operator does when it says this instead of working.
pub(in crate::sandbox) fn how_to_fix(complaint: &str) -> Option<&'static str> {
    if complaint.contains("Unknown option") {
        return Some(UPDATE);
    }
    let set_to = |name, value| kernel_setting(name).as_deref() == Some(value);
    if set_to("kernel/apparmor_restrict_unprivileged_userns", "1") {
        return Some(APPARMOR);
    }
    if set_to("user/max_user_namespaces", "0") {
        return Some(SYSCTL_MAX);
    }
    if set_to("kernel/unprivileged_userns_clone", "0") {
        return Some(SYSCTL_CLONE);
    }
    let refused = ["Operation not permitted", "Permission denied", "namespace"];
    refused
        .iter()
        .any(|text| complaint.contains(text))
        .then_some(CONTAINER)
}

/// A setting of the kernel's, when it has it.
fn kernel_setting(name: &str) -> Option<String> {
    let text = fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?;
    Some(text.trim().to_owned())
}
