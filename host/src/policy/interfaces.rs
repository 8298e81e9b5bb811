//! Interfaces of the embedder's own: what a manifest asks for, and what of it is granted.

mod decide;
mod name;
mod request;

pub use name::{InterfaceName, InvalidInterface};
pub use request::InterfaceRequest;
