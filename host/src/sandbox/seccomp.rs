//! The system call filter that every command runs under.
//!
//! Calls that were reviewed pass (`calls`), some by their arguments (`arguments`);
//! the others that were reviewed fail with `EPERM`. A call that nobody has looked
//! at does not exist (`ENOSYS`). The namespaces are the boundary; the filter takes
//! away the parts of the kernel that ordinary programs do not need and that
//! exploits like. Where there are no namespaces, it refuses what they would have
//! kept apart and Landlock does not.
//!
//! Some calls depend on what no filter sees: an address, a kind of file. Where the init
//! answers for those, the filter asks it (`supervised`); otherwise they are refused. So are
//! FIFOs then, which Landlock otherwise keeps to what is the sandbox's own.
//!
//! `clone3` and `openat2` do not exist either: a filter cannot see their flags, and
//! programs then use `clone` and `openat`.

mod arguments;
mod calls;
mod check;
mod layout;
mod supervised;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use boll_init::wire;

use self::check::{ALLOW, Check, REFUSE};
use self::layout::Instruction;
use super::supervision::Supervision;
use crate::policy::{Access, NetworkAccess};

/// What is around a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Namespaces of its own, but for the network where that is the host's.
    Namespaces(NetworkAccess),
    /// The host's, under Landlock.
    Host(Access),
}

/// The filter as the kernel takes it, 8 bytes an instruction.
///
/// # Errors
///
/// A text where the processor has no filter, which this one has.
pub(super) fn program(around: Around, supervision: Supervision) -> Result<&'static [u8], String> {
    const SURROUNDINGS: usize = 6;
    static PROGRAMS: [OnceLock<Vec<u8>>; 2 * SURROUNDINGS] =
        [const { OnceLock::new() }; 2 * SURROUNDINGS];
    let writes = |access: Access| access.workspace.writes();
    let connects = |network: NetworkAccess| usize::from(network == NetworkAccess::Host);
    let index = match around {
        Around::Namespaces(network) => connects(network),
        Around::Host(access) => 2 + usize::from(writes(access)) + 2 * connects(access.network),
    };
    let index = index + SURROUNDINGS * usize::from(supervision == Supervision::Init);
    Ok(PROGRAMS[index].get_or_init(|| bytes(&build(around, supervision))))
}

fn build(around: Around, supervision: Supervision) -> Vec<Instruction> {
    let allowed = calls::ALLOWED.iter().chain(calls::ALLOWED_UNNAMED);
    let allowed = allowed.map(|call| (*call, ALLOW));
    let refused = calls::REFUSED.iter().map(|call| (*call, REFUSE));
    let mut checks: BTreeMap<i64, Check> = allowed.chain(refused).collect();
    checks.extend(arguments::checks());
    if supervision == Supervision::Init {
        let has_own_network = around == Around::Namespaces(NetworkAccess::None);
        checks.extend(supervised::checks(has_own_network));
    } else {
        checks.extend(arguments::without_special_files());
    }
    if let Around::Host(access) = around {
        checks.extend(arguments::instead_of_namespaces(access));
        if supervision == Supervision::Init && access.network == NetworkAccess::None {
            checks.insert(libc::SYS_socket, supervised::unix_socket(REFUSE));
        }
    }
    let numbered = checks.into_iter();
    layout::lay_out(&numbered.map(|(call, check)| (call as u32, check)).collect())
}

fn bytes(program: &[Instruction]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * wire::INSTRUCTION_BYTES);
    for step in program {
        bytes.extend(step.code.to_le_bytes());
        bytes.extend([step.jt, step.jf]);
        bytes.extend(step.k.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
