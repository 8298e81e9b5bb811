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
    /// A word is a part of a name, or a pattern, of the folder where it is said.
    pub(super) partial: bool,
    /// What is executed is a variable of the command's, or what it is given.
    pub(super) executed: bool,
    /// What is executed is seen from where the command is.
    pub(super) relative: bool,
    /// It works where the user is, below the top.
    pub(super) prefix: bool,
    /// How many bytes were taken apart.
    pub(super) read: usize,
}
