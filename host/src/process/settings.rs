//! What an embedder sets about processes.

use std::time::Duration;

use super::command::CommandSizes;
use super::escalation::Grace;

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
    /// The processes and threads of a process tree. The kernel does not hold
    /// its own root user to it.
    pub pids: u32,
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
            pids: 1024,
        }
    }
}
