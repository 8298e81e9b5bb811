//! What every backend of one workspace builds on: the settings, and what is open or
//! known of the machine.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};

use super::control::Stdio;
use super::detect;
use super::error::{LaunchError, SandboxError};
use super::further::Further;
use super::inside::{WORKSPACE, is_free};
use super::machine::Machine;
use super::settings::SandboxSettings;
use super::system::{SystemDirectory, visible};
use super::view::View;
use super::workspace_error::WorkspaceError;
use crate::policy::Access;
use crate::workspace::Workspace;

/// The settings, and what is open or known of the machine.
#[derive(Debug)]
pub(super) struct Foundation {
    pub(super) settings: SandboxSettings,
    pub(super) workspace: Arc<Workspace>,
    pub(super) system: Vec<SystemDirectory>,
    pub(super) machine: Machine,
    pub(super) further: Further,
    null: OwnedFd,
}

impl Foundation {
    /// Opens the workspace, and looks at what the machine has.
    pub(super) fn open(settings: SandboxSettings) -> Result<Self, SandboxError> {
        let workspace = Workspace::open(&settings.workspace);
        let workspace = workspace.map_err(WorkspaceError::open(&settings.workspace))?;
        let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| SandboxError::Null(errno.into()))?;
        Ok(Self {
            workspace: Arc::new(workspace),
            system: detect::system_directories(),
            machine: Machine::default(),
            further: Further::find(&settings.read_only),
            settings,
            null,
        })
    }

    /// What processes see of the machine that find the workspace at `inside`, and these
    /// paths beside those of the settings.
    pub(super) fn view(&self, inside: &Path, besides: &[&str]) -> Result<View, WorkspaceError> {
        let mut further = self.settings.read_only.clone();
        further.extend(besides.iter().map(PathBuf::from));
        let open = || {
            let workspace = self.workspace.directory().try_clone_to_owned()?;
            let view = View::new(visible(&self.system), further, workspace, inside.into())?;
            let view = view.with_path(&self.settings.path);
            if inside != Path::new(WORKSPACE) {
                return Ok(view);
            }
            let view = view.with_links(self.links().collect());
            Ok(match self.own_path() {
                Some(_) => view,
                None => view.hiding(self.workspace.path()),
            })
        };
        open().map_err(WorkspaceError::open(self.workspace.path()))
    }

    /// The links that a sandbox is made with which has the workspace elsewhere than the host.
    pub(super) fn links(&self) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        let set = self.settings.links.iter();
        let free = set.filter(|(at, _)| is_free(at) && self.is_beside(at));
        let own = self.own_path();
        let own = own.map(|own| (own.to_owned(), PathBuf::from(WORKSPACE)));
        free.cloned().chain(own)
    }

    /// The workspace's own path, where a link there leads to it.
    fn own_path(&self) -> Option<&Path> {
        let path = self.workspace.path();
        let is_linked = self.settings.own_path && is_free(path) && self.is_beside(path);
        is_linked.then_some(path)
    }

    /// Whether a path neither holds a further one nor lies in one.
    fn is_beside(&self, path: &Path) -> bool {
        let overlaps = |other: &PathBuf| other.starts_with(path) || path.starts_with(other);
        !self.settings.read_only.iter().any(overlaps)
    }

    /// A descriptor of `/dev/null`.
    pub(super) fn null(&self) -> io::Result<OwnedFd> {
        self.null.try_clone()
    }

    /// Streams that lead nowhere.
    pub(super) fn null_stdio(&self) -> Result<Stdio, LaunchError> {
        let null = || self.null().map_err(LaunchError::Descriptor);
        Ok(Stdio {
            stdin: null()?,
            stdout: null()?,
            stderr: null()?,
        })
    }

    /// Refuses writing to a workspace that holds what is protected, or is part
    /// of it.
    pub(super) fn refuse_protected(&self, access: Access) -> Result<(), LaunchError> {
        if !access.workspace.writes() {
            return Ok(());
        }
        let workspace = self.workspace.path();
        let mut protected = self.settings.protected.iter();
        let overlaps = |path: &&PathBuf| path.starts_with(workspace) || workspace.starts_with(path);
        match protected.find(overlaps) {
            None => Ok(()),
            Some(path) => Err(LaunchError::Protected {
                workspace: workspace.to_owned(),
                protected: path.clone(),
            }),
        }
    }
}
