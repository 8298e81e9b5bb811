//! An environment for `boll` in which only what a test puts there counts.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{go, root};

/// A home, a configuration folder and a current folder of their own.
pub(crate) struct TestEnvironment {
    folder: TempDir,
    current: PathBuf,
}

/// A run of `boll` that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl TestEnvironment {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Without links on the way, as the program prints it.
        let current = folder
            .path()
            .canonicalize()
            .expect("a path")
            .join("current");
        for name in ["current", "home", "config"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self { folder, current }
    }

    /// The same with another current folder.
    pub(crate) fn at(self, current: impl Into<PathBuf>) -> Self {
        Self {
            current: current.into(),
            ..self
        }
    }

    /// Where `boll` is started.
    pub(crate) fn current(&self) -> &Path {
        &self.current
    }

    /// The user's own operator's file, which is not there at first.
    pub(crate) fn operator(&self) -> PathBuf {
        self.folder.path().join("config/boll/boll.toml")
    }

    /// Writes the user's own operator's file.
    pub(crate) fn grant(&self, text: &str) {
        let file = self.operator();
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("written");
    }

    /// Lists further actions in the manifest of the capsule in a folder.
    pub(crate) fn lists_actions(&self, folder: &str, names: &[&str]) {
        let manifest = format!("{folder}/Capsule.toml");
        let mut text = fs::read_to_string(self.current.join(&manifest)).expect("a manifest");
        for name in names {
            text.push_str(&format!("\n[[action]]\nname = \"{name}\"\n"));
        }
        self.write(&manifest, text);
    }

    /// Writes a file below the current folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.current.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("written");
        path
    }

    /// Writes a file so that it is newer than another: the clock of a file system
    /// ticks coarsely.
    pub(crate) fn write_newer(&self, name: &str, content: impl AsRef<[u8]>, than: &Path) {
        let modified = |path: &Path| {
            path.metadata()
                .and_then(|data| data.modified())
                .expect("a time")
        };
        let than = modified(than);
        while modified(&self.write(name, &content)) <= than {}
    }

    /// Any program in this environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.path();
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").expect("PATH"))
            .env("HOME", folder.join("home"))
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env("XDG_CACHE_HOME", cache())
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm")
            .current_dir(&self.current)
            .stdin(Stdio::null());
        for (name, value) in build_variables() {
            command.env(name, value);
        }
        command
    }

    /// `boll` in this environment.
    pub(crate) fn boll_command(&self, args: &[&str]) -> Command {
        let mut command = self.command(BOLL);
        command.args(args);
        command
    }

    /// Runs `boll` to its end, without a terminal.
    pub(crate) fn boll(&self, args: &[&str]) -> Run {
        Run::of(self.boll_command(args).output().expect("boll starts"))
    }

    /// The same with another search path, on which it finds its tools.
    pub(crate) fn boll_on(&self, path: impl AsRef<OsStr>, args: &[&str]) -> Run {
        let mut boll = self.boll_command(args);
        Run::of(boll.env("PATH", path).output().expect("boll starts"))
    }

    /// The same with something to read on standard input.
    pub(crate) fn boll_reading(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut child = self.boll_command(args).stdin(Stdio::piped()).piped();
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(stdin).expect("boll reads");
        drop(pipe);
        Run::of(child.wait_with_output().expect("boll ends"))
    }
}

/// A program that is started with a pipe for each of its outputs.
pub(crate) trait Piped {
    fn piped(&mut self) -> Child;
}

impl Piped for Command {
    fn piped(&mut self) -> Child {
        self.stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    }
}

/// The program that is tested.
pub(crate) const BOLL: &str = env!("CARGO_BIN_EXE_boll");

/// The user's cache: one for all tests, since what is in it is only compiled
/// components.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache")
}

/// What cargo, rustup, npm and pip need to build a guest: their own folders, which
/// they would look for in the home that a test does not have.
fn build_variables() -> Vec<(&'static str, PathBuf)> {
    let home = env::home_dir().expect("a home folder");
    let folder = |name: &str, default: &str| {
        env::var_os(name).map_or_else(|| home.join(default), PathBuf::from)
    };
    let mut variables = vec![
        ("CARGO_HOME", folder("CARGO_HOME", ".cargo")),
        ("RUSTUP_HOME", folder("RUSTUP_HOME", ".rustup")),
        ("npm_config_cache", folder("npm_config_cache", ".npm")),
        ("PIP_CACHE_DIR", folder("PIP_CACHE_DIR", ".cache/pip")),
        ("GOCACHE", go::cache()),
    ];
    for name in [
        "RUSTUP_TOOLCHAIN",
        "CARGO_TARGET_DIR",
        "RUSTUP_AUTO_INSTALL",
        "PIP_CERT",
        "PIP_CONFIG_FILE",
    ] {
        variables.extend(env::var_os(name).map(|value| (name, value.into())));
    }
    variables
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            // A signal has no code; none of the program's is below zero.
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The run, which must have ended with this code and without a panic.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(!self.stderr.contains("panicked at host"), "{self:#?}");
        self
    }

    /// The same for a run that fails, and so has no result.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> Self {
        assert_eq!(self.stdout, "", "{self:#?}");
        self.ends(code)
    }

    /// The run, whose standard error must hold each of these.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(
                self.stderr.contains(text),
                "no `{text}` in\n{}",
                self.stderr
            );
        }
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The lines of the capsule's log, which stands on standard error as JSON.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.stderr
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .filter(|line: &Value| line["kind"] == "log")
            .collect()
    }

    /// The messages of the capsule's log.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.log()
            .iter()
            .map(|line| line["message"].as_str().expect("a message").to_owned())
            .collect()
    }
}

/// The folder of an example, as it is named in the project's folder.
pub(crate) fn example(language: &str) -> PathBuf {
    root().join("examples/git-report").join(language)
}
