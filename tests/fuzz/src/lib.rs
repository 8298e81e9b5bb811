//! The pure parts of the library that read what others have written, built without
//! the rest of it: links to its sources, in modules of the same names.

#![allow(dead_code, unused_imports)]

pub mod capsule;
pub mod document;
pub mod engine;
pub mod plain;
pub mod policy;
