//! Builds a standard library for capsules with Debian's compiler, and lays it out as that compiler looks for it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian_sysroot::{CARGO, RUSTC, SysrootError, file};
use super::guest_rust::{TARGET, remove_outer_build};
use super::run::{answer, quietly};
use crate::report::reporter::Reporter;

/// Where Debian's compiler keeps its own libraries and tools.
const RUSTLIB: &str = "/usr/lib/rustlib";
const LINKER: &str = "/usr/bin/wasm-ld-22";
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";
/// What a component without a `main` function, and one with it, are linked with.
const WASI_OBJECTS: [&str; 3] = ["libc.a", "crt1-reactor.o", "crt1-command.o"];
/// Written last: a folder without it is not finished.
const COMPLETE: &str = "complete";

/// A package without code: building it builds the standard library.
const SEED_MANIFEST: &str =
    "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n";

/// Runs Debian's compiler with the folder above it as its sysroot, wherever that folder lies.
const WRAPPER: &str = "#!/bin/sh\n\
    folder=$(dirname \"$(dirname \"$(readlink -f \"$0\")\")\")\n\
    exec /usr/bin/rustc --sysroot \"$folder\" \"$@\"\n";

/// The compiler in a folder that [`make`] filled.
pub(super) fn rustc(folder: &Path) -> PathBuf {
    folder.join("bin/rustc")
}

/// Whether [`make`] came to its end in `folder`.
pub(super) fn is_complete(folder: &Path) -> bool {
    folder.join(COMPLETE).is_file()
}

/// Fills the empty `folder`. `component_linker` is copied where given, else Debian's is used.
pub(super) fn make(
    folder: &Path,
    component_linker: Option<&Path>,
    reporter: &Reporter,
) -> Result<(), SysrootError> {
    let host = host()?;
    let step = reporter.step(format!(
        "building Rust's standard library for {TARGET} (once, a minute or two)"
    ));
    lay_out_tools(folder, &host, component_linker)?;
    write_wrapper(&rustc(folder))?;
    build_std(folder, reporter)?;
    check(folder, reporter)?;
    let complete = folder.join(COMPLETE);
    fs::write(&complete, "").map_err(file("write", &complete))?;
    step.done();
    Ok(())
}

fn host() -> Result<String, SysrootError> {
    answer(Command::new(RUSTC).arg("-vV"))
        .and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("host: "))?;
            Some(line.to_owned())
        })
        .ok_or_else(|| SysrootError::Program {
            program: RUSTC.into(),
            package: "rustc-web",
        })
}

fn lay_out_tools(
    folder: &Path,
    host: &str,
    component_linker: Option<&Path>,
) -> Result<(), SysrootError> {
    let own = folder.join("lib/rustlib").join(host);
    let bin = own.join("bin");
    create(&bin)?;
    let debian = Path::new(RUSTLIB).join(host);
    link(&debian.join("lib"), &own.join("lib"))?;
    let component = bin.join("wasm-component-ld");
    match component_linker {
        // A copy, because rustup may remove the toolchain that it comes from.
        Some(linker) => copy(linker, &component)?,
        None => link(&debian.join("bin/wasm-component-ld"), &component)?,
    }
    // The component linker calls the first; the compiler looks for the second.
    link(Path::new(LINKER), &bin.join("wasm-ld"))?;
    link(Path::new(LINKER), &bin.join("rust-lld"))
}

fn write_wrapper(rustc: &Path) -> Result<(), SysrootError> {
    create(rustc.parent().unwrap_or(Path::new("/")))?;
    fs::write(rustc, WRAPPER).map_err(file("write", rustc))?;
    fs::set_permissions(rustc, fs::Permissions::from_mode(0o755))
        .map_err(file("make executable", rustc))
}

fn build_std(folder: &Path, reporter: &Reporter) -> Result<(), SysrootError> {
    let seed = folder.join("seed");
    let manifest = seed.join("Cargo.toml");
    let source = seed.join("src/lib.rs");
    create(&seed.join("src"))?;
    fs::write(&manifest, SEED_MANIFEST).map_err(file("write", &manifest))?;
    fs::write(&source, "").map_err(file("write", &source))?;

    let mut command = Command::new(CARGO);
    remove_outer_build(&mut command);
    command
        .args(["build", "--release", "--target", TARGET])
        .args(["-Z", "build-std=std,panic_abort", "--target-dir"])
        .arg(seed.join("target"))
        .current_dir(&seed)
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RUSTC", RUSTC)
        // Lets a stable compiler build its own standard library.
        .env("RUSTC_BOOTSTRAP", "1")
        // Capsules that are built with link-time optimisation need it.
        .env("CARGO_ENCODED_RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_INCREMENTAL", "0");
    let finished = quietly(&mut command, None, reporter)?;
    if !finished.status.success() {
        return Err(SysrootError::Compile {
            output: finished.output,
        });
    }

    let library = folder.join("lib/rustlib").join(TARGET).join("lib");
    let objects = library.join("self-contained");
    create(&objects)?;
    let built = seed.join("target").join(TARGET).join("release/deps");
    for entry in fs::read_dir(&built)
        .map_err(file("read", &built))?
        .flatten()
    {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libseed-") {
            copy(&entry.path(), &library.join(&name))?;
        }
    }
    for name in WASI_OBJECTS {
        copy(&Path::new(WASI_LIBC).join(name), &objects.join(name))?;
    }
    fs::remove_dir_all(&seed).map_err(file("remove", &seed))
}

/// Builds the smallest component, so that a linker that does not fit is found here and not by a capsule's author.
fn check(folder: &Path, reporter: &Reporter) -> Result<(), SysrootError> {
    let source = folder.join("check.rs");
    let component = folder.join("check.wasm");
    fs::write(
        &source,
        "#[unsafe(no_mangle)] pub extern \"C\" fn check() {}\n",
    )
    .map_err(file("write", &source))?;
    let finished = quietly(
        Command::new(rustc(folder))
            .args([
                "--edition=2024",
                "--crate-type=cdylib",
                "--target",
                TARGET,
                "-o",
            ])
            .arg(&component)
            .arg(&source),
        None,
        reporter,
    )?;
    if !finished.status.success() {
        return Err(SysrootError::Check {
            output: finished.output,
        });
    }
    for leftover in [source, component] {
        fs::remove_file(&leftover).map_err(file("remove", &leftover))?;
    }
    Ok(())
}

fn create(folder: &Path) -> Result<(), SysrootError> {
    fs::create_dir_all(folder).map_err(file("create the folder", folder))
}

fn copy(from: &Path, to: &Path) -> Result<(), SysrootError> {
    fs::copy(from, to).map(drop).map_err(file("copy", from))
}

fn link(to: &Path, at: &Path) -> Result<(), SysrootError> {
    symlink(to, at).map_err(file("create the link", at))
}
