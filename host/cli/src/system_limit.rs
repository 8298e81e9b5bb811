//! Which limit of the system (`ulimit`) an error comes from, and how to raise it.

mod tasks;

use std::error::Error;
use std::io;

use rustix::process::{Resource, getrlimit};

pub(crate) use self::tasks::threads_of_a_call;

/// Which limit an error comes from, and how to raise it; nothing where that is not
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
    let mut cause = Some(error);
    let number = std::iter::from_fn(|| {
        let this = cause?;
        cause = this.source();
        Some(this)
    })
    .find_map(number)?;
    let limit = |resource| getrlimit(resource).current;
    let shown = |resource, unit: u64| {
        limit(resource).map_or_else(
            || "unlimited".to_owned(),
            |limit| (limit / unit).to_string(),
        )
    };
    Some(match number {
        libc::EAGAIN => return tasks::met(),
        libc::EMFILE => (
            format!(
                "no further file can be opened: `ulimit -n` of this process is {}",
                shown(Resource::Nofile, 1)
            ),
            format!(
                "to raise it: ulimit -n {}",
                more_than(limit(Resource::Nofile))
            ),
        ),
        // Then it comes from elsewhere.
        libc::ENOMEM if limit(Resource::As).or(limit(Resource::Data)).is_none() => return None,
        libc::EFBIG if limit(Resource::Fsize).is_none() => return None,
        libc::ENOMEM => (
            format!(
                "no further memory can be had: of this process, in KiB, `ulimit -v` is {} and \
                 `ulimit -d` is {}",
                shown(Resource::As, 1024),
                shown(Resource::Data, 1024)
            ),
            "to raise them: ulimit -v unlimited -d unlimited".to_owned(),
        ),
        libc::EFBIG => (
            format!(
                "the file may not grow further: `ulimit -f` of this process, in KiB, is {}",
                shown(Resource::Fsize, 1024)
            ),
            "to raise it: ulimit -f unlimited".to_owned(),
        ),
        _ => return None,
    })
}

/// A limit that leaves more room.
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
        // Of this process there is no limit that these could come from.
        for number in [libc::ENOENT, libc::ENOMEM, libc::EFBIG] {
            assert!(reason(&io::Error::from_raw_os_error(number)).is_none());
        }
        assert!(reason(&nix::Error::EMFILE).is_some());
    }
}
