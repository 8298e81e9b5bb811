//! `[instance]` and `[service]`: how a capsule is instantiated and started.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::document::{Document, DocumentError, Whole};

/// `[instance]`: what one instance asks for. The host's own limits apply as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct InstanceRequest {
    /// Whether calls share an instance.
    pub mode: InstanceMode,
    /// Linear memory, in bytes.
    pub memory: Option<u64>,
    /// The time that one call may take.
    pub time: Option<Duration>,
    /// Calls at a time; one for a resident instance.
    pub concurrency: Option<u32>,
    /// Calls that wait for a slot.
    pub queue: Option<u32>,
    /// The calls after which a resident instance is replaced; any number if this is `None`.
    pub calls: Option<u32>,
    /// The share of its memory, in percent, at which a resident instance is replaced after
    /// a call; the host's own if this is `None`.
    pub memory_percent: Option<u8>,
}

/// Whether the calls to a capsule share an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum InstanceMode {
    /// Each call gets its own instance, which is dropped afterwards.
    #[default]
    Fresh,
    /// One instance takes the calls in turn. It is replaced after a call that trapped,
    /// was cancelled, timed out or reached a limit on memory, and after as many calls or
    /// as much memory as the manifest and the host allow.
    Resident,
}

impl fmt::Display for InstanceMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fresh => "a fresh instance for each call",
            Self::Resident => "one resident instance for all calls",
        })
    }
}

/// `[service]`: how the run loop of a capsule is started, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ServiceRequest {
    /// The time that it has to report that it is ready.
    pub ready: Option<Duration>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawInstance {
    mode: InstanceMode,
    memory_mib: Option<Whole>,
    time_ms: Option<Whole>,
    concurrency: Option<Spanned<Whole>>,
    queue: Option<u32>,
    calls: Option<Spanned<Whole>>,
    memory_percent: Option<Spanned<Whole<1, 100>>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct RawService {
    ready_ms: Option<Whole>,
}

impl RawInstance {
    pub(super) fn check(&self, document: &Document<'_>) -> Result<InstanceRequest, DocumentError> {
        if let (InstanceMode::Resident, Some(concurrency)) = (self.mode, &self.concurrency) {
            return Err(document.error(
                Some(concurrency.span()),
                "a resident instance takes one call at a time: remove `concurrency`",
            ));
        }
        let replaced = [
            ("calls", self.calls.as_ref().map(Spanned::span)),
            (
                "memory-percent",
                self.memory_percent.as_ref().map(Spanned::span),
            ),
        ];
        for (key, span) in replaced {
            if self.mode == InstanceMode::Fresh && span.is_some() {
                let text = format!(
                    "each call has a fresh instance: remove `{key}`, or add `mode = \"resident\"`"
                );
                return Err(document.error(span, text));
            }
        }
        Ok(InstanceRequest {
            mode: self.mode,
            memory: self.memory_mib.map(Whole::mib),
            time: self.time_ms.map(milliseconds),
            concurrency: self
                .concurrency
                .as_ref()
                .map(|number| number.get_ref().get()),
            queue: self.queue,
            calls: self.calls.as_ref().map(|number| number.get_ref().get()),
            memory_percent: self
                .memory_percent
                .as_ref()
                .and_then(|percent| u8::try_from(percent.get_ref().get()).ok()),
        })
    }
}

impl RawService {
    pub(super) fn request(&self) -> ServiceRequest {
        ServiceRequest {
            ready: self.ready_ms.map(milliseconds),
        }
    }
}

fn milliseconds(ms: Whole) -> Duration {
    Duration::from_millis(ms.get().into())
}
