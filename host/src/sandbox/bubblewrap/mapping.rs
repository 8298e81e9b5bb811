//! Root's workspace for processes that are not root: the user that they are,
//! and what shows root's files as that user's own.
//!
//! The workspace is shown through an *id-mapped mount*: files that are root's
//! on disk appear as the processes' own, and what a process creates is root's
//! on disk. Only the ids of root are mapped. Files of other users and groups
//! appear as nobody's: processes read them as their mode lets others, and
//! cannot change them, also where the mode would let others.
//!
//! The mount is made for each sandbox, by the init's job `map`; here is what it
//! needs, which is found once.

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

/// Directories that most systems have and no sandbox shows. The workspace is
/// put below one of them, in a mount namespace that nobody else sees.
const PLACES: [&str; 4] = ["/mnt", "/media", "/srv", "/tmp"];

/// How long the init may take to make namespaces.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is needed to show root's files as [`ID`]'s.
#[derive(Debug)]
pub(super) struct Mapping {
    /// The directory to put the workspace below.
    pub(super) place: &'static str,
    /// What else is shown by its path, and what shows it.
    shown: Vec<PathBuf>,
    made: Mutex<Made>,
}

/// The namespaces that sandboxes are built from. No process is in them.
#[derive(Debug)]
struct Made {
    /// A user namespace in which root is [`ID`].
    user: OwnedFd,
    /// The host's mounts, without those that no sandbox needs.
    mounts: OwnedFd,
    /// What the host's were.
    hosts: Mounts,
}

/// Why root's files cannot be shown as another user's.
#[derive(Debug, thiserror::Error)]
pub(super) enum MappingError {
    #[error("the workspace's group is not root's")]
    Group,
    #[error("{file} cannot be read")]
    Accounts {
        file: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{0} has the id {ID}, which has to be nobody's")]
    Taken(&'static str),
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
    #[error("root cannot be mapped to the id {ID} in a user namespace")]
    Ids(#[source] io::Error),
    #[error("cannot open a namespace")]
    Open(#[source] io::Error),
    #[error("cannot read the host's mounts")]
    Mounts(#[source] io::Error),
}

impl Mapping {
    /// Finds what is needed. Whether the workspace's file system can be mapped
    /// shows only when a sandbox is tried.
    pub(super) fn find(foundation: &Foundation, builder: &Path) -> Result<Self, MappingError> {
        if foundation.workspace.owner() != (0, 0) {
            return Err(MappingError::Group);
        }
        for file in ["/etc/passwd", "/etc/group"] {
            let accounts = match fs::read(file) {
                Ok(accounts) => accounts,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(MappingError::Accounts { file, source }),
            };
            if lists(&String::from_utf8_lossy(&accounts), ID) {
                return Err(MappingError::Taken(file));
            }
        }
        let mut shown = vec![builder.to_path_buf()];
        shown.extend(builder.canonicalize());
        for path in &foundation.settings.read_only {
            shown.push(path.clone());
            shown.extend(path.canonicalize());
        }
        Ok(Self {
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
        fs::write(of.join(map), format!("0 {ID} 1")).map_err(MappingError::Ids)?;
    }
    let open = |name: &str| fs::File::open(of.join(name)).map_err(MappingError::Open);
    Ok([open("ns/user")?.into(), open("ns/mnt")?.into()])
}

/// Whether a file like `/etc/passwd` has an account of this id.
fn lists(accounts: &str, id: u32) -> bool {
    accounts
        .lines()
        .filter_map(|line| line.split(':').nth(2)?.parse::<u32>().ok())
        .any(|known| known == id)
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
        assert!(lists(&accounts, 0));
        assert!(lists(&accounts, ID));
        assert!(!lists(&accounts, 5));
        assert!(!lists("broken\n::\n", 0));
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
