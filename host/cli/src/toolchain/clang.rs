//! Finds a C compiler that builds for WebAssembly, and tests it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::run::{answer, find_program};
use super::tools::MissingTool;

/// The target of capsules in C: clang's name for it now, and before. Most systems install their C
/// library under the old name.
const TARGET: &str = "wasm32-wasip1";
const OLD_TARGET: &str = "wasm32-wasi";

/// A clang that has the new name warns of the old one each time; of what the user calls it warns as ever.
const SILENCE: [&str; 2] = ["-Wno-deprecated", "-Wdeprecated-declarations"];

/// The places of the C library: a folder that exists if it is installed, and the sysroot for clang.
const SYSROOTS: [(&str, &str); 3] = [
    ("/usr/include/wasm32-wasi", "/usr"),
    ("/usr/wasm32-wasi/include", "/usr/wasm32-wasi"),
    ("/usr/share/wasi-sysroot/include", "/usr/share/wasi-sysroot"),
];

/// Uses the C library, the start of a reactor, and clang's own runtime for 128-bit numbers.
const TRIAL: &str = "#include <stdlib.h>\n\
     __attribute__((export_name(\"trial\"))) void *trial(unsigned long size, long double x) {\n\
     return x * x > 1 ? malloc(size) : 0;\n}\n";

/// A compiler that works.
#[derive(Debug)]
pub(crate) struct WasiCompiler {
    /// The command with the options that choose the target, as a Makefile uses it.
    pub(crate) command: String,
    /// The first line of `--version`.
    pub(crate) version: String,
}

impl WasiCompiler {
    fn of(command: &[String]) -> Self {
        let version = answer(Command::new(&command[0]).arg("--version"));
        let version = version.as_deref().and_then(|text| text.lines().next());
        Self {
            command: command.join(" "),
            version: version.unwrap_or_default().to_owned(),
        }
    }
}

const HOW_TO_GET: &str = "install clang, lld, clang's runtime for wasm32 and wasi-libc (`boll doctor --lang c` \
                          prints the line), or the WASI SDK, and set WASI_SDK_PATH to its folder";

/// Finds the newest compiler that works.
pub(crate) fn find() -> Result<WasiCompiler, MissingTool> {
    let mut tried = Vec::new();
    for clang in candidates() {
        let mut reason = String::new();
        for command in clang {
            match trial(&command) {
                Ok(()) => return Ok(WasiCompiler::of(&command)),
                Err(error) => reason = format!("{}: {error}", command[0]),
            }
        }
        tried.push(reason);
    }
    let mut problem = format!("there is no C compiler that builds for {OLD_TARGET}");
    if !tried.is_empty() {
        problem += &format!(" ({})", tried.join("; "));
    }
    let how_to_get = HOW_TO_GET;
    Err(MissingTool {
        problem,
        how_to_get,
    })
}

/// The commands for a clang: one for each name of the target that has a C library.
type Calls = Vec<Vec<String>>;

/// Returns the compilers to try: the SDK that the user names, then the newest clang.
fn candidates() -> Vec<Calls> {
    let mut candidates = Vec::new();
    if let Some(sdk) = std::env::var_os("WASI_SDK_PATH").filter(|path| !path.is_empty()) {
        let sdk = Path::new(&sdk);
        let clang = sdk.join("bin/clang").display().to_string();
        let has_new = has_new_name(&sdk.join("share/wasi-sysroot"));
        candidates.push(calls(&clang, None, has_new));
    }
    let sysroot = SYSROOTS
        .into_iter()
        .find(|(sign, _)| Path::new(sign).is_dir())
        .map(|(_, folder)| folder);
    for name in clangs(std::env::var_os("PATH")) {
        let has_new = sysroot.is_some_and(|folder| has_new_name(Path::new(folder)));
        candidates.push(calls(&name, sysroot, has_new));
    }
    candidates
}

/// Returns whether a C library is installed under the new name.
fn has_new_name(sysroot: &Path) -> bool {
    sysroot.join("include").join(TARGET).is_dir()
}

fn calls(clang: &str, sysroot: Option<&str>, has_new_name: bool) -> Calls {
    let call = |target: &str, options: &[&str]| {
        let mut command = vec![clang.to_owned(), format!("--target={target}")];
        command.extend(sysroot.map(|folder| format!("--sysroot={folder}")));
        command.extend(options.iter().map(|&option| option.to_owned()));
        command
    };
    let new = has_new_name.then(|| call(TARGET, &[]));
    new.into_iter()
        .chain([call(OLD_TARGET, &SILENCE)])
        .collect()
}

/// Returns the names of the clangs in the search path, the newest first; `clang`, whose version is
/// unknown, last.
fn clangs(path: Option<OsString>) -> Vec<String> {
    let path = path.unwrap_or_default();
    let mut versions: Vec<u32> = std::env::split_paths(&path)
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten())
        .filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.strip_prefix("clang-")?.parse().ok()
        })
        .collect();
    versions.sort_unstable();
    versions.dedup();
    let mut names: Vec<String> = versions
        .iter()
        .rev()
        .map(|version| format!("clang-{version}"))
        .collect();
    if find_program("clang").is_some() {
        names.push("clang".to_owned());
    }
    names
}

/// Compiles and links a small module. Returns the first error of the compiler.
fn trial(command: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let source: PathBuf = folder.path().join("trial.c");
    fs::write(&source, TRIAL).map_err(|error| error.to_string())?;
    let output = Command::new(&command[0])
        .args(&command[1..])
        .args(["-mexec-model=reactor", "-o"])
        .arg(folder.path().join("trial.wasm"))
        .arg(&source)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let error = text.lines().find(|line| line.contains("error: "));
    Err(error.unwrap_or("it failed").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_clang_is_tried_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["clang-9", "clang-19", "clang-tidy-22", "clang-cpp"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut names = clangs(Some(folder.path().into()));
        names.retain(|name| name != "clang");
        assert_eq!(names, ["clang-19", "clang-9"]);
    }

    #[test]
    fn a_compiler_that_cannot_says_why() {
        for command in calls("false", None, true) {
            assert_eq!(trial(&command), Err("it failed".to_owned()));
        }
    }
}
