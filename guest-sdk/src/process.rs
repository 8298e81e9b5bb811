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
//!
//! [`Command::spawn`] starts a [`Child`] that runs beside the capsule, to be
//! written to and read from while it runs. Porting a small tool from
//! [`std::process`] is a change of imports, where it knows these differences:
//!
//! | here | in `std` |
//! |---|---|
//! | dropping a [`Child`] ends it, unless it was [detached](Child::detach) | it runs on |
//! | unset outputs go to the log, unset inputs are empty | they are inherited |
//! | errors are [`Error`] and [`ChildError`]; `?` makes them [`std::io::Error`] | they are [`std::io::Error`] |
//! | [`Child::id`] is an unguessable text | it is a number |
//! | dropping a [`ChildStdout`] that was never read closes nothing | it closes the pipe |
//!
//! A component imports what its code uses: `children` with
//! [`spawn`](Command::spawn), and `streams` only when it reads a [`ChildStdout`]
//! or [`ChildStderr`] or calls [`Child::wait_with_output`]. A
//! [ring](Stdio::ring) is read without `streams`.

mod child;
mod child_error;
mod children;
mod command;
mod error;
mod io_error;
mod output;
mod pipe;
mod ring;
mod signal;
mod status;
mod stdin;
mod stdio;

pub use child::Child;
pub use child_error::ChildError;
pub use children::{ChildId, Summary, attach, children};
pub use command::{Command, Limits};
pub use error::{Error, ErrorKind, LaunchStep};
pub use output::{Cause, ExitStatus, LimitKind, Output};
pub use pipe::{ChildStderr, ChildStdout};
pub use ring::RingReader;
pub use signal::Signal;
pub use status::{Phase, Status};
pub use stdin::ChildStdin;
pub use stdio::Stdio;

pub(crate) use child::Channel;
pub(crate) use ring::Chunk;
pub(crate) use stdio::{Ends, Input, Keep};
