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
#[path = "../tools/page.rs"]
mod page;
#[path = "../tools/program.rs"]
mod program;
mod public_api;
#[path = "../tools/results.rs"]
mod results;
mod sources;
mod tools;
mod variables;
