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
    let shown = |resource, unit: u64| {
        let limit = getrlimit(resource).current;
        limit.map_or_else(
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
            "to raise it: ulimit -n 4096".to_owned(),
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_limit_that_it_comes_from() {
        for (number, named) in [
            (libc::EMFILE, "`ulimit -n`"),
            (libc::ENOMEM, "`ulimit -v`"),
            (libc::EFBIG, "`ulimit -f`"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            let (reason, raise) = reason(&error).expect("a limit");
            assert!(
                reason.contains(named) && raise.contains("ulimit -"),
                "{reason}"
            );
        }
        assert!(reason(&io::Error::from_raw_os_error(libc::ENOENT)).is_none());
        assert!(reason(&nix::Error::EMFILE).is_some());
    }
}
