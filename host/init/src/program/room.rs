//! Whether there was no room left in what a sandbox keeps in memory.

use core::ffi::CStr;

use super::sys::{Errno, syscall};
use crate::wire;

/// What is left where programs fail for want of room.
const LITTLE: u64 = 128 << 10;

/// A bit for each of [`wire::PLACES`] that is full.
pub(crate) fn full() -> u32 {
    let places = wire::PLACES.iter().zip(0u32..);
    let full = places.filter(|(place, _)| is_full(place) == Ok(true));
    full.fold(0, |bits, (_, bit)| bits | 1 << bit)
}

fn is_full(place: &CStr) -> Result<bool, Errno> {
    let mut stat = [0u64; 15];
    syscall!(137, place.as_ptr(), stat.as_mut_ptr())?;
    let [_, block, blocks, _, available, files, free_files, ..] = stat;
    // One that has no size of its own is not limited.
    let is_limited = blocks != 0;
    Ok(is_limited && (available * block < LITTLE || files != 0 && free_files == 0))
}
