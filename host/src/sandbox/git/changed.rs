//! When a folder of the workspace was changed.

use rustix::fs::{Dir, Stat};

/// When a folder was changed: names came or went. Nobody sets this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Changed(Option<(i64, i64)>);

impl Changed {
    /// Of an open folder. Where that was just now it says nothing: of changes that follow
    /// each other closely, a file system knows one time only.
    pub(super) fn of(folder: &Dir) -> Self {
        Self(folder.stat().ok().and_then(|stat| Self::time(&stat)))
    }

    /// Whether it says anything.
    pub(super) fn is_known(self) -> bool {
        self.0.is_some()
    }

    fn time(stat: &Stat) -> Option<(i64, i64)> {
        let changed = (stat.st_ctime, stat.st_ctime_nsec as i64);
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        (changed.0.abs_diff(now.tv_sec) > 1).then_some(changed)
    }
}
