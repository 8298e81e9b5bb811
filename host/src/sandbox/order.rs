//! The order to the init: what it executes and with which limits.

use std::io;
use std::os::fd::OwnedFd;

use super::cgroup::TreeLimits;
use super::memory_file;
use super::wire;

/// What the init needs to know. None of it stands on a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Order {
    /// The directory to start in, inside the sandbox.
    pub(crate) directory: String,
    /// The path to execute, inside the sandbox.
    pub(crate) program: Vec<u8>,
    /// All arguments, the program's own name first.
    pub(crate) args: Vec<String>,
    /// The whole environment.
    pub(crate) env: Vec<(String, String)>,
    /// Limits of the kernel's.
    pub(crate) limits: Vec<KernelLimit>,
    /// Limits on all processes together. The init knows nothing of them.
    pub(crate) tree: TreeLimits,
}

/// One `RLIMIT_...` and its values, in the resource's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KernelLimit {
    /// The kernel's number of it.
    pub(crate) resource: u32,
    /// Where the kernel warns or refuses.
    pub(crate) soft: u64,
    /// As far as a process may raise it again.
    pub(crate) hard: u64,
}

impl Order {
    /// The order as a file that nobody can change.
    pub(super) fn to_file(&self, filter: &[u8]) -> io::Result<OwnedFd> {
        memory_file::sealed("boll-order", &self.encode(filter)?)
    }

    /// The layout is described in `init/wire.rs`.
    fn encode(&self, filter: &[u8]) -> io::Result<Vec<u8>> {
        let texts = self.directory.len() + self.program.len() + self.text_len();
        let head = wire::HEADER_WORDS * 4 + self.limits.len() * wire::RLIMIT_BYTES + filter.len();
        let total = head + texts + 2;
        let mut bytes = Vec::with_capacity(total);
        for word in [
            wire::MAGIC as usize,
            self.args.len(),
            self.env.len(),
            self.limits.len(),
            filter.len() / wire::INSTRUCTION_BYTES,
            total,
        ] {
            let word = u32::try_from(word)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "order over 4 GiB"))?;
            bytes.extend(word.to_le_bytes());
        }
        for limit in &self.limits {
            bytes.extend(limit.resource.to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend(limit.soft.to_le_bytes());
            bytes.extend(limit.hard.to_le_bytes());
        }
        bytes.extend(filter);
        push_text(&mut bytes, &[self.directory.as_bytes()]);
        push_text(&mut bytes, &[&self.program]);
        for arg in &self.args {
            push_text(&mut bytes, &[arg.as_bytes()]);
        }
        for (name, value) in &self.env {
            push_text(&mut bytes, &[name.as_bytes(), b"=", value.as_bytes()]);
        }
        Ok(bytes)
    }

    fn text_len(&self) -> usize {
        let args: usize = self.args.iter().map(|arg| arg.len() + 1).sum();
        let env = self
            .env
            .iter()
            .map(|(name, value)| name.len() + value.len() + 2);
        args + env.sum::<usize>()
    }
}

fn push_text(bytes: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        bytes.extend(*part);
    }
    bytes.push(0);
}

#[cfg(test)]
mod tests;
