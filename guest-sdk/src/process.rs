//! Host programs, each run in a sandbox of its own, in the manner of
//! [`std::process`].
//!
//! The sandbox shows a program the workspace at `/workspace`, the system's
//! programs, and nothing else of the machine. What a capsule may run is what
//! its manifest asks for **and** the operator grants.
//!
//! ```
//! # use boll_sdk::{fake, process};
//! use boll_sdk::process::Command;
//! # let _host = fake::Host::new().process(|_| Ok(fake::exited(0, "v1.2\n", ""))).install();
//!
//! let output = Command::new("git").args(["describe", "--tags"]).output()?;
//! if output.status.success() {
//!     assert_eq!(output.stdout, b"v1.2\n");
//! }
//! # Ok::<(), process::Error>(())
//! ```

mod command;
mod error;
mod output;

pub use command::{Command, Limits, Stdio};
pub use error::{Error, ErrorKind, LaunchStep};
pub use output::{Cause, ExitStatus, LimitKind, Output};

pub(crate) use command::Keep;
