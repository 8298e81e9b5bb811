//! Rules about the tree itself, which no compiler checks.

mod adversarial;
mod architecture;
mod arrows;
mod circles;
mod direction;
mod documents;
mod files;
mod layers;
mod named_tests;
mod sources;
mod variables;
