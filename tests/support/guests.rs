//! The guests, built by the program itself.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::environment::TestEnvironment;
use super::{UNPREPARED, root};

/// The capsule with an action for everything that a host has to deal with.
pub(crate) fn guests() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("tests/guests"))
}

/// The capsule that drives programs without streams.
pub(crate) fn process_only() -> PathBuf {
    built("tests/guests/process-only")
}

/// The capsule with a run loop, an installation, an upgrade and actions, which
/// its configuration steers.
pub(crate) fn service() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built("tests/guests/service"))
}

/// The capsule with a run loop and nothing else.
pub(crate) fn run_only() -> PathBuf {
    built("tests/guests/run-only")
}

/// A capsule that sends requests through `wasi:http`.
pub(crate) fn http() -> PathBuf {
    built("tests/guests/http")
}

/// A component that exports nothing.
pub(crate) fn no_handler() -> PathBuf {
    built("tests/guests/no-handler")
}

/// A component that imports what no host has.
pub(crate) fn unlinkable() -> PathBuf {
    built("tests/guests/unlinkable")
}

/// The capsule that imports `wasi:config` and `wasi:logging` by every name that the
/// host serves.
pub(crate) fn wasi_names() -> PathBuf {
    built("tests/guests/wasi-names")
}

/// The capsule of the example whose host has an interface of its own.
pub(crate) fn keyvalue() -> PathBuf {
    built("examples/embed-interface/guest")
}

/// Fails where this machine cannot build and run capsules, with what is missing.
pub(crate) fn prepared() {
    static PREPARED: OnceLock<()> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let languages = ["rust", "js", "python", "c"].map(|language| ["--lang", language]);
        let arguments = [&["doctor"], languages.as_flattened()].concat();
        let doctor = TestEnvironment::new().boll(&arguments);
        assert_eq!(
            doctor.code, 0,
            "{UNPREPARED}; `boll doctor` says:\n{}{}",
            doctor.stdout, doctor.stderr
        );
    });
}

/// The component of a capsule in the project, built if it is stale.
pub(crate) fn built(folder: &str) -> PathBuf {
    prepared();
    let build = TestEnvironment::new()
        .at(root())
        .boll(&["build", folder])
        .ends(0);
    let component = PathBuf::from(build.stdout.trim_end());
    assert!(component.is_file(), "{}", component.display());
    component
}

/// The bytes of the capsule with all actions.
pub(crate) fn guests_bytes() -> Vec<u8> {
    fs::read(guests()).expect("the component")
}

/// The bytes of the capsule with a run loop and actions.
pub(crate) fn service_bytes() -> Vec<u8> {
    fs::read(service()).expect("the component")
}

impl TestEnvironment {
    /// Puts the capsule with all actions into a folder below the current one,
    /// with more in its manifest; gives the folder.
    pub(crate) fn guests(&self, manifest: &str) -> String {
        self.capsule("guests", &guests_bytes(), manifest)
    }

    /// A capsule with the action `greet` and the contract, of these sources, in the
    /// current folder.
    pub(crate) fn with_greeter(sources: &[(&str, &str)]) -> Self {
        prepared();
        let env = Self::new();
        env.write(
            "Capsule.toml",
            "[capsule]\nid = \"hello\"\nversion = \"1.0.0\"\n[[action]]\nname = \"greet\"\n",
        );
        for (name, text) in sources {
            env.write(name, text);
        }
        symlink(root().join("wit"), env.current().join("wit")).expect("a link");
        env
    }

    /// Puts any component into a folder below the current one as a capsule.
    pub(crate) fn capsule(&self, id: &str, component: &[u8], manifest: &str) -> String {
        self.write(&format!("{id}/component.wasm"), component);
        self.write(
            &format!("{id}/Capsule.toml"),
            format!(
                "[capsule]\nid = \"{id}\"\nversion = \"1.0.0\"\n\
                 component = \"component.wasm\"\n{manifest}"
            ),
        );
        id.to_owned()
    }
}
