//! Whether the init answers the calls that a filter cannot judge, and what that needs of
//! the machine.
//!
//! Without it such calls are refused: there are no unix sockets but pairs, no FIFOs, and no
//! folder is given the set-group-id bit.

use boll_init::wire;

use super::landlock;
use super::report::Weakness;
use super::trial::TrialError;
use crate::cause::with_causes;
use crate::policy::NetworkAccess;

/// The first version of Landlock that renames from one directory to another where it is
/// about something else.
const OLDEST_LANDLOCK: u32 = 2;

/// Who answers the calls that a filter cannot judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Supervision {
    /// The init.
    Init,
    /// Nobody: they are refused.
    Nobody,
}

impl Supervision {
    /// What the init is told, for a command with this network.
    pub(super) fn word(self, network: NetworkAccess) -> &'static str {
        match (self, network) {
            (Self::Nobody, _) => wire::UNSUPERVISED,
            (Self::Init, NetworkAccess::None) => wire::SUPERVISED_OWN_NETWORK,
            (Self::Init, NetworkAccess::Host) => wire::SUPERVISED_SHARED_NETWORK,
        }
    }
}

/// What the machine lacks for it, if anything.
pub(super) fn lacking() -> Option<String> {
    if !can_answer_uninterrupted() {
        return Some("it needs Linux 5.19, and a kernel with notifications of its filters".into());
    }
    match landlock::version() {
        Ok(version) if version >= OLDEST_LANDLOCK => None,
        Ok(version) => Some(format!(
            "Landlock has ABI {version} here, and it needs ABI {OLDEST_LANDLOCK}"
        )),
        Err(error) => Some(format!("the kernel has no Landlock: {error}")),
    }
}

/// Tries a sandbox with supervision, where nothing is lacking for it, or else without; gives
/// what came of it, who answers, and what cannot be done where nobody does.
pub(super) fn try_with<T>(
    lacking: Option<String>,
    mut trial: impl FnMut(Supervision) -> Result<T, TrialError>,
) -> Result<(T, Supervision, Option<Weakness>), TrialError> {
    let because = match lacking {
        Some(because) => because,
        // Twice: what a busy machine was too slow for would be refused as long as the host lives.
        None => match trial(Supervision::Init).or_else(|_| trial(Supervision::Init)) {
            Ok(passed) => return Ok((passed, Supervision::Init, None)),
            Err(error) => with_causes(&error),
        },
    };
    let passed = trial(Supervision::Nobody)?;
    let weakness = Weakness::NoSupervision { because };
    Ok((passed, Supervision::Nobody, Some(weakness)))
}

/// Whether the kernel lets a filter ask, and keeps signals from ending a call while it is
/// being answered.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn can_answer_uninterrupted() -> bool {
    const WAIT_KILLABLE_RECV: libc::c_ulong = 1 << 5;
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE_RECV;
    let none: *const libc::c_void = std::ptr::null();
    // SAFETY: without a filter the call installs none; the kernel looks at the flags first.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            none,
        )
    };
    result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EFAULT)
}

/// There is no filter for other processors yet.
#[cfg(not(target_arch = "x86_64"))]
fn can_answer_uninterrupted() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> TrialError {
        TrialError::Hole("a hole".to_owned())
    }

    #[test]
    fn a_sandbox_is_tried_with_supervision_first() {
        let passed = try_with(None, Ok).unwrap();
        assert_eq!(passed, (Supervision::Init, Supervision::Init, None));
    }

    #[test]
    fn where_it_does_not_work_or_is_lacking_the_reason_is_told() {
        let without = |supervision| match supervision {
            Supervision::Init => Err(refused()),
            Supervision::Nobody => Ok(()),
        };
        for (lacking, expected) in [(None, "a hole"), (Some("too old".to_owned()), "too old")] {
            let ((), supervision, weakness) = try_with(lacking, without).unwrap();
            assert_eq!(supervision, Supervision::Nobody);
            let because = expected.to_owned();
            assert_eq!(weakness, Some(Weakness::NoSupervision { because }));
        }
    }

    #[test]
    fn what_works_neither_way_does_not_work() {
        assert!(try_with(None, |_| Err::<(), _>(refused())).is_err());
    }
}
