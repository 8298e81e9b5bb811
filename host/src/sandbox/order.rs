//! The order to the init: what it executes and with which limits.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use boll_init::wire;

use super::cgroup::TreeLimits;
use super::memory_file;
use super::ruleset::Ruleset;

/// What the init needs to know. None of it stands on a command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    /// The directory to start in, as [`super::Sandbox::working_directory`] has it.
    pub(crate) directory: JudgedPath,
    /// What to execute.
    pub(crate) program: JudgedPath,
    /// All arguments, the program's own name first.
    pub(crate) args: Vec<String>,
    /// The environment, but for what the sandbox adds to it, see [`Imposed`].
    pub(crate) env: Vec<(String, String)>,
    /// Limits of the kernel's.
    pub(crate) limits: Vec<KernelLimit>,
    /// Limits on all processes together. The init knows nothing of them.
    pub(crate) tree: TreeLimits,
}

/// A path inside the sandbox, and what has to be there.
#[derive(Debug, Clone, Default)]
pub(crate) struct JudgedPath {
    pub(crate) path: Vec<u8>,
    /// The file that was judged, where a process could put another one there. The
    /// path then has no links.
    pub(crate) judged: Option<Arc<OwnedFd>>,
}

impl From<&str> for JudgedPath {
    fn from(path: &str) -> Self {
        Self {
            path: path.into(),
            judged: None,
        }
    }
}

/// What the sandbox adds to an order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Imposed<'a> {
    /// The filter of system calls, as the kernel takes it; empty: none, or the
    /// init has its own, for the command too.
    pub(super) filter: &'a [u8],
    /// What Landlock gives, where it confines.
    pub(super) ruleset: Option<&'a Ruleset>,
    /// Variables, where the order has none of that name.
    pub(super) env: &'a [(&'static str, String)],
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
    pub(super) fn to_file(&self, imposed: &Imposed<'_>) -> io::Result<OwnedFd> {
        memory_file::sealed("boll-order", &self.encode(imposed)?)
    }

    /// The files that were judged, in the order in which the init takes them.
    pub(super) fn judged(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let places = [&self.directory, &self.program].into_iter();
        places.filter_map(|place| Some(place.judged.as_ref()?.as_fd()))
    }

    /// Which places have one.
    fn judged_bits(&self) -> u32 {
        let bit = |place: &JudgedPath, bit| if place.judged.is_some() { bit } else { 0 };
        bit(&self.directory, wire::JUDGED_DIRECTORY) | bit(&self.program, wire::JUDGED_PROGRAM)
    }

    /// The layout is described in `init/src/wire.rs`.
    fn encode(&self, imposed: &Imposed<'_>) -> io::Result<Vec<u8>> {
        let rules = imposed.ruleset.map_or(&[][..], |ruleset| &ruleset.rules);
        let env: Vec<(&str, &str)> = self.variables(imposed).collect();
        let limits = self.limits.len() * wire::RLIMIT_BYTES;
        let ruleset = wire::RULESET_BYTES + rules.len() * wire::RULE_BYTES;
        let args: usize = self.args.iter().map(|arg| arg.len() + 1).sum();
        let texts = self.directory.path.len() + self.program.path.len() + args;
        let most_of_it = wire::HEADER_WORDS * 4 + limits + imposed.filter.len() + ruleset + texts;
        let mut bytes = Vec::with_capacity(most_of_it);
        bytes.resize(wire::HEADER_WORDS * 4, 0);
        for limit in &self.limits {
            bytes.extend(limit.resource.to_le_bytes());
            bytes.extend([0; 4]);
            bytes.extend(limit.soft.to_le_bytes());
            bytes.extend(limit.hard.to_le_bytes());
        }
        bytes.extend(imposed.filter);
        if let Some(ruleset) = imposed.ruleset.filter(|_| !rules.is_empty()) {
            for about in [ruleset.files, ruleset.network, ruleset.scopes] {
                bytes.extend(about.to_le_bytes());
            }
        }
        for rule in rules {
            bytes.extend(rule.rights.to_le_bytes());
            let optional = if rule.optional {
                wire::RULE_OPTIONAL
            } else {
                0
            };
            let compared = rule.identity.map_or(0, |_| wire::RULE_COMPARED);
            bytes.extend((optional | compared).to_le_bytes());
            let (device, number) = rule.identity.unwrap_or_default();
            bytes.extend(device.to_le_bytes());
            bytes.extend(number.to_le_bytes());
        }
        push_text(&mut bytes, &[&self.directory.path]);
        push_text(&mut bytes, &[&self.program.path]);
        for arg in &self.args {
            push_text(&mut bytes, &[arg.as_bytes()]);
        }
        for (name, value) in &env {
            push_text(&mut bytes, &[name.as_bytes(), b"=", value.as_bytes()]);
        }
        for rule in rules {
            push_text(&mut bytes, &[rule.path.as_os_str().as_encoded_bytes()]);
        }
        let header = [
            wire::MAGIC as usize,
            self.args.len(),
            env.len(),
            self.limits.len(),
            imposed.filter.len() / wire::INSTRUCTION_BYTES,
            rules.len(),
            self.judged_bits() as usize,
            bytes.len(),
        ];
        for (place, word) in bytes.chunks_exact_mut(4).zip(header) {
            let word = u32::try_from(word)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "order over 4 GiB"))?;
            place.copy_from_slice(&word.to_le_bytes());
        }
        Ok(bytes)
    }

    fn variables<'a>(
        &'a self,
        imposed: &'a Imposed<'_>,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let own = self.env.iter().map(|(name, value)| (&**name, &**value));
        let imposed = imposed.env.iter().map(|(name, value)| (*name, &**value));
        let added = imposed.filter(|(name, _)| !self.env.iter().any(|(own, _)| own == name));
        own.chain(added)
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
