//! Makes all that building one sandbox takes: its files, its pipes, its command line.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::pipe::PipeFlags;

use super::cgroup::Limited;
use super::control::{Assignment, Control, Stdio};
use super::git::{Kept, Kind, Pin, Pins, Root};
use super::inside;
use super::launch::{Program, Role};
use super::mapping::{self, Mapping};
use super::order::{Imposed, Order};
use super::plan::{self, Mount, Mounted, Shape};
use super::seccomp::{self, Around};
use super::standby::Key;
use super::{Builder, INIT, Inner, LaunchError, User, memory_file, ruleset, wire};
use crate::policy::Access;

/// The host's ends of a sandbox.
#[derive(Debug)]
pub(crate) struct Ends {
    /// Gives the init's messages.
    pub(crate) status: OwnedFd,
    /// Dropping it ends the sandbox.
    pub(crate) control: Control,
}

/// Settings with which `git gc` passes over work trees that are kept from it. It
/// would otherwise fail at their logs.
const GIT_CONFIG: &[u8] = b"[gc]\n\treflogExpire = never\n\treflogExpireUnreachable = never\n\
                            \tworktreePruneExpire = never\n";

/// What a sandbox is to show, found and held open.
#[derive(Debug)]
pub(super) struct Outline {
    access: Access,
    pins: Pins,
}

/// A sandbox that only has to be started.
#[derive(Debug)]
pub(super) struct Construction {
    pub(super) program: Program,
    pub(super) ends: Ends,
    /// What has to stay until nothing is left of it.
    pub(super) kept: Kept,
}

impl Inner {
    /// Finds what a sandbox is to show.
    pub(super) fn outline(&self, access: Access, user: &User) -> Result<Outline, LaunchError> {
        let owner = user.owner();
        let pins = self
            .surveys
            .pins(&self.workspace, access.workspace, owner)?;
        Ok(Outline { access, pins })
    }

    /// What distinguishes such a sandbox from others.
    pub(super) fn key(&self, outline: &Outline) -> Result<Key, LaunchError> {
        let identity = |path: &Path| {
            let stat = rustix::fs::stat(path).ok()?;
            // Of a file there may be a copy in the sandbox.
            let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            let written = is_file.then_some((stat.st_mtime, stat.st_mtime_nsec));
            Some(((stat.st_dev, stat.st_ino), written))
        };
        Ok(Key {
            access: outline.access,
            pins: outline.pins.key(),
            shown: plan::shown(&self.settings, outline.access)
                .map(identity)
                .collect(),
            limited: Limited::default(),
        })
    }

    /// An order with the directories of its command.
    pub(super) fn assign(&self, order: &Order, stdio: Stdio) -> Result<Assignment, LaunchError> {
        let further = ruleset::comparisons(&self.settings, &self.further.identities());
        let imposed = Imposed {
            // The init has taken it from its own file.
            filter: &[],
            ruleset: Some(&further),
            env: &[("HOME", inside::HOME.into()), ("TMPDIR", "/tmp".into())],
        };
        Assignment::new(order, &imposed, stdio)
    }

    /// Streams that lead nowhere.
    pub(super) fn null_stdio(&self) -> Result<Stdio, LaunchError> {
        let null = || self.null.try_clone().map_err(LaunchError::Descriptor);
        Ok(Stdio {
            stdin: null()?,
            stdout: null()?,
            stderr: null()?,
        })
    }

    /// Makes what it takes to build one.
    pub(super) fn construct(
        &self,
        user: &User,
        outline: Outline,
    ) -> Result<Construction, LaunchError> {
        let (Some(builder), Some(path)) = (&self.builder, &self.program) else {
            return Err(LaunchError::Unprobed);
        };
        let Outline { access, mut pins } = outline;
        let kept = std::mem::take(&mut pins.kept);
        let keeps_worktrees = pins.keeps_worktrees();
        let copied = plan::COPIED.map(open_to_copy);
        let arguments = self
            .arguments_file(
                &**builder,
                access,
                &pins,
                copied.each_ref().map(Option::is_some),
            )
            .map_err(LaunchError::Arguments)?;
        let init = memory_file::sealed("boll-init", INIT).map_err(LaunchError::Init)?;
        let filter = seccomp::program(Around::Namespaces).map_err(LaunchError::Filter)?;
        let filter = memory_file::sealed("boll-filter", filter);
        let workspace = self.workspace.directory().try_clone_to_owned();
        let program = user.program(path, &pins);
        let mut files = vec![
            (Ok(arguments), plan::ARGS_FD),
            (Ok(init), plan::INIT_FD),
            (filter, wire::FILTER_FD),
            (workspace, plan::WORKSPACE_FD),
        ];
        if let User::Mapped(mapping) = user {
            files.push((mapping.namespace.try_clone(), plan::NAMESPACE_FD));
        }
        for (file, number) in copied.into_iter().zip(plan::COPIED_FD..) {
            files.extend(file.map(|file| (Ok(file), number)));
        }
        for (pin, number) in pins.list.into_iter().zip(plan::PIN_FD..) {
            let file = match (pin.kind, pin.file) {
                (Kind::EmptyFile, _) => memory_file::sealed("boll-empty", &[]),
                (_, Some(file)) => Ok(file),
                (_, None) => continue,
            };
            files.push((file, number));
        }
        if keeps_worktrees {
            let settings = memory_file::sealed("boll-gitconfig", GIT_CONFIG);
            files.push((settings, plan::GIT_CONFIG_FD));
        }
        let repository = pins.repository.map(|(file, _)| file);
        files.extend(repository.map(|file| (Ok(file), plan::REPOSITORY_FD)));
        let mut construction = self.connect(program, files)?;
        construction.kept = kept;
        Ok(construction)
    }

