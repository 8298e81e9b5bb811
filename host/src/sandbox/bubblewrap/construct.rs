//! Makes all that building one sandbox takes: its files, its pipes, its command line.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use boll_init::wire;

use super::mapping::{self, Mapping};
use super::outline::Outline;
use super::plan::{self, Mount, Mounted, Opened, Part, Shape};
use super::{Bubblewrap, Builder, parts};
use crate::policy::Access;
use crate::sandbox::cgroup::MemoryGroup;
use crate::sandbox::control::{Assignment, Stdio};
use crate::sandbox::error::LaunchError;
use crate::sandbox::git::{Kept, Kind, Pin, Pins, Root};
use crate::sandbox::init::{self, Connected, INIT_FD, text};
use crate::sandbox::launch::{Program, Role};
use crate::sandbox::order::{Imposed, Order};
use crate::sandbox::seccomp::{self, Around};
use crate::sandbox::supervision::Supervision;
use crate::sandbox::user::User;
use crate::sandbox::{inside, memory_file, ruleset};

/// Settings with which git works in the workspace whoever owns it: nothing that it could
/// execute there is more than what the process itself is.
const SAFE: &[u8] = b"[safe]\n\tdirectory = *\n";

/// Settings with which `git gc` passes over work trees that are kept from it. It
/// would otherwise fail at their logs.
const KEEPS_WORKTREES: &[u8] = b"[gc]\n\treflogExpire = never\n\treflogExpireUnreachable = never\n\
                            \tworktreePruneExpire = never\n";

