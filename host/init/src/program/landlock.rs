//! Restricts this process, and all that it starts, by Landlock.

use core::ffi::CStr;

use super::judged;
use super::order::Order;
use super::sys::{self, Errno, syscall};

/// The rights that a rule for anything but a directory may give: executing,
/// writing, reading, truncating, and the calls of a device.
const OF_FILES: u64 = 0b1100_0000_0000_0111;

/// Applies the rules of an order. What they do not give is refused for good.
pub(crate) fn restrict(order: &Order) -> Result<(), Errno> {
    let ruleset = order.ruleset()?;
    let rules = create(&ruleset)?;
    for rule in order.rules() {
        match judged::open_rule(&rule) {
            Ok(file) => {
                let mut rights = rule.rights;
                if !sys::is_directory(file)? {
                    rights &= OF_FILES;
                }
                let added = allow(rules, file, rights);
                sys::close(file);
                added?;
            }
            Err(sys::ENOENT) if rule.optional => {}
            Err(errno) => return Err(errno),
        }
    }
    syscall!(446, rules, 0)?;
    sys::close(rules);
    Ok(())
}

/// Keeps this process, and all that it starts, from making unix sockets, FIFOs and devices, and
/// from giving those that are there another name, anywhere but beneath these directories.
/// Nothing else changes.
pub(crate) fn make_special_files_only_beneath(
    directories: impl Iterator<Item = &'static CStr>,
) -> Result<(), Errno> {
    // Character devices, sockets, FIFOs, block devices.
    const MAKE: u64 = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11;
    // What no ruleset of the kernel's gives by itself: linking and renaming from one
    // directory to another.
    const REFER: u64 = 1 << 13;
    let rules = create(&[MAKE | REFER, 0, 0])?;
    let give = |path: &CStr, rights| {
        let file = sys::open_path(path)?;
        let added = allow(rules, file, rights);
        sys::close(file);
        added
    };
    give(c"/", REFER)?;
    for directory in directories {
        give(directory, MAKE)?;
    }
    syscall!(446, rules, 0)?;
    sys::close(rules);
    Ok(())
}

/// A new ruleset: the file system rights, the network rights and the scopes
/// that it is about.
fn create(ruleset: &[u64; 3]) -> Result<i32, Errno> {
    syscall!(444, ruleset.as_ptr(), size_of_val(ruleset), 0).map(|fd| fd as i32)
}

/// Gives rights to a file, or to all that is beneath a directory.
fn allow(rules: i32, file: i32, rights: u64) -> Result<(), Errno> {
    const PATH_BENEATH: usize = 1;
    // The kernel's structure is packed: the rights, then the descriptor.
    let mut rule = [0u8; 12];
    rule[..8].copy_from_slice(&rights.to_le_bytes());
    rule[8..].copy_from_slice(&file.to_le_bytes());
    syscall!(445, rules, PATH_BENEATH, rule.as_ptr(), 0).map(drop)
}
