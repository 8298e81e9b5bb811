//! What an embedder sets about processes.

use std::time::Duration;

use super::escalation::Grace;
use crate::policy::command::CommandSizes;

/// What the process trees of all commands are held to. A command may ask for less,
/// never for more.
///
/// ```
/// use boll_host::process::{ProcessSettings, TreeBound};
///
/// let settings = ProcessSettings {
///     memory: TreeBound::Required(512 << 20),
///     ..ProcessSettings::default()
/// };
/// assert_eq!(settings.memory.most(), Some(512 << 20));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeBound<T> {
    /// To nothing, unless the command asks.
    Unbounded,
    /// To this where the machine can enforce it. Where it cannot,
    /// [`Sandbox::probe`](crate::sandbox::Sandbox::probe) and the first start of a
    /// process say so.
    WherePossible(T),
    /// To this; where the machine cannot enforce it, commands are refused.
    Required(T),
}

impl<T: Copy> TreeBound<T> {
    /// The most that a tree may have.
    #[must_use]
    pub fn most(self) -> Option<T> {
        match self {
            Self::Unbounded => None,
            Self::WherePossible(most) | Self::Required(most) => Some(most),
        }
    }
}

/// How processes are run where a command does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessSettings {
    /// The commands that one capsule runs to their end at a time.
    pub runs: u32,
    /// The live children of one capsule, detached ones too.
    pub children: u32,
    /// The children of one capsule that are not released, ended ones too.
    pub unreleased: u32,
    /// The bytes of all rings that one capsule asks for at a time.
    pub ring_bytes: u64,
    /// The sizes that each command is held to; that of standard input holds for
    /// each write to a child too.
    pub sizes: CommandSizes,
    /// How long a process that has to end is asked before it is killed.
    pub grace: Grace,
    /// How long output is read after everything has ended.
    pub drain: Duration,
    /// The open files of each process.
    pub open_files: u32,
    /// The processes and threads of a process tree. Without a control group the
    /// kernel does not hold its own root user to it.
    pub pids: TreeBound<u32>,
    /// The memory of a process tree, in bytes. Where the machine limits it, all
    /// trees together have three quarters of what the host has, and none has more.
    pub memory: TreeBound<u64>,
    /// What all process trees together weigh for the processor, from 1 to 10,000:
    /// the host weighs 100. Among themselves trees weigh the same. With control
    /// groups of version 1 only [`TreeBound::Required`] sets it: there each start
    /// has to make one more group.
    pub cpu_weight: TreeBound<u32>,
    /// The most bytes of a file that a process writes; `None`: as the host.
    pub file_size: Option<u64>,
}

impl Default for ProcessSettings {
    fn default() -> Self {
        Self {
            runs: 64,
            children: 8,
            unreleased: 64,
            ring_bytes: 256 << 20,
            sizes: CommandSizes::default(),
            grace: Grace::default(),
            drain: Duration::from_millis(250),
            open_files: 4096,
            pids: TreeBound::WherePossible(1024),
            // As much as tools of a development machine take, and less than what
            // has such a machine swap.
            memory: TreeBound::WherePossible(2 << 30),
            cpu_weight: TreeBound::WherePossible(100),
            file_size: Some(4 << 30),
        }
    }
}
