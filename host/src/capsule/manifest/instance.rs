//! `[instance]` and `[service]`: how a capsule is instantiated and started.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::document::{Document, DocumentError};

/// `[instance]`: what one instance asks for. The host's own limits hold above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InstanceRequest {
    /// Whether calls share an instance.
    pub mode: InstanceMode,
    /// Linear memory, in bytes.
    pub memory: Option<u64>,
    /// The time that one call may take.
    pub time: Option<Duration>,
    /// Calls at a time. A resident instance has one.
    pub concurrency: Option<u32>,
    /// Calls that wait for a place.
    pub queue: Option<u32>,
}

/// Whether the calls to a capsule share an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceMode {
    /// Each call has an instance of its own, which is gone afterwards.
    #[default]
    Fresh,
    /// One instance takes the calls in turn. It is replaced after a call that
    /// trapped, was cancelled or took too long.
    Resident,
}

/// `[service]`: how the run loop of a capsule is started, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceRequest {
    /// The time until it says that it is ready.
    pub ready: Option<Duration>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawInstance {
    mode: InstanceMode,
    memory_mib: Option<Spanned<u32>>,
    time_ms: Option<Spanned<u32>>,
    concurrency: Option<Spanned<u32>>,
    queue: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawService {
    ready_ms: Option<Spanned<u32>>,
}

impl RawInstance {
    pub(super) fn check(&self, document: &Document<'_>) -> Result<InstanceRequest, DocumentError> {
        let concurrency = document.positive(self.concurrency.as_ref(), "concurrency")?;
        if let (InstanceMode::Resident, Some(concurrency)) = (self.mode, &self.concurrency) {
            return Err(document.error(
                Some(concurrency.span()),
                "a resident instance takes one call at a time: leave `concurrency` out",
            ));
        }
        Ok(InstanceRequest {
            mode: self.mode,
            memory: document
                .positive(self.memory_mib.as_ref(), "memory-mib")?
                .map(|mib| u64::from(mib) << 20),
            time: document
                .positive(self.time_ms.as_ref(), "time-ms")?
                .map(milliseconds),
            concurrency,
            queue: self.queue,
        })
    }
}

impl RawService {
    pub(super) fn check(&self, document: &Document<'_>) -> Result<ServiceRequest, DocumentError> {
        Ok(ServiceRequest {
            ready: document
                .positive(self.ready_ms.as_ref(), "ready-ms")?
                .map(milliseconds),
        })
    }
}

fn milliseconds(ms: u32) -> Duration {
    Duration::from_millis(ms.into())
}
