//! The host's mounts, and which of them no sandbox has anything to do with.
//!
//! Bubblewrap reads the list of all mounts for each that it makes, which is what it
//! spends most of its time on. So it is started where there are only those that it
//! needs (`mapping`).

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec};

/// What bubblewrap, its libraries, and what every sandbox shows of the machine lie in.
/// Nothing is taken away in `/proc`: the kernel judges a new one by the one that is there.
const NEEDED: [&str; 17] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/proc",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
];

/// The kernel's list of all mounts.
const LIST: &str = "/proc/self/mountinfo";

/// The host's mounts when they were read.
#[derive(Debug)]
pub(super) struct Mounts {
    /// It tells whether it has changed since it was last asked.
    list: File,
    needed: Vec<String>,
}

impl Mounts {
    /// Reads them. Gives those that are not needed for these paths, and for what every
    /// sandbox shows, the innermost first.
    pub(super) fn read(shown: &[PathBuf]) -> io::Result<(Self, Vec<String>)> {
        let list = File::open(LIST)?;
        // What changes from here on is told, by the first question too.
        has_changed(&list)?;
        let (needed, surplus) = split(&fs::read_to_string(LIST)?, shown);
        Ok((Self { list, needed }, surplus))
    }

    /// Whether those that are needed are others now.
    pub(super) fn are_outdated(&self, shown: &[PathBuf]) -> io::Result<bool> {
        if !has_changed(&self.list)? {
            return Ok(false);
        }
        let (now, _) = split(&fs::read_to_string(LIST)?, shown);
        Ok(now != self.needed)
    }
}

fn has_changed(list: &File) -> io::Result<bool> {
    let mut polled = [PollFd::new(list, PollFlags::PRI)];
    Ok(rustix::event::poll(&mut polled, Some(&Timespec::default()))? > 0)
}

/// The lines of the mounts that are needed, and where the others are.
fn split(list: &str, shown: &[PathBuf]) -> (Vec<String>, Vec<String>) {
    let needed = NEEDED.iter().map(Path::new);
    let needed: Vec<&Path> = needed.chain(shown.iter().map(PathBuf::as_path)).collect();
    let (mut kept, mut surplus) = (Vec::new(), Vec::new());
    for line in list.lines() {
        match line.split(' ').nth(4) {
            // One with a backslash stands for something else; there are hardly any.
            Some(at) if !at.contains('\\') && is_apart(Path::new(at), &needed) => {
                surplus.push(at.to_owned());
            }
            _ => kept.push(line.to_owned()),
        }
    }
    surplus.reverse();
    (kept, surplus)
}

/// Whether a mount holds none of these paths, and lies in none.
fn is_apart(mount: &Path, paths: &[&Path]) -> bool {
    let overlaps = |path: &&Path| path.starts_with(mount) || mount.starts_with(path);
    !paths.iter().any(overlaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sandbox_needs_stays_with_all_that_leads_there() {
        let list = "1 0 8:1 / / rw - ext4 /dev/a rw\n\
                    2 1 0:1 / /proc rw - proc proc rw\n\
                    3 2 0:2 / /proc/kcore rw - tmpfs none rw\n\
                    4 1 0:3 / /dev rw - devtmpfs none rw\n\
                    5 4 0:4 / /dev/shm rw - tmpfs none rw\n\
                    6 4 0:5 /null /dev/null rw - tmpfs none rw\n\
                    7 1 0:6 / /sys rw - sysfs none rw\n\
                    8 7 0:7 / /sys/fs/cgroup rw - cgroup2 none rw\n\
                    9 1 0:8 / /srv rw - tmpfs none rw\n\
                    10 9 0:9 / /srv/data/a rw - tmpfs none rw\n\
                    11 9 0:10 / /srv/other rw - tmpfs none rw\n\
                    12 1 0:11 / /mnt/a\\040b rw - tmpfs none rw\n\
                    13 1 0:12 / /usr/local rw - tmpfs none rw\n";
        let (needed, surplus) = split(list, &["/srv/data".into()]);
        assert_eq!(
            surplus,
            ["/srv/other", "/sys/fs/cgroup", "/sys", "/dev/shm"]
        );
        let ids = needed.iter().filter_map(|line| line.split(' ').next());
        let ids: Vec<&str> = ids.collect();
        assert_eq!(ids, ["1", "2", "3", "4", "6", "9", "10", "12", "13"]);
    }

    #[test]
    fn mounts_of_this_machine_are_as_they_were() {
        let (mounts, surplus) = Mounts::read(&[]).unwrap();
        assert!(!surplus.iter().any(|at| at == "/"), "{surplus:?}");
        assert!(!mounts.are_outdated(&[]).unwrap());
    }
}
