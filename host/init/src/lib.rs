//! The init: process 1 of each sandbox, and the last to run outside of it; the
//! ancestor of every process where there are no namespaces.
//!
//! This crate is two things. The build script compiles it as a program, which has
//! no C library and no allocator, so that it starts in the time of one system call
//! and nothing of the host's environment changes what it does. As a library it
//! gives the host that program, [`PROGRAM`], and what the two agree on, [`wire`].
//! It depends on `core` alone.

#![no_std]
#![cfg_attr(freestanding, no_main)]

#[cfg(test)]
extern crate std;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod program;
pub mod wire;

// The library has no use for it, but tools see there what the program consists of.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use program::entry;

/// The init as an executable file; empty where there is none for the platform.
#[cfg(not(freestanding))]
pub static PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/boll-init"));
