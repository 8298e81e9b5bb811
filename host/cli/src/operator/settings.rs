//! `[sandbox]`, `[process]` and `[guest]` of the operator's file: how this host builds
//! sandboxes and ends processes, and what guests may use of it.
//!
//! ```toml
//! [sandbox]
//! backend = "bubblewrap"       # or "landlock", or "none"
//! read-only = ["/opt/tools"]   # further paths that processes may read
//! tools = ["rust", "node"]     # toolchains that processes may use, wherever they are
//! path = ["/opt/tools/bin"]    # folders of programs, looked up before the system's
//! variables = { HTTPS_PROXY = "http://proxy:3128" }  # of all processes
//! expose = ["/home/me"]        # folders that are allowed although they expose much
//! own-path = true              # the workspace under its own path, too, also below a home
//! tmp-mib = 256                # the size of /tmp; home-mib, shm-mib likewise
//!
//! [process]
//! interrupt-ms = 2000          # from SIGINT to SIGTERM
//! terminate-ms = 1000          # from SIGTERM to SIGKILL
//! runs = 64                    # commands that a capsule runs at a time
//! children = 8                 # live children of a capsule
//! unreleased = 64              # its children that are not released, ended ones too
//! ring-mib = 256               # all rings of a capsule together
//! memory-mib = 2048            # of a process tree; a command may ask for less
//! pids = 1024                  # its processes and threads
//! cpu-weight = 100             # of all trees; the host itself has 100
//! file-mib = 4096              # the size of one file that a process writes
//!
//! [guest]
//! memory-mib = 2048            # linear memory of a capsule, all its instances together
//! all-memory-mib = 4096        # the same for all capsules
//! descriptors = 256            # files, folders and connections that a capsule has open
//! host-mib = 256               # what the host holds for a capsule, as HTTP fields
//! resources = 4096             # streams, fields and the like of one instance
//! file-calls = 16              # calls of a capsule that wait for a file at a time
//! core-instances = 128         # what one instance may consist of; memories, tables likewise
//! stack-kib = 1024             # the stack of a call
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use boll_host::RuntimeLimits;
use boll_host::capsule::{EngineLimits, GuestLimits};
use boll_host::document::{Document, DocumentError, Whole};
use boll_host::policy::{Confinement, Surroundings};
use boll_host::process::{Grace, ProcessSettings, TreeBound};
use boll_host::sandbox::{SandboxBackend, SandboxSettings};
use serde::Deserialize;
use toml::Spanned;

use super::folders;
use super::shown::{self, Shown};
use super::tools::{Found, Tool};
use super::variables::{self, RawVariables};

/// `[sandbox]` as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawSandbox {
    backend: SandboxBackend,
    read_only: Vec<Spanned<PathBuf>>,
    tools: Vec<Spanned<String>>,
    path: Vec<Spanned<PathBuf>>,
    variables: RawVariables,
    expose: Vec<Spanned<PathBuf>>,
    own_path: Option<Spanned<bool>>,
    tmp_mib: Option<Spanned<Whole>>,
    home_mib: Option<Spanned<Whole>>,
    shm_mib: Option<Spanned<Whole>>,
}

impl RawSandbox {
    /// Returns the folders that are allowed although they expose much. They have to be in
    /// their plain form: a folder listed here is no longer judged.
    pub(super) fn exposed(&self, document: &Document<'_>) -> Result<Vec<PathBuf>, DocumentError> {
        let checked = self.expose.iter().map(|path| {
            folders::plain_path(path.get_ref()).map_err(|unfit| unfit.at(document, path.span()))?;
            Ok(path.get_ref().clone())
        });
        checked.collect()
    }
}

/// `[process]` as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawProcess {
    interrupt_ms: Option<Whole<0, MOST_GRACE_MS>>,
    terminate_ms: Option<Whole<0, MOST_GRACE_MS>>,
    runs: Option<Whole>,
    children: Option<Whole>,
    unreleased: Option<Whole>,
    ring_mib: Option<Whole>,
    memory_mib: Option<Whole>,
    pids: Option<Whole>,
    cpu_weight: Option<Whole<1, MOST_WEIGHT>>,
    file_mib: Option<Whole>,
}

