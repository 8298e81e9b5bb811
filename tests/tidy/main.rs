//! Rules about the tree itself, which no compiler checks.

mod architecture;
mod direction;
mod documents;
mod files;
mod sources;
