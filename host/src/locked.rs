//! Locks that nobody poisons.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks what is whole at every point where a holder could panic, so that a panic of
/// another holder changes nothing.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