/// `[guest]` as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawGuest {
    memory_mib: Option<Whole>,
    all_memory_mib: Option<Whole>,
    descriptors: Option<Whole>,
    host_mib: Option<Whole>,
    resources: Option<Whole>,
    file_calls: Option<Whole>,
    core_instances: Option<Whole<1, MOST_CORE_INSTANCES>>,
    memories: Option<Whole<1, MOST_MEMORIES>>,
    tables: Option<Whole<1, MOST_TABLES>>,
    stack_kib: Option<Whole<LEAST_STACK_KIB, MOST_STACK_KIB>>,
}

/// All settings, checked as far as they do not depend on the workspace.
#[derive(Default)]
pub(super) struct Settings {
    sandbox: RawSandbox,
    /// What its paths, toolchains and folders of programs come to.
    shown: Shown,
    process: RawProcess,
    guest: RawGuest,
}

/// The longest grace period: cancelling a call may take that long.
const MOST_GRACE_MS: u32 = 60_000;

/// The most that one instance may consist of: the pool of instances reserves room for it.
const MOST_CORE_INSTANCES: u32 = 10_000;
const MOST_MEMORIES: u32 = 100;
const MOST_TABLES: u32 = 1_000;

/// The stack of a call: what any component needs, and what the pool of instances reserves.
const LEAST_STACK_KIB: u32 = 64;
const MOST_STACK_KIB: u32 = 65_536;

/// The highest weight that the kernel accepts.
const MOST_WEIGHT: u32 = 10_000;

impl Settings {
    /// Checks the settings of the operator's file.
    pub(super) fn check(
        document: &Document<'_>,
        host: &Surroundings,
        sandbox: RawSandbox,
        process: RawProcess,
        guest: RawGuest,
    ) -> Result<Self, DocumentError> {
        refuse_unused(document, &sandbox)?;
        document.few("read-only", sandbox.read_only.iter().map(Spanned::span))?;
        document.few("tools", sandbox.tools.iter().map(Spanned::span))?;
        document.few("path", sandbox.path.iter().map(Spanned::span))?;
        document.few("variables", sandbox.variables.keys().map(Spanned::span))?;
        variables::check(document, &sandbox.variables)?;
        let shown = shown::find(
            document,
            host,
            &shown::Named {
                backend: sandbox.backend,
                read_only: &sandbox.read_only,
                tools: &sandbox.tools,
                path: &sandbox.path,
                variables: &sandbox.variables,
            },
        )?;
        Ok(Self {
            sandbox,
            shown,
            process,
            guest,
        })
    }

    /// Returns how the sandboxes of a workspace, whose path has no links, are built.
    pub(super) fn sandbox(
        &self,
        document: &Document<'_>,
        host: &Surroundings,
        workspace: &Path,
        protected: &[PathBuf],
    ) -> Result<SandboxSettings, DocumentError> {
        let set = &self.sandbox;
        for (path, span) in &self.shown.paths {
            folders::judge_beside(path, workspace)
                .map_err(|unfit| unfit.at(document, span.clone()))?;
        }
        let default = SandboxSettings::new(workspace);
        let size = |mib: &Option<Spanned<Whole>>, default| {
            mib.as_ref().map_or(default, |mib| mib.get_ref().mib())
        };
        let own_path = set.own_path.as_ref().map(|own| *own.get_ref());
        Ok(SandboxSettings {
            backend: set.backend,
            own_path: own_path.unwrap_or_else(|| shown::own_path(workspace, host)),
            tmp_bytes: size(&set.tmp_mib, default.tmp_bytes),
            home_bytes: size(&set.home_mib, default.home_bytes),
            shm_bytes: size(&set.shm_mib, default.shm_bytes),
            read_only: self.read_only().map(Path::to_owned).collect(),
            links: self.shown.links.clone(),
            path: self.shown.path.clone(),
            variables: variables::all(self.shown.variables(), &set.variables),
            elsewhere: shown::elsewhere(),
            protected: protected.to_vec(),
            ..default
        })
    }

