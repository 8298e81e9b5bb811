//! Makes all that building one sandbox takes: its files, its pipes, its command line.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::pipe::PipeFlags;

use super::cgroup::Limited;
use super::control::{Assignment, Control, Stdio};
use super::launch::{Program, Role};
use super::mapping::{self, Mapping};
use super::order::{Imposed, Order};
use super::plan::{self, GitPin, Shape};
use super::seccomp::{self, Around};
use super::standby::Key;
use super::workspace::GitFiles;
use super::{Builder, INIT, Inner, LaunchError, User, memory_file, wire};
use crate::policy::{Access, WorkspaceAccess};

/// The host's ends of a sandbox.
#[derive(Debug)]
pub(crate) struct Ends {
    /// Gives the init's messages.
    pub(crate) status: OwnedFd,
    /// Dropping it ends the sandbox.
    pub(crate) control: Control,
}

/// What a sandbox is to show, found and held open.
#[derive(Debug)]
pub(super) struct Outline {
    access: Access,
    git: GitPin,
    pinned: GitFiles,
}

/// A sandbox that only has to be started.
#[derive(Debug)]
pub(super) struct Construction {
    pub(super) program: Program,
    pub(super) ends: Ends,
}

impl Inner {
    /// Finds what a sandbox is to show.
    pub(super) fn outline(&self, access: Access) -> Result<Outline, LaunchError> {
        let (git, pinned) = match access.workspace {
            WorkspaceAccess::ReadOnly => (GitPin::Nothing, GitFiles::default()),
            WorkspaceAccess::ReadWrite => self.workspace.git()?,
        };
        Ok(Outline {
            access,
            git,
            pinned,
        })
    }

    /// What distinguishes such a sandbox from others.
    pub(super) fn key(&self, outline: &Outline) -> Result<Key, LaunchError> {
        let identity = |path: &Path| {
            let stat = rustix::fs::stat(path).ok()?;
            Some((stat.st_dev, stat.st_ino))
        };
        let git = outline.pinned.identities();
        Ok(Key {
            access: outline.access,
            git: git.map_err(LaunchError::Descriptor)?,
            shown: plan::shown(&self.settings, outline.access)
                .map(identity)
                .collect(),
            limited: Limited::default(),
        })
    }

    /// An order with the directories of its command.
    pub(super) fn assign(&self, order: &Order, stdio: Stdio) -> Result<Assignment, LaunchError> {
        let imposed = Imposed {
            // The init has taken it from its own file.
            filter: &[],
            ruleset: None,
            env: &[("HOME", plan::HOME.into()), ("TMPDIR", "/tmp".into())],
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
        let Outline {
            access,
            git,
            pinned,
        } = outline;
        let arguments = self
            .arguments_file(&**builder, access, git)
            .map_err(LaunchError::Arguments)?;
        let init = memory_file::sealed("boll-init", INIT).map_err(LaunchError::Init)?;
        let filter = seccomp::program(Around::Namespaces).map_err(LaunchError::Filter)?;
        let filter = memory_file::sealed("boll-filter", filter);
        let workspace = self.workspace.directory().try_clone_to_owned();
        let program = user.program(path, &pinned);
        let mut files = vec![
            (Ok(arguments), plan::ARGS_FD),
            (Ok(init), plan::INIT_FD),
            (filter, wire::FILTER_FD),
            (workspace, plan::WORKSPACE_FD),
        ];
        if let User::Mapped(mapping) = user {
            files.push((mapping.namespace.try_clone(), plan::NAMESPACE_FD));
        }
        let pinned = pinned.numbered().map_err(LaunchError::Descriptor)?;
        files.extend(pinned.into_iter().map(|(file, number)| (Ok(file), number)));
        self.connect(program, files)
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
            program
                .give(file.map_err(LaunchError::Descriptor)?, number)
                .map_err(LaunchError::Descriptor)?;
        }
        Ok(Construction {
            program,
            ends: Ends { status, control },
        })
    }

    /// The arguments in a file: they do not show in a listing of processes.
    fn arguments_file(
        &self,
        builder: &dyn Builder,
        access: Access,
        git: GitPin,
    ) -> io::Result<OwnedFd> {
        let arguments = builder.arguments(&Shape {
            settings: &self.settings,
            system: &self.system,
            access,
            git,
        });
        let mut bytes = Vec::new();
        for argument in arguments {
            bytes.extend(argument.into_vec());
            bytes.push(0);
        }
        memory_file::sealed("boll-arguments", &bytes)
    }
}

impl GitFiles {
    /// The numbers of what lies in the workspace, and its names there.
    fn names(&self) -> impl Iterator<Item = (i32, &'static str)> {
        [
            (&self.git, plan::GIT_FD, ".git"),
            (&self.hooks, plan::HOOKS_FD, ".git/hooks"),
            (&self.config, plan::CONFIG_FD, ".git/config"),
        ]
        .into_iter()
        .filter_map(|(file, number, name)| file.is_some().then_some((number, name)))
    }

    /// The pinned files under the numbers that the plan has for them.
    fn numbered(self) -> io::Result<Vec<(OwnedFd, i32)>> {
        let mut numbered = Vec::new();
        let Some(git) = self.git else {
            return Ok(numbered);
        };
        numbered.push((git, plan::GIT_FD));
        numbered.extend(self.hooks.map(|hooks| (hooks, plan::HOOKS_FD)));
        let config = match self.config {
            Some(config) => config,
            None => memory_file::sealed("boll-empty", &[])?,
        };
        numbered.push((config, plan::CONFIG_FD));
        Ok(numbered)
    }
}

impl User {
    /// How the program that builds the sandbox is called: directly, or through
    /// the init that gives up root first.
    fn program(&self, builder: &Path, pinned: &GitFiles) -> Program {
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
                args.push(text(plan::WORKSPACE_FD));
                for (number, name) in pinned.names() {
                    args.extend([text(number), text(name)]);
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
