//! Who called, until when, and this capsule's own life.

use crate::host;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a call comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The program that embeds the host, or its command line.
    Host,
    /// The capsule with this uuid, through a hook.
    Capsule(String),
}

/// The call that the capsule is answering.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// On whose behalf the call is made, when the host was told.
    pub principal: Option<String>,
    /// Where the call comes from.
    pub source: Source,
    /// The id by which this call, and all that it starts, is cancelled.
    pub call_id: Option<String>,
    /// When the call began.
    pub started_at: SystemTime,
    /// When the host will end the call.
    pub deadline: Option<SystemTime>,
    /// The ids of the capsules that are waiting for this call, the first
    /// caller first. Empty when the host calls directly.
    pub chain: Vec<String>,
}

impl Caller {
    /// A call from this source that began at this time. The host makes its
    /// own; this one is for tests.
    pub fn new(source: Source, started_at: SystemTime) -> Self {
        Self {
            principal: None,
            source,
            call_id: None,
            started_at,
            deadline: None,
            chain: Vec::new(),
        }
    }

    /// The time until the host ends the call, zero when it is past; `None`
    /// without a deadline.
    pub fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.duration_since(host::now()).unwrap_or_default())
    }
}

/// The caller of the current call; `None` outside of one.
pub fn caller() -> Option<Caller> {
    host::caller()
}

/// This capsule's uuid: new each time that it is loaded.
pub fn self_uuid() -> String {
    host::self_uuid()
}

/// Says that this capsule is ready for calls. Saying it again changes nothing.
pub fn ready() {
    host::ready();
}

/// The time, in milliseconds since 1970-01-01 UTC.
pub fn now_ms() -> u64 {
    let since = host::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn the_time_left_is_counted_from_the_hosts_clock() {
        let start = UNIX_EPOCH + Duration::from_secs(10);
        let mut caller = Caller::new(Source::Host, start);
        caller.deadline = Some(start + Duration::from_secs(5));
        let _host = fake::Host::new()
            .now(start + Duration::from_secs(2))
            .caller(caller.clone())
            .install();
        assert_eq!(now_ms(), 12_000);
        assert_eq!(
            super::caller().unwrap().time_left(),
            Some(Duration::from_secs(3))
        );
        caller.deadline = Some(start);
        assert_eq!(caller.time_left(), Some(Duration::ZERO));
        caller.deadline = None;
        assert_eq!(caller.time_left(), None);
    }
}
