//! The names of the groups that hosts make. Each says which host made the group, so
//! that what a killed host left is told from what is in use.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the name of every group begins with.
const PREFIX: &str = "boll-";

/// A name that no other group of any host has.
pub(super) fn another() -> io::Result<String> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let host = Maker::this()?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(format!("{PREFIX}{host}-{number}"))
}

/// The host in the name of a group: its process, when that started, by which a
/// process that is gone is told from one with its id, and the namespace that the id
/// is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Maker {
    namespace: u64,
    process: u32,
    start: u64,
}

impl Maker {
    fn this() -> io::Result<Self> {
        let process = std::process::id();
        Ok(Self {
            namespace: namespace()?,
            process,
            start: start_of(process)
                .ok_or_else(|| io::Error::other("cannot read when this process started"))?,
        })
    }

    fn of(group: &Path) -> Option<Self> {
        let name = group.file_name()?.to_str()?;
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        let maker = Self {
            namespace: parts.next()?.parse().ok()?,
            process: parts.next()?.parse().ok()?,
            start: parts.next()?.parse().ok()?,
        };
        parts.next()?.parse::<u64>().ok()?;
        parts.next().is_none().then_some(maker)
    }

    /// Of a host in another namespace nothing is known.
    fn is_gone(&self) -> bool {
        namespace().is_ok_and(|own| own == self.namespace)
            && start_of(self.process) != Some(self.start)
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.namespace, self.process, self.start)
    }
}

/// The namespace of this process's id, by its number.
pub(super) fn namespace() -> io::Result<u64> {
    Ok(fs::metadata("/proc/self/ns/pid")?.ino())
}

/// Whether a group is one that this host made.
pub(super) fn is_of_this_host(group: &Path) -> bool {
    let maker = Maker::of(group);
    maker.is_some_and(|maker| Maker::this().is_ok_and(|this| this == maker))
}

/// Whether the host that made a group is known to have ended.
pub(super) fn is_of_gone_host(group: &Path) -> bool {
    Maker::of(group).is_some_and(|maker| maker.is_gone())
}

/// When a process started, in clock ticks since the machine did.
fn start_of(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_tells_its_host() {
        let told = Maker {
            namespace: 4_026_531_836,
            process: 12,
            start: 345,
        };
        assert_eq!(
            Maker::of(Path::new(&format!("/cg/boll-{told}-6"))),
            Some(told)
        );
        for other in [
            "boll-1-12-345",
            "boll-1-12-345-6-7",
            "boll-1-x-1-1",
            "1-12-345-6",
        ] {
            assert_eq!(Maker::of(Path::new(other)), None, "{other}");
        }
        let this = Maker::this().unwrap();
        let other = Maker {
            start: this.start + 1,
            ..this
        };
        assert!(!this.is_gone());
        assert!(other.is_gone());
        assert!(is_of_this_host(Path::new(&format!("/cg/boll-{this}-0"))));
        assert!(!is_of_this_host(Path::new(&format!("/cg/boll-{other}-0"))));
    }

    #[test]
    fn of_a_host_in_another_namespace_nothing_is_known() {
        let this = Maker::this().unwrap();
        let elsewhere = Maker {
            namespace: this.namespace + 1,
            start: this.start + 1,
            ..this
        };
        assert!(!elsewhere.is_gone());
        let group = format!("/cg/boll-{elsewhere}-0");
        assert!(!is_of_this_host(Path::new(&group)));
    }
}