    /// Gives a program that comes to be an init what every init needs, and these
    /// files under their numbers.
    pub(super) fn connect(
        &self,
        mut program: Program,
        files: impl IntoIterator<Item = (io::Result<OwnedFd>, i32)>,
    ) -> Result<Construction, LaunchError> {
        let complaints = memory_file::scratch("boll-complaints").map_err(LaunchError::Arguments)?;
        let told = complaints.try_clone();
        let (control, inside) = Control::new(complaints).map_err(LaunchError::Pipe)?;
        let (status, status_out) = pipe().map_err(LaunchError::Pipe)?;
        let of_every_init = [
            (self.null.try_clone(), 0),
            (self.null.try_clone(), 1),
            (told, 2),
            (Ok(inside), wire::CONTROL_FD),
            (Ok(status_out), wire::STATUS_FD),
        ];
        for (file, number) in of_every_init.into_iter().chain(files) {
            program.give(file.map_err(LaunchError::Descriptor)?, number);
        }
        Ok(Construction {
            program,
            ends: Ends { status, control },
            kept: Kept::default(),
        })
    }

    /// The arguments in a file: they do not show in a listing of processes.
    fn arguments_file(
        &self,
        builder: &dyn Builder,
        access: Access,
        pins: &Pins,
        copied: [bool; plan::COPIED.len()],
    ) -> io::Result<OwnedFd> {
        let arguments = builder.arguments(&Shape {
            settings: &self.settings,
            system: &self.system,
            access,
            writable: access.workspace.writes() && !pins.whole,
            mounts: &pins.mounts(access),
            links: &pins.links,
            git_config: pins.keeps_worktrees(),
            copied,
        });
        let mut bytes = Vec::new();
        for argument in arguments {
            bytes.extend(argument.into_vec());
            bytes.push(0);
        }
        memory_file::sealed("boll-arguments", &bytes)
    }
}

impl Pins {
    /// The mounts, with the numbers that [`Inner::construct`] gives the files.
    fn mounts(&self, access: Access) -> Vec<Mount> {
        let repository = self.repository.iter().map(|(_, place)| Mount {
            at: place.clone(),
            what: match access.workspace.writes_git() {
                true => Mounted::Writable(plan::REPOSITORY_FD),
                false => Mounted::ReadOnly(plan::REPOSITORY_FD),
            },
        });
        let pinned = self.numbered().map(|(pin, number)| Mount {
            at: self.place(pin.root, &pin.path),
            what: match pin.kind {
                Kind::Anchor => Mounted::Writable(number),
                Kind::ReadOnly | Kind::Held => Mounted::ReadOnly(number),
                Kind::EmptyDirectory => Mounted::EmptyDirectory,
                Kind::EmptyFile => Mounted::EmptyFile(number),
            },
        });
        repository.chain(pinned).collect()
    }

    fn numbered(&self) -> impl Iterator<Item = (&Pin, i32)> {
        self.list.iter().zip(plan::PIN_FD..)
    }
}

impl User {
    /// How the program that builds the sandbox is called: directly, or through
    /// the init that gives up root first.
    fn program(&self, builder: &Path, pins: &Pins) -> Program {
        let mut args = Vec::new();
        match self {
            Self::Host | Self::Root => {}
            Self::Owner { uid, gid } => {
                args.extend([c"boll-init".into(), text(wire::MODE_LAUNCH)]);
                args.extend([text(uid), text(gid)]);
            }
            Self::Mapped(Mapping { place, .. }) => {
                args.extend([c"boll-init".into(), text(wire::MODE_MAP)]);
                args.extend([text(mapping::ID), text(plan::NAMESPACE_FD), text(place)]);
                args.extend([text(plan::WORKSPACE_FD), text(format_args!("{place}/w"))]);
                if pins.repository.is_some() {
                    args.extend([text(plan::REPOSITORY_FD), text(format_args!("{place}/r"))]);
                }
                args.push(c"-".into());
                for (pin, number) in pins.numbered().filter(|(pin, _)| pin.file.is_some()) {
                    let root = match pin.root {
                        Root::Workspace => plan::WORKSPACE_FD,
                        Root::Repository => plan::REPOSITORY_FD,
                    };
                    args.extend([text(root), text(number), c_string(&pin.path)]);
                }
                args.push(c"--".into());
            }
        }
        let path = if args.is_empty() {
            c_string(builder)
        } else {
            init_path()
        };
        args.extend([c_string(builder), c"--args".into(), text(plan::ARGS_FD)]);
        // Bubblewrap takes only options from the file.
        args.extend(["--", plan::INIT, wire::MODE_RUN].map(text));
        Program::new(path, args, Role::Builder)
    }
}

/// A file that is small and that everybody may read, to be copied.
fn open_to_copy(path: &str) -> Option<OwnedFd> {
    const MOST_BYTES: i64 = 256 << 10;
    // Whatever is there, opening it waits for nobody.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    let stat = rustix::fs::fstat(&file).ok()?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    let is_public = Mode::from_raw_mode(stat.st_mode).contains(Mode::ROTH);
    (is_file && is_public && stat.st_size <= MOST_BYTES).then_some(file)
}

/// Where a program that is being started finds the init.
pub(super) fn init_path() -> CString {
    text(format_args!("/proc/self/fd/{}", plan::INIT_FD))
}

/// An argument that is known to have no NUL.
pub(super) fn text(argument: impl ToString) -> CString {
    CString::new(argument.to_string()).unwrap_or_default()
}

/// A path as the system calls take it. Ours have no NUL; one that had would
/// name no file.
fn c_string(path: &Path) -> CString {
    CString::new(path.as_os_str().as_encoded_bytes()).unwrap_or_default()
}

pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?)
}
