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
const NEEDED: [&str; 18] = [
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
    // The groups that limit memory, whichever version they are of.
    "/sys/fs/cgroup/memory",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
];

/// The most links that the kernel follows.
const LINKS_MAX: usize = 40;

/// The kernel's list of all mounts.
const LIST: &str = "/proc/self/mountinfo";

/// The host's mounts when they were read.
#[derive(Debug)]
pub(super) struct Mounts {
    /// It tells whether it has changed since it was last asked.
    list: File,
    needed: Vec<String>,
    /// What is shown, and where it leads.
    shown: Vec<PathBuf>,
    /// They were others once.
    outdated: bool,
}

impl Mounts {
    /// Reads them. Returns those that are not needed for these paths, and for what every
    /// sandbox shows, the innermost first.
    pub(super) fn read(shown: Vec<PathBuf>) -> io::Result<(Self, Vec<String>)> {
        let list = File::open(LIST)?;
        // What changes from here on is told, by the first question too.
        has_changed(&list)?;
        let (needed, surplus) = split(&fs::read_to_string(LIST)?, &shown);
        let outdated = false;
        Ok((
            Self {
                list,
                needed,
                shown,
                outdated,
            },
            surplus,
        ))
    }

    /// Returns whether those that are needed for these paths are others now. It stays so: they
    /// have to be read again.
    pub(super) fn are_outdated(&mut self, shown: &[PathBuf]) -> io::Result<bool> {
        let changed = has_changed(&self.list);
        if self.outdated || shown != self.shown || changed.is_err() {
            self.outdated = true;
        } else if changed? {
            // Until it is known that they are not.
            self.outdated = true;
            let (now, _) = split(&fs::read_to_string(LIST)?, shown);
            self.outdated = now != self.needed;
        }
        Ok(self.outdated)
    }
}

/// Returns where paths lead, with each link on the way: a mount that one of these lies in is
/// needed.
pub(super) fn ways<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<PathBuf> {
    let mut ways = Vec::new();
    for path in paths {
        let mut path = path.to_owned();
        for _ in 0..LINKS_MAX {
            let Some(parent) = path.parent().map(Path::to_owned) else {
                break;
            };
            // Links in the folders above.
            ways.extend(parent.canonicalize());
            ways.push(path.clone());
            match fs::read_link(&path) {
                Ok(target) => path = parent.canonicalize().unwrap_or(parent).join(target),
                Err(_) => break,
            }
        }
        ways.extend(path.canonicalize());
    }
    ways
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
                    8 7 0:7 / /sys/fs/bpf rw - bpf none rw\n\
                    14 7 0:7 / /sys/fs/cgroup rw - cgroup2 none rw\n\
                    9 1 0:8 / /srv rw - tmpfs none rw\n\
                    10 9 0:9 / /srv/data/a rw - tmpfs none rw\n\
                    11 9 0:10 / /srv/other rw - tmpfs none rw\n\
                    12 1 0:11 / /mnt/a\\040b rw - tmpfs none rw\n\
                    13 1 0:12 / /usr/local rw - tmpfs none rw\n";
        let (needed, surplus) = split(list, &["/srv/data".into()]);
        assert_eq!(surplus, ["/srv/other", "/sys/fs/bpf", "/dev/shm"]);
        let ids = needed.iter().filter_map(|line| line.split(' ').next());
        let ids: Vec<&str> = ids.collect();
        assert_eq!(
            ids,
            ["1", "2", "3", "4", "6", "7", "14", "9", "10", "12", "13"]
        );
    }

    #[test]
    fn mounts_of_this_machine_are_as_they_were() {
        let (mut mounts, surplus) = Mounts::read(Vec::new()).unwrap();
        assert!(!surplus.iter().any(|at| at == "/"), "{surplus:?}");
        assert!(!mounts.are_outdated(&[]).unwrap());
        // Where a link leads elsewhere, for good.
        assert!(mounts.are_outdated(&["/run/x".into()]).unwrap());
        assert!(mounts.are_outdated(&[]).unwrap());
    }

    #[test]
    fn what_a_link_leads_to_is_needed_with_the_links_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        fs::create_dir_all(at("run/real")).unwrap();
        fs::write(at("run/real/conf"), "").unwrap();
        std::os::unix::fs::symlink("real", at("run/link")).unwrap();
        std::os::unix::fs::symlink(at("run/link/conf"), at("second")).unwrap();
        std::os::unix::fs::symlink("second", at("first")).unwrap();
        let ways = ways([&*at("first")]);
        for name in [
            "first",
            "second",
            "run/link/conf",
            "run/real",
            "run/real/conf",
        ] {
            assert!(ways.contains(&at(name)), "{name}: {ways:?}");
        }
    }
}
