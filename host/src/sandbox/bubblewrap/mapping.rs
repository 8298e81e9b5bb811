//! Root's workspace for processes that are not root: the user that they are,
//! and what shows root's files as that user's own.
//!
//! The workspace is shown through an *id-mapped mount*: files that are root's
//! on disk appear as the processes' own, and what a process creates is root's
//! on disk. Files of other users and groups appear as those of ids that belong to
//! nothing else on the machine. The sandbox's user namespace has these ids, and its
//! processes have two capabilities there, with which they read, write and remove such
//! files as root would. A capability in a user namespace holds for files whose owner and
//! group it has: that is the workspace, and what the sandbox makes itself. Nothing else of
//! the machine is shown through such a mount, so that no capability holds for it.
//!
//! The mount and the namespace are made for each sandbox, by the init's job `map`; here
//! is what it needs, which is found once.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use boll_init::wire;

use super::mounts::{Mounts, ways};
use crate::policy::NetworkAccess;
use crate::sandbox::error::LaunchError;
use crate::sandbox::foundation::Foundation;
use crate::sandbox::init;
use crate::sandbox::machine::{self, Machine};
use crate::sandbox::process::wait_readable;

/// The processes' user and group. It lies where neither distributions nor
/// systemd nor `/etc/subuid` give out ids (systemd's documentation lists
/// 1879048192 to 2147352575 as unused), so that nothing on the machine belongs
/// to it. Not `nobody`: other services run as that.
pub(crate) const ID: u32 = 2_013_310_993;

/// The users and groups whose files are shown as theirs: root's, which are the processes',
/// and those from 1 up to this one. Others appear as nobody's.
const LAST: u32 = 0x7ff_ffff;

/// What is added to each of them, for an id that is nothing else's: see [`ID`].
const SHIFT: u32 = 0x7000_0000;

/// The processes' id as they see it.
const INSIDE: u32 = 1000;

/// Where processes see the user who has that id on the machine.
const SWAPPED: u32 = SHIFT;

/// How the mount maps the ids on disk.
fn on_disk() -> String {
    format!("0 {ID} 1\n1 {} {LAST}\n", SHIFT + 1)
}

/// The ids of a sandbox: it sees those of the workspace's files as they are on disk, but
/// for root's, which are its own. Nobody in it is root.
pub(super) fn inside() -> String {
    let above = INSIDE + 1;
    format!(
        "1 {} {}\n{INSIDE} {ID} 1\n{above} {} {}\n{SWAPPED} {} 1\n",
        SHIFT + 1,
        INSIDE - 1,
        SHIFT + above,
        LAST - INSIDE,
        SHIFT + INSIDE,
    )
}

/// Directories that most systems have and no sandbox shows. The workspace is
/// put below one of them, in a mount namespace that nobody else sees.
const PLACES: [&str; 4] = ["/mnt", "/media", "/srv", "/tmp"];

/// How long the init may take to make namespaces.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is needed to show root's files as [`ID`]'s; or those of another owner, as they
/// are, below a directory that only root may enter.
#[derive(Debug)]
pub(super) struct Mapping {
    /// Whom processes are to the kernel, where that is not [`ID`] but the workspace's owner.
    pub(super) owner: Option<(u32, u32)>,
    /// The directory to put the workspace below.
    pub(super) place: &'static str,
    /// What else is shown by its path, and what shows it.
    shown: Vec<PathBuf>,
    made: Mutex<Made>,
}

/// The namespaces that sandboxes are built from. No process is in them.
#[derive(Debug)]
struct Made {
    /// A user namespace that has the ids as the mount maps them.
    user: OwnedFd,
    /// The host's mounts, without those that no sandbox needs.
    mounts: OwnedFd,
    /// What the host's were.
    hosts: Mounts,
}

