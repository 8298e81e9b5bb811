//! Finds which limit of the system (`ulimit`) an error comes from, and how to raise it.

mod tasks;

use std::error::Error;
use std::io;

use boll_host::sandbox::WorkerError;
use rustix::process::{Resource, getrlimit, getuid};

pub(crate) use self::tasks::threads_of_a_call;

/// Returns which limit an error comes from, and how to raise it; nothing if that is not
/// known.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> Option<(String, String)> {
    let number = |error: &(dyn Error + 'static)| {
        let of_io = error.downcast_ref::<io::Error>();
        let of_io = of_io.and_then(io::Error::raw_os_error);
        let of_nix = error.downcast_ref::<nix::Error>().map(|one| *one as i32);
        let of_rustix = error.downcast_ref::<rustix::io::Errno>();
        of_io
            .or(of_nix)
            .or_else(|| of_rustix.map(|one| one.raw_os_error()))
    };
    let causes = || std::iter::successors(Some(error), |&error| error.source());
    let of_worker = |error: &(dyn Error + 'static)| match error.downcast_ref::<WorkerError>()? {
        WorkerError::Ulimit { option, .. } => Some(*option),
        _ => None,
    };
    if let Some(option) = causes().find_map(of_worker) {
        return of_option(option);
    }
    let number = causes().find_map(number)?;
    Some(match number {
        // A thread has no room for its stack, where it is not one too many.
        libc::EAGAIN => return tasks::met().or_else(memory),
        libc::EMFILE => (
            format!(
                "no further file can be opened: `ulimit -n` of this process is {}",
                shown(Resource::Nofile, 1)
            ),
            raise(
                Resource::Nofile,
                'n',
                Some(more_than(limit(Resource::Nofile))),
            ),
        ),
        libc::ENFILE => (
            format!(
                "no further file can be opened on this machine: `fs.file-max` is {}",
                files_of_machine()
            ),
            "to raise it, as root: sysctl -w fs.file-max=NUMBER".to_owned(),
        ),
        libc::ENOSPC => (
            "a file system is full, or has no room for another file".to_owned(),
            "to see which: df -h, and df -i for the number of files".to_owned(),
        ),
        libc::EDQUOT => (
            "the disk quota of this user is used up".to_owned(),
            "to see it: quota -s".to_owned(),
        ),
        // Then the error comes from elsewhere.
        libc::EFBIG if limit(Resource::Fsize).is_none() => return None,
        libc::ENOMEM => return memory(),
        libc::EFBIG => return of_option('f'),
        _ => return None,
    })
}

/// Returns how many files all processes may have open.
fn files_of_machine() -> String {
    let text = std::fs::read_to_string("/proc/sys/fs/file-max").unwrap_or_default();
    text.trim().to_owned()
}

/// Returns what the limit with an option of `ulimit` keeps, and how to raise it.
fn of_option(option: char) -> Option<(String, String)> {
    Some(match option {
        't' => (
            format!(
                "no more processor time is left: `ulimit -t` of this process, in seconds, is {}",
                shown(Resource::Cpu, 1)
            ),
            raise(Resource::Cpu, 't', None),
        ),
        'f' => (
            format!(
                "the file may not grow further: `ulimit -f` of this process, in KiB, is {}",
                shown(Resource::Fsize, 1024)
            ),
            raise(Resource::Fsize, 'f', None),
        ),
        _ => return memory(),
    })
}

/// Returns that memory is limited, if it is.
fn memory() -> Option<(String, String)> {
    let limited = [(Resource::As, 'v'), (Resource::Data, 'd')];
    let (resource, option) = *limited.iter().find(|(one, _)| limit(*one).is_some())?;
    let reason = format!(
        "cannot allocate more memory: of this process, in KiB, `ulimit -v` is {} and `ulimit -d` \
         is {}",
        shown(Resource::As, 1024),
        shown(Resource::Data, 1024)
    );
    Some((reason, raise(resource, option, None)))
}

fn limit(resource: Resource) -> Option<u64> {
    getrlimit(resource).current
}

fn shown(resource: Resource, unit: u64) -> String {
    limit(resource).map_or_else(
        || "unlimited".to_owned(),
        |limit| (limit / unit).to_string(),
    )
}

/// The words before the line that raises a limit.
pub(crate) const RAISE: &str = "to raise it: ";

/// Returns how to raise a limit to a number in the unit of `ulimit`, or as far as possible.
/// A shell cannot raise a limit above the hard one.
pub(crate) fn raise(resource: Resource, option: char, to: Option<u64>) -> String {
    let hard = getrlimit(resource).maximum;
    // Only counts are raised to a number.
    let enough = hard.is_none_or(|hard| to.is_some_and(|to| to <= hard));
    let to = to.map_or_else(|| "unlimited".to_owned(), |to| to.to_string());
    if enough || getuid().is_root() {
        return format!("{RAISE}ulimit -{option} {to}");
    }
    format!(
        "its hard limit (`ulimit -H -{option}`) is too low as well: an administrator raises that \
         in /etc/security/limits.conf or with `Limit…=` of a systemd unit"
    )
}

/// Returns a limit that leaves more room.
fn more_than(limit: Option<u64>) -> u64 {
    limit.unwrap_or_default().saturating_mul(2).max(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_limit_that_it_comes_from() {
        let error = io::Error::from_raw_os_error(libc::EMFILE);
        let (reason_of_it, raise) = reason(&error).expect("a limit");
        assert!(reason_of_it.contains("`ulimit -n`"), "{reason_of_it}");
        assert!(raise.contains("ulimit -n "), "{raise}");
        for (number, named) in [
            (libc::ENFILE, "fs.file-max"),
            (libc::ENOSPC, "file system is full"),
            (libc::EDQUOT, "quota"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            let (reason_of_it, _) = reason(&error).expect("a limit");
            assert!(reason_of_it.contains(named), "{reason_of_it}");
        }
        // This process has no limit that could cause these.
        for number in [libc::ENOENT, libc::ENOMEM, libc::EFBIG] {
            assert!(reason(&io::Error::from_raw_os_error(number)).is_none());
        }
        assert!(reason(&nix::Error::EMFILE).is_some());
    }
}
