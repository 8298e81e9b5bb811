//! The settings of a host that a case may ask for, as Boll has them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use boll_host::process::ProcessSettings;
use boll_host::sandbox::{Sandbox, SandboxSettings};
use boll_host::services::log::LogSettings;
use boll_host::{RuntimeBuilder, RuntimeLimits, ServiceSettings};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Events;
use crate::conformance::protocol::HostReply;
use crate::output::Level;
use crate::session;

/// The settings of a case. Sizes are in bytes, times in milliseconds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Settings {
    log_level: Option<Level>,
    log_line: Option<u64>,
    instances: Option<u32>,
    hook_payload: Option<u64>,
    time_ms: Option<u64>,
    runs: Option<u32>,
    children: Option<u32>,
    unreleased: Option<u32>,
    ring: Option<u64>,
    stdin: Option<u64>,
    interrupt_ms: Option<u64>,
    terminate_ms: Option<u64>,
    restart_ms: Option<u64>,
    restarts: Option<u32>,
    ready_ms: Option<u64>,
    /// Descriptors that the host itself may have open.
    open_files: Option<u64>,
    /// Further paths that processes may read.
    read_only: Vec<PathBuf>,
    sandbox: SandboxOfHost,
}

/// Whether the host has a sandbox.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SandboxOfHost {
    #[default]
    Usual,
    Absent,
}

/// A runtime with a case's settings. `records` is where it keeps what was
/// installed.
pub(super) fn builder(
    workspace: &Path,
    records: &Path,
    settings: Map<String, Value>,
) -> Result<RuntimeBuilder, HostReply> {
    let asked: Settings = serde_json::from_value(Value::Object(settings))
        .map_err(|error| HostReply::Unsupported(format!("a setting of the host: {error}")))?;
    descriptors(asked.open_files);
    let builder = session::builder(asked.log(), Events)
        .map_err(|failure| HostReply::fault(failure.message()))?
        .workspace(workspace)
        .records(records)
        .limits(asked.limits())
        .services(asked.services())
        .processes(asked.processes());
    match asked.sandbox {
        SandboxOfHost::Absent => Ok(builder),
        SandboxOfHost::Usual => {
            let mut settings = SandboxSettings::new(workspace);
            settings.read_only = asked.read_only;
            let sandbox = Sandbox::open(settings).map_err(HostReply::fault)?;
            Ok(builder.sandbox(sandbox))
        }
    }
}

/// Limits the descriptors of this process, or gives back those that it may have.
fn descriptors(limit: Option<u64>) {
    let most = getrlimit(Resource::Nofile).maximum;
    let current = limit.or(most);
    let limit = Rlimit {
        current,
        maximum: most,
    };
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!("the number of descriptors stays as it is: {error}");
    }
}

impl Settings {
    fn log(&self) -> LogSettings {
        let mut log = LogSettings::default();
        set(&mut log.max_line, self.log_line);
        set(&mut log.level, self.log_level.map(Into::into));
        log
    }

    fn limits(&self) -> RuntimeLimits {
        // Fewer than a host has: a case needs few, and each takes address space.
        let mut limits = RuntimeLimits {
            instances: 32,
            ..RuntimeLimits::default()
        };
        set(&mut limits.instances, self.instances);
        set(&mut limits.hook_payload, self.hook_payload);
        set(&mut limits.time, milliseconds(self.time_ms));
        limits
    }

    fn services(&self) -> ServiceSettings {
        let mut services = ServiceSettings::default();
        set(&mut services.ready, milliseconds(self.ready_ms));
        set(&mut services.backoff, milliseconds(self.restart_ms));
        set(&mut services.restarts, self.restarts);
        services
    }

    fn processes(&self) -> ProcessSettings {
        let mut processes = ProcessSettings::default();
        set(&mut processes.runs, self.runs);
        set(&mut processes.children, self.children);
        set(&mut processes.unreleased, self.unreleased);
        set(&mut processes.sizes.ring, self.ring);
        set(&mut processes.sizes.stdin, self.stdin);
        let grace = &mut processes.grace;
        set(&mut grace.interrupt, milliseconds(self.interrupt_ms));
        set(&mut grace.terminate, milliseconds(self.terminate_ms));
        processes
    }
}

fn milliseconds(number: Option<u64>) -> Option<Duration> {
    number.map(Duration::from_millis)
}

fn set<T>(setting: &mut T, asked: Option<T>) {
    if let Some(asked) = asked {
        *setting = asked;
    }
}
