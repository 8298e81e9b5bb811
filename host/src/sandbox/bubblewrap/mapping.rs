//! Root's workspace for processes that are not root: the user that they are,
//! and what shows root's files as that user's own.
//!
//! The workspace is shown through an *id-mapped mount*: files that are root's
//! on disk appear as the processes' own, and what a process creates is root's
//! on disk. Only the ids of root are mapped. Files of other users and groups
//! appear as nobody's: processes read them as their mode lets others, and
//! cannot change them, also where the mode would let others.
//!
//! The mount is made for each sandbox anew, by the init's job `map`; here is
//! what it needs, which is found once.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};

use crate::sandbox::error::LaunchError;
use crate::sandbox::foundation::Foundation;
use crate::sandbox::init::{self, INIT_FD, pipe, text};
use crate::sandbox::launch::{Program, Role};
use crate::sandbox::launcher::Launcher;
use crate::sandbox::trial::{self, wait_readable};
use crate::sandbox::{memory_file, wire};

/// The processes' user and group. It lies where neither distributions nor
/// systemd nor `/etc/subuid` give out ids (systemd's documentation lists
/// 1879048192 to 2147352575 as unused), so that nothing on the machine belongs
/// to it. Not `nobody`: other services run as that.
pub(crate) const ID: u32 = 2_013_310_993;

/// Directories that most systems have and no sandbox shows. The workspace is
/// put below one of them, in a mount namespace that nobody else sees.
const PLACES: [&str; 4] = ["/mnt", "/media", "/srv", "/tmp"];

/// How long the init may take to make a user namespace.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is needed to show root's files as [`ID`]'s.
#[derive(Debug)]
pub(super) struct Mapping {
    /// A user namespace in which root is [`ID`], and which no process is in.
    pub(super) namespace: OwnedFd,
    /// The directory to put the workspace below.
    pub(super) place: &'static str,
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
    #[error("no user namespace was made within {} s", PATIENCE.as_secs())]
    Slow,
    #[error("root cannot be mapped to the id {ID} in a user namespace")]
    Ids(#[source] io::Error),
    #[error("cannot open a user namespace")]
    Open(#[source] io::Error),
}

impl Mapping {
    /// Finds what is needed. Whether the workspace's file system can be mapped
    /// shows only when a sandbox is tried.
    pub(super) fn find(
        foundation: &Foundation,
        launcher: &Arc<Launcher>,
        builder: &Path,
    ) -> Result<Self, MappingError> {
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
        for path in &foundation.settings.read_only {
            shown.push(path.clone());
            shown.extend(path.canonicalize());
        }
        Ok(Self {
            place: place(&shown).ok_or(MappingError::Place)?,
            namespace: namespace(foundation, launcher)?,
        })
    }
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

/// Has the init make a user namespace, maps root in it, and opens it.
fn namespace(foundation: &Foundation, launcher: &Arc<Launcher>) -> Result<OwnedFd, MappingError> {
    let init = init::file().map_err(LaunchError::Init)?;
    let complaints = memory_file::scratch("boll-complaints").map_err(LaunchError::Arguments)?;
    let (held, hold) = pipe().map_err(LaunchError::Pipe)?;
    let (told, tell) = pipe().map_err(LaunchError::Pipe)?;
    let args = vec![c"boll-init".into(), text(wire::MODE_NAMESPACE)];
    let mut program = Program::new(init::path(), args, Role::Builder);
    let mut give = |file: io::Result<OwnedFd>, number: i32| {
        let file = file.map_err(LaunchError::Descriptor);
        file.map(|file| program.give(file, number))
    };
    give(foundation.null(), 0)?;
    give(foundation.null(), 1)?;
    give(complaints.try_clone(), 2)?;
    give(Ok(held), wire::CONTROL_FD)?;
    give(Ok(tell), wire::STATUS_FD)?;
    give(Ok(init), INIT_FD)?;
    // Until `hold` is dropped the init waits, so that its id stays its own.
    let _child = trial::start(launcher, program)?;

    let mut id = [0; 4];
    let until = Instant::now() + PATIENCE;
    if !wait_readable(&told, until).map_err(MappingError::Read)? {
        return Err(MappingError::Slow);
    }
    let read =
        rustix::io::read(&told, &mut id).map_err(|errno| MappingError::Read(errno.into()))?;
    if read != id.len() {
        let complaint = memory_file::text(&complaints, 1024).map_err(MappingError::Read)?;
        return Err(MappingError::Namespace(complaint));
    }
    let process = PathBuf::from(format!("/proc/{}", u32::from_ne_bytes(id)));
    for map in ["uid_map", "gid_map"] {
        fs::write(process.join(map), format!("0 {ID} 1")).map_err(MappingError::Ids)?;
    }
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let namespace = rustix::fs::open(process.join("ns/user"), flags, Mode::empty())
        .map_err(|errno| MappingError::Open(errno.into()))?;
    drop(hold);
    Ok(namespace)
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