    /// Returns the further paths that processes see.
    pub(super) fn read_only(&self) -> impl Iterator<Item = &Path> {
        self.shown.paths.iter().map(|(path, _)| path.as_path())
    }

    /// Returns the toolchains that processes may use, with what each consists of.
    pub(super) fn tools(&self) -> &[(Tool, Found)] {
        &self.shown.tools
    }

    /// Returns what calls may use.
    pub(super) fn limits(&self) -> RuntimeLimits {
        let (set, default) = (&self.guest, GuestLimits::default());
        let guest = GuestLimits {
            memory: set.memory_mib.map_or(default.memory, Whole::mib),
            all_memory: set.all_memory_mib.map_or(default.all_memory, Whole::mib),
            descriptors: set.descriptors.map_or(default.descriptors, Whole::get),
            host_bytes: set.host_mib.map_or(default.host_bytes, Whole::mib),
            resources: set.resources.map_or(default.resources, Whole::get),
            file_calls: set.file_calls.map_or(default.file_calls, Whole::get),
            ..default
        };
        let default = EngineLimits::default();
        let engine = EngineLimits {
            core_instances: set
                .core_instances
                .map_or(default.core_instances, Whole::get),
            memories: set.memories.map_or(default.memories, Whole::get),
            tables: set.tables.map_or(default.tables, Whole::get),
            stack: set
                .stack_kib
                .map_or(default.stack, |kib| u64::from(kib.get()) << 10),
            ..default
        };
        RuntimeLimits {
            guest,
            engine,
            ..RuntimeLimits::default()
        }
    }

    /// Returns how its sandboxes confine processes.
    pub(super) fn confinement(&self) -> Confinement {
        self.sandbox.backend.confinement()
    }

    /// Returns how processes are run and ended. Settings made here are enforced or
    /// refused.
    pub(super) fn processes(&self) -> ProcessSettings {
        fn bound<T>(set: Option<T>, default: TreeBound<T>) -> TreeBound<T> {
            set.map_or(default, TreeBound::Required)
        }
        let (set, default) = (&self.process, ProcessSettings::default());
        let grace = |ms: Option<Whole<0, MOST_GRACE_MS>>, default| {
            ms.map_or(default, |ms| Duration::from_millis(ms.get().into()))
        };
        ProcessSettings {
            runs: set.runs.map_or(default.runs, Whole::get),
            children: set.children.map_or(default.children, Whole::get),
            unreleased: set.unreleased.map_or(default.unreleased, Whole::get),
            ring_bytes: set.ring_mib.map_or(default.ring_bytes, Whole::mib),
            memory: bound(set.memory_mib.map(Whole::mib), default.memory),
            pids: bound(set.pids.map(Whole::get), default.pids),
            cpu_weight: bound(set.cpu_weight.map(Whole::get), default.cpu_weight),
            file_size: set.file_mib.map(Whole::mib).or(default.file_size),
            grace: Grace {
                interrupt: grace(set.interrupt_ms, default.grace.interrupt),
                terminate: grace(set.terminate_ms, default.grace.terminate),
            },
            ..default
        }
    }
}