/// Why root's files cannot be shown as another user's.
#[derive(Debug, thiserror::Error)]
pub(super) enum MappingError {
    #[error("the workspace's group {0} is above {LAST}")]
    Group(u32),
    #[error("{file} cannot be read")]
    Accounts {
        file: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{file} has the id {id}, which has to be nobody's")]
    Taken { file: &'static str, id: u32 },
    #[error("processes are shown something of each of {}", PLACES.join(", "))]
    Place,
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error("{0}")]
    Namespace(String),
    #[error("cannot read from the init")]
    Read(#[source] io::Error),
    #[error("the init has made no namespaces within {} s", PATIENCE.as_secs())]
    Slow,
    #[error(
        "the ids of the workspace's files cannot be mapped to {ID} and others in a user namespace"
    )]
    Ids(#[source] io::Error),
    #[error("cannot open a namespace")]
    Open(#[source] io::Error),
    #[error("cannot read the host's mounts")]
    Mounts(#[source] io::Error),
}

impl Mapping {
    /// Finds what is needed. Whether the workspace's file system can be mapped
    /// shows only when a sandbox is tried.
    pub(super) fn find(
        foundation: &Foundation,
        builder: &Path,
        owner: Option<(u32, u32)>,
    ) -> Result<Self, MappingError> {
        let (_, group) = foundation.workspace.owner();
        if owner.is_none() && group > LAST {
            return Err(MappingError::Group(group));
        }
        for file in ["/etc/passwd", "/etc/group"] {
            let accounts = match fs::read(file) {
                Ok(accounts) => accounts,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(MappingError::Accounts { file, source }),
            };
            if let Some(id) = taken(&String::from_utf8_lossy(&accounts)) {
                return Err(MappingError::Taken { file, id });
            }
        }
        let mut shown = vec![builder.to_path_buf()];
        shown.extend(builder.canonicalize());
        for path in &foundation.settings.read_only {
            shown.push(path.clone());
            shown.extend(path.canonicalize());
        }
        Ok(Self {
            owner,
            place: place(&shown).ok_or(MappingError::Place)?,
            made: Mutex::new(Made::new(with_system(&shown, &foundation.machine))?),
            shown,
        })
    }

    /// The namespaces to build a sandbox from, of users and of mounts. They are made
    /// again where the host's mounts have changed.
    pub(super) fn namespaces(&self, machine: &Machine) -> Result<[OwnedFd; 2], MappingError> {
        // It is whole at every point where a holder could panic.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = with_system(&self.shown, machine);
        let outdated = made.hosts.are_outdated(&shown);
        if outdated.map_err(MappingError::Mounts)? {
            *made = Made::new(shown)?;
        }
        let copy = |file: &OwnedFd| file.try_clone().map_err(MappingError::Open);
        Ok([copy(&made.user)?, copy(&made.mounts)?])
    }
}

impl Made {
    /// Has the init make them.
    fn new(shown: Vec<PathBuf>) -> Result<Self, MappingError> {
        let (hosts, surplus) = Mounts::read(shown).map_err(MappingError::Mounts)?;
        let init = init::file().map_err(LaunchError::Init)?;
        let mut process = Command::new(format!("/proc/self/fd/{}", init.as_raw_fd()))
            .arg(wire::MODE_NAMESPACE)
            .args(surplus)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(LaunchError::Spawn)?;
        let taken = take(&mut process);
        // What is open stays; and one that has ended by itself is only waited for.
        let _ = process.kill();
        process.wait().map_err(MappingError::Read)?;
        let [user, mounts] = taken?;
        Ok(Self {
            user,
            mounts,
            hosts,
        })
    }
}

/// These paths, and where the system's files lead that a sandbox may be shown.
fn with_system(shown: &[PathBuf], machine: &Machine) -> Vec<PathBuf> {
    // Whoever may use the network is shown most.
    let listing = machine.now(NetworkAccess::Host);
    let mut all = shown.to_vec();
    all.extend(ways(machine::mounted(&listing)));
    all
}

/// Maps root, and opens what the init has made, which ends with its standard input.
fn take(process: &mut Child) -> Result<[OwnedFd; 2], MappingError> {
    let lacking = || MappingError::Read(io::ErrorKind::BrokenPipe.into());
    let told = OwnedFd::from(process.stdout.take().ok_or_else(lacking)?);
    if !wait_readable(&told, Instant::now() + PATIENCE).map_err(MappingError::Read)? {
        return Err(MappingError::Slow);
    }
    let read = rustix::io::read(&told, &mut [0]);
    if read.map_err(|errno| MappingError::Read(errno.into()))? == 0 {
        let said = io::read_to_string(process.stderr.take().ok_or_else(lacking)?);
        return Err(MappingError::Namespace(said.map_err(MappingError::Read)?));
    }
    let of = PathBuf::from(format!("/proc/{}", process.id()));
    for map in ["uid_map", "gid_map"] {
        fs::write(of.join(map), on_disk()).map_err(MappingError::Ids)?;
    }
    let open = |name: &str| fs::File::open(of.join(name)).map_err(MappingError::Open);
    Ok([open("ns/user")?.into(), open("ns/mnt")?.into()])
}

/// An account in a file like `/etc/passwd` whose id has to be nobody's.
fn taken(accounts: &str) -> Option<u32> {
    let ids = accounts.lines();
    let mut ids = ids.filter_map(|line| line.split(':').nth(2)?.parse::<u32>().ok());
    ids.find(|id| *id == ID || (SHIFT..=SHIFT + LAST).contains(id))
}

/// The first place that hides none of what has to be shown, and is part of none.
fn place(shown: &[PathBuf]) -> Option<&'static str> {
    PLACES.into_iter().find(|place| {
        let apart =
            |path: &PathBuf| !path.starts_with(place) && !Path::new(place).starts_with(path);
        fs::symlink_metadata(place).is_ok_and(|metadata| metadata.is_dir())
            && shown.iter().all(apart)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_with_the_id_is_seen() {
        let accounts = format!("root:x:0:0::/root:/bin/sh\nboll:x:{ID}:5::/:/bin/false\n");
        assert_eq!(taken(&accounts), Some(ID));
        assert_eq!(taken("a:x:1879048193:5::/:/bin/false\n"), Some(SHIFT + 1));
        assert_eq!(taken("root:x:0:0::/root:/bin/sh\nbroken\n::\n"), None);
    }

    #[test]
    fn the_ids_of_a_sandbox_are_those_that_the_mount_gives() {
        let ids = |map: &str| -> Vec<(u32, u32, u32)> {
            let lines = map.lines().map(|line| {
                let mut words = line.split(' ').map(|word| word.parse().unwrap());
                let mut next = || words.next().unwrap();
                (next(), next(), next())
            });
            lines.collect()
        };
        let (disk, inside) = (ids(&on_disk()), ids(&inside()));
        let shown_as = |on_disk: u32| -> u32 {
            let lead = |maps: &[(u32, u32, u32)], id: u32, back: bool| {
                let mut found = maps.iter().filter_map(|&(inner, outer, count)| {
                    let (from, to) = if back { (outer, inner) } else { (inner, outer) };
                    (from..from + count).contains(&id).then(|| to + (id - from))
                });
                found.next().unwrap()
            };
            lead(&inside, lead(&disk, on_disk, false), true)
        };
        for (on_disk, shown) in [
            (0, 1000),
            (1, 1),
            (999, 999),
            (1000, SWAPPED),
            (1001, 1001),
            (LAST, LAST),
        ] {
            assert_eq!(shown_as(on_disk), shown, "{on_disk}");
        }
        assert!(
            inside.iter().all(|(first, _, _)| *first != 0),
            "nobody is root"
        );
        let count = |maps: &[(u32, u32, u32)]| maps.iter().map(|map| map.2).sum::<u32>();
        assert_eq!(count(&disk), count(&inside));
        const { assert!(SHIFT + LAST < ID) };
    }

    #[test]
    fn a_place_hides_nothing_that_is_shown() {
        let all = |paths: &[&str]| -> Vec<PathBuf> { paths.iter().map(PathBuf::from).collect() };
        let first = place(&all(&["/usr/bin/bwrap"])).unwrap();
        let below = format!("{first}/tools");
        assert_ne!(place(&all(&[&below])), Some(first));
        assert_eq!(place(&all(&["/"])), None);
    }
}