impl Bubblewrap {
    /// An order with the directories of its command.
    pub(super) fn assign(
        &self,
        outline: &Outline,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Assignment, LaunchError> {
        let mut env = vec![
            ("HOME", inside::HOME.into()),
            ("TMPDIR", "/tmp".into()),
            ("USER", inside::ACCOUNT.into()),
            ("LOGNAME", inside::ACCOUNT.into()),
            ("SHELL", inside::SHELL.into()),
        ];
        if holds_dot_git(&outline.pins) {
            // Go takes the empty directory for a repository, and fails at it.
            env.push(("GOFLAGS", "-buildvcs=false".into()));
        }
        let further = ruleset::comparisons(&self.foundation.further.now());
        let imposed = Imposed {
            // The init has it from its own file.
            filter: &[],
            ruleset: Some(&further),
            env: &env,
        };
        Assignment::new(order, &imposed, stdio)
    }

    /// Makes what it takes to build one, and gives what has to stay until nothing is left
    /// of it. `memory` is the group that its command joins.
    pub(super) fn construct(
        &self,
        builder: &Builder,
        supervision: Supervision,
        outline: Outline,
        memory: Option<MemoryGroup>,
    ) -> Result<(Connected, Kept), LaunchError> {
        let path = self.program.as_ref().ok_or(LaunchError::Unprobed)?;
        let Outline {
            access,
            mut pins,
            listing,
        } = outline;
        // The files that are copied are behind what is pinned.
        let numbers = plan::PIN_FD + pins.list.len() as i32..;
        let (mut parts, contents) =
            parts::find(&listing, access.network, numbers).map_err(LaunchError::Arguments)?;
        parts.extend(memory.into_iter().flat_map(parts::of_group));
        let kept = std::mem::take(&mut pins.kept);
        let keeps_worktrees = pins.keeps_worktrees();
        let behind = plan::PIN_FD + (pins.list.len() + contents.len()) as i32;
        let further = self.further(builder, behind);
        let arguments = self
            .arguments_file(builder, access, &pins, &parts, &further)
            .map_err(LaunchError::Arguments)?;
        let init = init::file().map_err(LaunchError::Init)?;
        let filter = seccomp::program(Around::Namespaces(access.network), supervision);
        let filter = filter.map_err(LaunchError::Filter)?;
        let filter = memory_file::sealed("boll-filter", filter);
        let workspace = self.foundation.workspace.directory().try_clone_to_owned();
        let program = builder.program(path, &pins, &further, supervision.word(access.network));
        let mut files = vec![
            (Ok(arguments), plan::ARGS_FD),
            (Ok(init), INIT_FD),
            (filter, wire::FILTER_FD),
            (workspace, plan::WORKSPACE_FD),
        ];
        if let Builder::Mapped(mapping) = builder {
            let namespaces = mapping.namespaces(&self.foundation.machine);
            let [user, mounts] =
                namespaces.map_err(|error| LaunchError::Descriptor(io::Error::other(error)))?;
            files.push((Ok(mounts), plan::MOUNTS_FD));
            if builder.is_over_owners() {
                files.push((Ok(user), plan::NAMESPACE_FD));
            }
        }
        files.extend(
            further
                .into_iter()
                .map(|(further, file)| (Ok(file), further.fd)),
        );
        files.extend(
            contents
                .into_iter()
                .map(|(file, number)| (Ok(file), number)),
        );
        for (pin, number) in pins.list.into_iter().zip(plan::PIN_FD..) {
            let file = match (pin.kind, pin.file) {
                (Kind::EmptyFile, _) => memory_file::sealed("boll-empty", &[]),
                (_, Some(file)) => Ok(file),
                (_, None) => continue,
            };
            files.push((file, number));
        }
        let settings = match keeps_worktrees {
            true => [SAFE, KEEPS_WORKTREES].concat(),
            false => SAFE.to_vec(),
        };
        let settings = memory_file::sealed("boll-gitconfig", &settings);
        files.push((settings, plan::GIT_CONFIG_FD));
        let repository = pins.repository.map(|(file, _)| file);
        files.extend(repository.map(|file| (Ok(file), plan::REPOSITORY_FD)));
        Ok((init::connect(&self.foundation, program, files)?, kept))
    }

    /// The further paths, open under numbers from `first` on, where whoever builds the
    /// sandbox is to find them by these. Others are found by their paths.
    fn further(&self, builder: &Builder, first: i32) -> Vec<(Opened<'_>, OwnedFd)> {
        if !matches!(builder, Builder::Mapped(_)) {
            return Vec::new();
        }
        let opened = self.foundation.further.opened().into_iter();
        let opened = opened.filter_map(|(path, file)| Some((path, file.ok()?)));
        let numbered = opened.zip(first..);
        numbered
            .map(|((path, file), fd)| (Opened { path, fd }, file))
            .collect()
    }

    /// The arguments in a file: they do not show in a listing of processes.
    fn arguments_file(
        &self,
        builder: &Builder,
        access: Access,
        pins: &Pins,
        parts: &[Part],
        further: &[(Opened<'_>, OwnedFd)],
    ) -> io::Result<OwnedFd> {
        let further: Vec<Opened<'_>> = further.iter().map(|(further, _)| *further).collect();
        let arguments = plan::arguments(&Shape {
            settings: &self.foundation.settings,
            system: &self.foundation.system,
            access,
            writable: access.workspace.writes() && !pins.whole,
            mounts: &mounts(pins, access),
            links: &pins.links,
            parts,
            over_owners: builder.is_over_owners(),
            further: &further,
        });
        let mut bytes = Vec::new();
        for argument in arguments {
            bytes.extend(argument.into_vec());
            bytes.push(0);
        }
        memory_file::sealed("boll-arguments", &bytes)
    }
}

/// Whether an empty directory holds the name of the workspace's repository.
fn holds_dot_git(pins: &Pins) -> bool {
    let mut list = pins.list.iter();
    list.any(|pin| pin.kind == Kind::EmptyDirectory && pin.path == Path::new(".git"))
}

/// The mounts, with the numbers that [`Bubblewrap::construct`] gives the files.
fn mounts(pins: &Pins, access: Access) -> Vec<Mount> {
    let repository = pins.repository.iter().map(|(_, place)| Mount {
        at: place.clone(),
        what: match access.workspace.writes_git() {
            true => Mounted::Writable(plan::REPOSITORY_FD),
            false => Mounted::ReadOnly(plan::REPOSITORY_FD),
        },
    });
    let pinned = numbered(pins).map(|(pin, number)| Mount {
        at: pins.place(pin.root, &pin.path),
        what: match pin.kind {
            Kind::Anchor => Mounted::Writable(number),
            Kind::ReadOnly | Kind::Held => Mounted::ReadOnly(number),
            Kind::EmptyDirectory => Mounted::EmptyDirectory,
            Kind::EmptyFile => Mounted::EmptyFile(number),
        },
    });
    repository.chain(pinned).collect()
}

/// What is pinned, with the numbers that it is open under.
fn numbered(pins: &Pins) -> impl Iterator<Item = (&Pin, i32)> {
    pins.list.iter().zip(plan::PIN_FD..)
}

impl Builder {
    /// How the program that builds the sandbox is called: directly, or through
    /// the init that gives up root first.
    fn program(
        &self,
        builder: &Path,
        pins: &Pins,
        further: &[(Opened<'_>, OwnedFd)],
        supervision: &str,
    ) -> Program {
        let mut args = Vec::new();
        match self {
            Self::User(User::Host | User::Root) => {}
            Self::User(User::Owner { uid, gid }) => {
                args.extend([c"boll-init".into(), text(wire::MODE_LAUNCH)]);
                args.extend([text(uid), text(gid)]);
            }
            Self::Mapped(Mapping { place, owner, .. }) => {
                args.extend([c"boll-init".into(), text(wire::MODE_MAP)]);
                match owner {
                    None => args.extend([text(mapping::ID), text(mapping::ID)]),
                    Some((uid, gid)) => args.extend([text(uid), text(gid)]),
                }
                args.push(owner.map_or_else(|| text(mapping::inside()), |_| c"-".into()));
                args.extend([plan::NAMESPACE_FD, plan::MOUNTS_FD].map(text));
                args.push(text(place));
                args.extend([text(plan::WORKSPACE_FD), text(format_args!("{place}/w"))]);
                if pins.repository.is_some() {
                    args.extend([text(plan::REPOSITORY_FD), text(format_args!("{place}/r"))]);
                }
                args.push(c"-".into());
                for (Opened { fd, .. }, _) in further {
                    args.extend([text(fd), text(format_args!("{place}/{fd}"))]);
                }
                args.push(c"-".into());
                for (pin, number) in numbered(pins).filter(|(pin, _)| pin.file.is_some()) {
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
            init::path()
        };
        args.extend([c_string(builder), c"--args".into(), text(plan::ARGS_FD)]);
        // Bubblewrap takes only options from the file.
        args.extend(["--", plan::INIT, wire::MODE_RUN, supervision].map(text));
        Program::new(path, args, Role::Builder)
    }
}

/// A path as the system calls take it. Ours have no NUL; one that had would
/// name no file.
fn c_string(path: &Path) -> CString {
    CString::new(path.as_os_str().as_encoded_bytes()).unwrap_or_default()
}
