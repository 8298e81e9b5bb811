//! What was read of a command so far.

use std::collections::BTreeSet;

use super::super::pieces::{Hold, Pieces};
use super::super::variables::Variables;

#[derive(Default)]
pub(super) struct Reader {
    pub(super) variables: Variables,
    pub(super) found: Pieces,
    /// Words so far, of this command and those that it is in: what follows may be started
    /// in such a folder.
    pub(super) before: Vec<(Vec<u8>, Hold)>,
    /// What may be a folder that something is started in, if something is computed.
    pub(super) names: BTreeSet<Vec<u8>>,
    pub(super) computed: bool,
    /// Lines of a command are read, or it has lists.
    pub(super) document: bool,
    /// How many bytes were taken apart.
    pub(super) read: usize,
}
