//! Hosts and ports: what a manifest asks for, what a grant gives, and what comes
//! of the two.
//!
//! A name is public: it leads to addresses that anybody on the internet may
//! have. So whoever owns a name cannot make it lead into the host's own network.
//! An address of that network has to be asked for and granted as an address.

mod address;
mod decide;
mod endpoint;
mod host_name;
mod request;

use address::is_public;
pub use endpoint::{Endpoint, HostPattern, InvalidEndpoint, PortPattern};
pub use host_name::{HostName, InvalidHostName};
pub use request::NetworkRequest;
