//! The system call filter that every command runs under.
//!
//! Calls that were reviewed pass (`calls`), some by their arguments (`arguments`);
//! the others that were reviewed fail with `EPERM`. A call that nobody has looked
//! at does not exist (`ENOSYS`). The namespaces are the boundary; the filter takes
//! away the parts of the kernel that ordinary programs do not need and that
//! exploits like. Where there are no namespaces, it refuses what they would have
//! kept apart and Landlock does not.
//!
//! `clone3` and `openat2` do not exist either: a filter cannot see their flags, and
//! programs then use `clone` and `openat`.

mod arguments;
mod calls;
mod check;
mod layout;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use boll_init::wire;

use self::check::{ALLOW, Check, REFUSE};
use self::layout::Instruction;
use crate::policy::{Access, NetworkAccess};

/// What is around a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Namespaces of its own.
    Namespaces,
    /// The host's, under Landlock.
    Host(Access),
}

/// The filter as the kernel takes it, 8 bytes an instruction.
///
/// # Errors
///
/// A text where the processor has no filter, which this one has.
pub(super) fn program(around: Around) -> Result<&'static [u8], String> {
    static PROGRAMS: [OnceLock<Vec<u8>>; 5] = [const { OnceLock::new() }; 5];
    let writes = |access: Access| access.workspace.writes();
    let connects = |access: Access| access.network == NetworkAccess::Host;
    let index = match around {
        Around::Namespaces => 0,
        Around::Host(access) => 1 + usize::from(writes(access)) + 2 * usize::from(connects(access)),
    };
    Ok(PROGRAMS[index].get_or_init(|| bytes(&build(around))))
}

fn build(around: Around) -> Vec<Instruction> {
    let allowed = calls::ALLOWED.iter().chain(calls::ALLOWED_UNNAMED);
    let allowed = allowed.map(|call| (*call, ALLOW));
    let refused = calls::REFUSED.iter().map(|call| (*call, REFUSE));
    let mut checks: BTreeMap<i64, Check> = allowed.chain(refused).collect();
    checks.extend(arguments::checks());
    if let Around::Host(access) = around {
        checks.extend(arguments::instead_of_namespaces(access));
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
