//! Rules about the tree itself, which no compiler checks.

mod adversarial;
mod architecture;
mod arrows;
mod circles;
mod direction;
mod documents;
mod errors;
mod files;
mod layers;
mod named_tests;
mod public_api;
mod sources;
mod variables;
