//! Compiles the sandbox's init, which the library carries inside itself.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=init");
    let init = PathBuf::from(required("OUT_DIR")?).join("boll-init");
    let target = required("TARGET")?;
    let supported = required("CARGO_CFG_TARGET_OS")? == "linux"
        && required("CARGO_CFG_TARGET_ARCH")? == "x86_64";
    if supported {
        compile(Path::new("init/main.rs"), &target, &init)
    } else {
        // The library takes an empty init for "no sandbox on this platform".
        Ok(std::fs::write(init, [])?)
    }
}

fn compile(source: &Path, target: &OsString, init: &Path) -> Result<(), Box<dyn Error>> {
    let mut rustc = Command::new(required("RUSTC")?);
    // The flags of the program that is being built are not the init's: they
    // may ask for instrumentation that needs a standard library.
    rustc
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    rustc
        .args([
            "--edition=2024",
            "--crate-name=boll_init",
            "--crate-type=bin",
        ])
        .arg("--target")
        .arg(target)
        .args([
            "-C",
            "opt-level=s",
            "-C",
            "panic=abort",
            "-C",
            "codegen-units=1",
        ])
        .args([
            "-C",
            "overflow-checks=off",
            "-C",
            "debug-assertions=off",
            "-C",
            "strip=symbols",
        ])
        .args([
            "-C",
            "relocation-model=static",
            "-C",
            "target-feature=+crt-static",
        ])
        .args([
            "-C",
            "link-arg=-nostartfiles",
            "-C",
            "link-arg=-nostdlib",
            "-C",
            "link-arg=-static",
        ])
        .args([
            "-C",
            "link-arg=-Wl,--build-id=none",
            "-C",
            "link-arg=-Wl,-z,noexecstack",
        ])
        .arg("-o")
        .arg(init)
        .arg(source);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = OsString::from("linker=");
        option.push(linker);
        rustc.arg("-C").arg(option);
    }
    let status = rustc.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("rustc could not build the sandbox's init: {status}").into())
    }
}

fn required(name: &str) -> Result<OsString, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var_os(name).ok_or_else(|| format!("{name} is not set").into())
}
