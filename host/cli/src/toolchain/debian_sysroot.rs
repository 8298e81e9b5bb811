//! A Rust for capsules from Debian's packages: its compiler, and a standard library built from its source.
//! Made once below a cache folder, for machines where rustup cannot add the target.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::guest_rust::{GuestRust, TARGET, active_rustc, has_target};
use super::install::{InstallError, install};
use super::packages::apt_has_lists;
use super::run::{RunError, answer, find_program, is_executable};
use super::sysroot_layout;
use crate::report::reporter::Reporter;

/// The compiler, cargo, the standard library's source, the linker and the C library for WASI.
const PACKAGES: [&str; 5] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "lld-22",
    "wasi-libc",
];
/// Holds `wasm-component-ld`, which a Rust of rustup brings along.
const COMPONENT_LINKER_PACKAGE: &str = "rust-web-llvm";

/// Debian's compiler.
pub(super) const RUSTC: &str = "/usr/bin/rustc";
/// Debian's cargo, of the same version.
pub(super) const CARGO: &str = "/usr/bin/cargo";

const PREFIX: &str = "guest-rust-";
const UNFINISHED_PREFIX: &str = ".guest-rust-";

/// Why the packages did not give a Rust for capsules.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SysrootError {
    /// The packages could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A file or folder could not be made or read.
    #[error("cannot {what} {}", path.display())]
    File {
        /// What was to be done.
        what: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The packages are installed, and yet one of their programs is not there or does not answer.
    #[error("{program} is missing or does not answer; reinstall the package {package}")]
    Program {
        /// The program.
        program: PathBuf,
        /// The package it belongs to.
        package: &'static str,
    },
    /// The standard library could not be compiled.
    #[error("cannot compile the standard library for {TARGET}:\n{output}")]
    Compile {
        /// What cargo printed.
        output: String,
    },
    /// The finished compiler cannot build a component.
    #[error("the new compiler cannot build a component:\n{output}")]
    Check {
        /// What the compiler printed.
        output: String,
    },
    /// A tool could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Why this way is closed here, or `None` where it is open.
pub(super) fn unavailable() -> Option<String> {
    if find_program("apt-get").is_none() || find_program("dpkg-query").is_none() {
        return Some("this system's packages are not Debian's".to_owned());
    }
    if Path::new(RUSTC).exists() && installed_version("rustc-web").is_none() {
        return Some(format!("{RUSTC} is not of Debian's package rustc-web"));
    }
    let known = answer(Command::new("apt-cache").args(["show", PACKAGES[0]])).is_some();
    // Without package lists nothing is known yet; the installation fetches them.
    (!known && apt_has_lists()).then(|| format!("this system has no package {}", PACKAGES[0]))
}

/// The Rust made earlier from the packages that are installed now.
pub(super) fn cached(cache: &Path) -> Option<GuestRust> {
    let name = folder_name(&installed_version("rustc-web")?);
    let folder = cache.join(&name);
    let rustc = sysroot_layout::rustc(&folder);
    if !sysroot_layout::is_complete(&folder) || !has_target(Command::new(&rustc)) {
        return None;
    }
    Some(GuestRust {
        version: answer(Command::new(&rustc).arg("-V"))?,
        rustc: Some(rustc),
        cargo: PathBuf::from(CARGO),
        target_suffix: Some(name),
    })
}

/// Makes the Rust below `cache`, installing the packages where they are missing.
pub(super) fn make(
    directory: &Path,
    cache: &Path,
    reporter: &Reporter,
) -> Result<GuestRust, SysrootError> {
    fs::create_dir_all(cache).map_err(file("create the folder", cache))?;
    let lock = lock(cache, reporter)?;
    // Another process may have made it while this one waited for the lock.
    if let Some(rust) = cached(cache) {
        return Ok(rust);
    }

    let component_linker = component_linker_of_rustup(directory);
    let missing: Vec<String> = PACKAGES
        .into_iter()
        .chain(
            component_linker
                .is_none()
                .then_some(COMPONENT_LINKER_PACKAGE),
        )
        .filter(|package| installed_version(package).is_none())
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        install(&missing, reporter)?;
    }
    let version = installed_version("rustc-web").ok_or_else(|| no_compiler(RUSTC))?;

    // Built beside its final place and then renamed, so that it is there as a whole or not at all.
    // Only the holder of the lock builds, so what lies here was left by one that was interrupted.
    remove_folders(cache, UNFINISHED_PREFIX);
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED_PREFIX)
        .tempdir_in(cache)
        .map_err(file("create a folder in", cache))?;
    let name = folder_name(&version);
    let folder = cache.join(&name);
    sysroot_layout::make(unfinished.path(), component_linker.as_deref(), reporter)?;
    remove_folders(cache, PREFIX);
    fs::rename(unfinished.keep(), &folder).map_err(file("rename to", &folder))?;
    drop(lock);

    cached(cache).ok_or_else(|| no_compiler(sysroot_layout::rustc(&folder)))
}

/// One process at a time makes the Rust; the system releases the lock of a process that dies.
fn lock(cache: &Path, reporter: &Reporter) -> Result<File, SysrootError> {
    let path = cache.join("guest-rust.lock");
    let lock = File::create(&path).map_err(file("create", &path))?;
    match lock.try_lock() {
        Ok(()) => return Ok(lock),
        Err(TryLockError::Error(source)) => return Err(file("lock", &path)(source)),
        Err(TryLockError::WouldBlock) => {}
    }
    let step = reporter.step("waiting for another process that prepares Rust for capsules");
    lock.lock().map_err(file("lock", &path))?;
    step.done();
    Ok(lock)
}

/// What cannot be removed now, because a compiler that outlived its interrupted parent still writes there,
/// is removed the next time.
fn remove_folders(cache: &Path, prefix: &str) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) && entry.path().is_dir() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The version of an installed package.
fn installed_version(package: &str) -> Option<String> {
    let answer = answer(Command::new("dpkg-query").args([
        "--show",
        "--showformat=${db:Status-Abbrev}${Version}",
        package,
    ]))?;
    Some(answer.strip_prefix("ii ")?.to_owned())
}

/// Named after the package's version: a library built by one compiler is of no use to the next.
fn folder_name(version: &str) -> String {
    let version: String = version
        .chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' => letter,
            _ => '-',
        })
        .collect();
    format!("{PREFIX}{version}")
}

fn component_linker_of_rustup(directory: &Path) -> Option<PathBuf> {
    let sysroot = PathBuf::from(answer(
        active_rustc(directory).args(["--print", "sysroot"]),
    )?);
    let host = answer(active_rustc(directory).args(["--print", "host-tuple"]))?;
    let linker = sysroot
        .join("lib/rustlib")
        .join(host)
        .join("bin/wasm-component-ld");
    is_executable(&linker).then_some(linker)
}

fn no_compiler(program: impl Into<PathBuf>) -> SysrootError {
    SysrootError::Program {
        program: program.into(),
        package: PACKAGES[0],
    }
}

/// Makes an I/O error into one that says what was done with which file.
pub(super) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SysrootError {
    let path = path.to_owned();
    move |source| SysrootError::File { what, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_hold_plain_characters_only() {
        assert_eq!(
            folder_name("1:1.96.0+dfsg1-1~deb12u2"),
            "guest-rust-1-1.96.0-dfsg1-1-deb12u2"
        );
    }
}
