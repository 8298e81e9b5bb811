//! What was read of a command so far.

use super::super::pieces::{Hold, Pieces};
use super::super::variables::Variables;

#[derive(Default)]
pub(super) struct Reader {
    pub(super) variables: Variables,
    pub(super) found: Pieces,
    /// Words so far, of this command and those that it is in: what follows may be started
    /// in such a folder.
    pub(super) before: Vec<(Vec<u8>, Hold)>,
    /// How many bytes were taken apart.
    pub(super) read: usize,
}
