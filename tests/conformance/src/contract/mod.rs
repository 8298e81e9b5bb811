//! The interfaces of the contract as the guests call them: the bindings, with the faults
//! of a host in their answers where one is switched on. Otherwise each function passes on
//! what it is given and what it gets.

pub mod capability;
pub mod children;
pub mod config;
pub mod hook;
pub mod lifecycle;
pub mod log;
pub mod process;
pub mod streams;