/// Rejects settings that the chosen backend would ignore.
fn refuse_unused(document: &Document<'_>, sandbox: &RawSandbox) -> Result<(), DocumentError> {
    let backend = sandbox.backend;
    if backend == SandboxBackend::Bubblewrap {
        return Ok(());
    }
    for (key, size) in [
        ("tmp-mib", &sandbox.tmp_mib),
        ("home-mib", &sandbox.home_mib),
        ("shm-mib", &sandbox.shm_mib),
    ] {
        if let Some(size) = size {
            let message = format!("the backend `{backend}` cannot limit this: remove `{key}`");
            return Err(document.error(Some(size.span()), message));
        }
    }
    if let Some(own) = &sandbox.own_path {
        let message = "without bubblewrap the workspace has its own path: remove `own-path`";
        return Err(document.error(Some(own.span()), message.to_owned()));
    }
    match sandbox.read_only.first() {
        Some(path) if backend == SandboxBackend::None => {
            let message = "without a sandbox processes reach every path: remove `read-only`";
            Err(document.error(Some(path.span()), message.to_owned()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Raw {
        sandbox: RawSandbox,
        process: RawProcess,
        #[serde(default)]
        guest: RawGuest,
    }

    fn check(text: &str) -> Result<Settings, DocumentError> {
        let document = Document::new("boll.toml", text);
        let raw: Raw = document.parse()?;
        let host = Surroundings::default();
        Settings::check(&document, &host, raw.sandbox, raw.process, raw.guest)
    }

    #[test]
    fn what_is_set_is_taken_and_the_rest_is_the_hosts_own() {
        let settings = check(
            "[sandbox]\ntmp-mib = 1\nshm-mib = 3\n\
             [process]\ninterrupt-ms = 0\nruns = 5\nchildren = 6\nring-mib = 7\n\
             memory-mib = 8\npids = 9\ncpu-weight = 10\nfile-mib = 11\n\
             [guest]\nmemory-mib = 12\nall-memory-mib = 13\ndescriptors = 8\nhost-mib = 9\nresources = 10\nfile-calls = 11\n\
             core-instances = 12\nmemories = 13\ntables = 14\nstack-kib = 2048\n",
        )
        .expect("it fits");
        assert_eq!(
            settings.limits().guest,
            GuestLimits {
                memory: 12 << 20,
                all_memory: 13 << 20,
                descriptors: 8,
                host_bytes: 9 << 20,
                resources: 10,
                file_calls: 11,
                ..GuestLimits::default()
            }
        );
        assert_eq!(
            settings.limits().engine,
            EngineLimits {
                core_instances: 12,
                memories: 13,
                tables: 14,
                stack: 2 << 20,
                ..EngineLimits::default()
            }
        );
        assert!(check("[sandbox]\n[process]\n[guest]\nresources = 0\n").is_err());
        let document = Document::new("boll.toml", "");
        let sandbox = settings
            .sandbox(&document, &Surroundings::default(), Path::new("/w"), &[])
            .expect("it fits");
        assert_eq!(
            sandbox,
            SandboxSettings {
                elsewhere: shown::elsewhere(),
                tmp_bytes: 1 << 20,
                shm_bytes: 3 << 20,
                ..SandboxSettings::new("/w")
            }
        );
        let default = ProcessSettings::default();
        assert_eq!(
            settings.processes(),
            ProcessSettings {
                runs: 5,
                children: 6,
                ring_bytes: 7 << 20,
                memory: TreeBound::Required(8 << 20),
                pids: TreeBound::Required(9),
                cpu_weight: TreeBound::Required(10),
                file_size: Some(11 << 20),
                grace: Grace {
                    interrupt: Duration::ZERO,
                    ..default.grace
                },
                ..default
            }
        );
    }

    #[test]
    fn what_a_backend_does_not_act_on_is_refused() {
        for (backend, rest, fits) in [
            (
                "bubblewrap",
                "tmp-mib = 1\nhome-mib = 1\nshm-mib = 1\n",
                true,
            ),
            ("landlock", "read-only = [\"/usr\"]\n", true),
            ("none", "", true),
            ("landlock", "tmp-mib = 1\n", false),
            ("landlock", "own-path = true\n", false),
            ("landlock", "home-mib = 1\n", false),
            ("none", "shm-mib = 1\n", false),
            ("none", "read-only = [\"/usr\"]\n", false),
        ] {
            let text = format!("[sandbox]\nbackend = \"{backend}\"\n{rest}[process]\n");
            let checked = check(&text);
            assert_eq!(checked.is_ok(), fits, "{text}");
            if let Ok(settings) = checked {
                assert_eq!(settings.sandbox.backend.to_string(), backend);
            }
        }
    }

    #[test]
    fn nothing_set_is_the_hosts_own() {
        let settings = check("[sandbox]\n[process]\n").expect("it fits");
        assert_eq!(settings.sandbox.backend, SandboxBackend::Bubblewrap);
        assert_eq!(settings.processes(), ProcessSettings::default());
        assert_eq!(settings.limits().guest, GuestLimits::default());
    }
}
