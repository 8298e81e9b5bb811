//! Compiles the init as a program, which the library carries inside itself.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The options of code generation. The program is linked with nothing but `core`.
const OPTIONS: [&str; 13] = [
    "opt-level=s",
    "lto=fat",
    "panic=abort",
    "codegen-units=1",
    "overflow-checks=off",
    "debug-assertions=off",
    "strip=symbols",
    "relocation-model=static",
    "target-feature=+crt-static",
    "link-arg=-nostartfiles",
    "link-arg=-nostdlib",
    "link-arg=-static",
    "link-args=-Wl,--build-id=none -Wl,-z,noexecstack",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    // Set for the program, and not for the library.
    println!("cargo::rustc-check-cfg=cfg(freestanding)");
    let init = PathBuf::from(required("OUT_DIR")?).join("boll-init");
    let target = required("TARGET")?;
    let supported = required("CARGO_CFG_TARGET_OS")? == "linux"
        && required("CARGO_CFG_TARGET_ARCH")? == "x86_64";
    if supported {
        compile(Path::new("src/lib.rs"), &target, &init)
    } else {
        // The host takes an empty init for "no sandbox on this platform".
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
            "--cfg=freestanding",
            "--check-cfg=cfg(freestanding,test)",
        ])
        .arg("--target")
        .arg(target)
        .args(OPTIONS.iter().flat_map(|option| ["-C", option]))
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
        Err(format!("rustc could not build the init: {status}").into())
    }
}

fn required(name: &str) -> Result<OsString, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var_os(name).ok_or_else(|| format!("{name} is not set").into())
}
