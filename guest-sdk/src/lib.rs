//! For authors of capsules: what a capsule may call, in the manner of `std`,
//! and the attribute that turns an `impl` block into a capsule.
//!
//! ```
//! use boll_sdk::process::Command;
//! use boll_sdk::{Failure, Json, log};
//!
//! /// A capsule with one action.
//! pub struct Branches;
//!
//! #[boll_sdk::capsule]
//! impl Branches {
//!     /// Answers with the names of all branches.
//!     pub fn list() -> Result<Json<Vec<String>>, Failure> {
//!         let output = Command::new("git")
//!             .args(["branch", "--format=%(refname:short)"])
//!             .output()?;
//!         if !output.status.success() {
//!             return Err(Failure::new(output.stderr_lossy()));
//!         }
//!         let names: Vec<String> = output.stdout_lossy().lines().map(String::from).collect();
//!         log::info!(branches = names.len(); "listed the branches");
//!         Ok(Json(names))
//!     }
//! }
//! # use boll_sdk::{Capsule, Event, fake};
//! # let _host = fake::Host::new().process(|_| Ok(fake::exited(0, "main\n", ""))).install();
//! # let reply = Branches::handle("list", Event::default()).unwrap();
//! # assert_eq!(reply.payload(), Some(&br#"["main"]"#[..]));
//! ```
//!
//! Built for `wasm32-wasip2` as a `cdylib`, that is a component. Its imports
//! are the interfaces that the code really uses and no others.
//!
//! | module | what a capsule does with it |
//! |---|---|
//! | [`process`] | runs host programs in a sandbox, to their end or beside it |
//! | [`mod@log`] | writes log lines |
//! | [`config`] | reads its configuration |
//! | [`capability`] | asks what it and others may do |
//! | [`lifecycle`] | learns who called and until when, says that it is ready |
//! | [`hook`] | publishes to topics, and reads what others answer |
//!
//! On other targets the same code compiles, and a [fake host](fake) answers its
//! calls: ordinary unit tests with `cargo test` need no component and no host.
//!
//! # Features
//!
//! - `log` (off by default): what the `log` crate's macros write becomes log
//!   lines of the capsule, with nothing to set up.
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

// Public for the code that `#[capsule]` writes. Not part of the API.
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod bindings;
pub mod capability;
pub mod config;
mod event;
mod export;
mod failure;
#[cfg(not(target_family = "wasm"))]
pub mod fake;
pub mod hook;
mod host;
mod json;
pub mod lifecycle;
pub mod log;
pub mod process;
mod reply;

/// # Examples
///
/// ```
/// use boll_sdk::{Event, Failure, Reply};
///
/// /// A capsule that answers with what it was given.
/// pub struct Echo;
///
/// #[boll_sdk::capsule]
/// impl Echo {
///     /// The action `say-again`.
///     pub fn say_again(event: Event) -> Result<Reply, Failure> {
///         Ok(Reply::bytes(event.payload))
///     }
///
///     /// The action `ping`.
///     #[action("ping")]
///     pub fn nothing() -> Result<(), Failure> {
///         Ok(())
///     }
/// }
///
/// use boll_sdk::Capsule;
/// assert_eq!(Echo::ACTIONS, ["say-again", "ping"]);
/// assert_eq!(Echo::handle("ping", Event::default()), Ok(Reply::empty()));
/// ```
///
/// A service has a run loop, which its unit tests call as any function:
///
/// ```
/// use boll_sdk::{Failure, fake, lifecycle};
///
/// /// A service that is done at once.
/// pub struct Sprinter;
///
/// #[boll_sdk::capsule]
/// impl Sprinter {
///     /// Called after the capsule is loaded.
///     #[run]
///     pub fn sprint() -> Result<(), Failure> {
///         lifecycle::ready();
///         Ok(())
///     }
///
///     /// Called when the capsule's version has risen.
///     #[upgrade]
///     pub fn newer(previous: &str) -> Result<(), Failure> {
///         if previous.starts_with("0.") {
///             return Err(Failure::new("remove version 0 first"));
///         }
///         Ok(())
///     }
/// }
///
/// let host = fake::Host::new().install();
/// Sprinter::sprint().unwrap();
/// assert!(host.is_ready());
/// assert!(Sprinter::newer("0.9.0").is_err());
/// ```
///
/// What an action cannot take or return is a compile error:
///
/// ```compile_fail
/// # pub struct Echo;
/// #[boll_sdk::capsule]
/// impl Echo {
///     pub fn say(text: String) -> Result<(), boll_sdk::Failure> {
///         Ok(())
///     }
/// }
/// ```
///
/// So are a run loop that returns something else,
///
/// ```compile_fail
/// # pub struct Sprinter;
/// #[boll_sdk::capsule]
/// impl Sprinter {
///     #[run]
///     pub fn sprint() -> Result<u32, boll_sdk::Failure> {
///         Ok(1)
///     }
/// }
/// ```
///
/// an upgrade that does not take the previous version,
///
/// ```compile_fail
/// # pub struct Echo;
/// #[boll_sdk::capsule]
/// impl Echo {
///     pub fn ping() -> Result<(), boll_sdk::Failure> {
///         Ok(())
///     }
///
///     #[upgrade]
///     pub fn newer() -> Result<(), boll_sdk::Failure> {
///         Ok(())
///     }
/// }
/// ```
///
/// and a capsule that nothing leads into:
///
/// ```compile_fail
/// # pub struct Echo;
/// #[boll_sdk::capsule]
/// impl Echo {
///     #[install]
///     pub fn once() -> Result<(), boll_sdk::Failure> {
///         Ok(())
///     }
/// }
/// ```
pub use boll_sdk_macros::capsule;
pub use event::{Event, FromEvent};
pub use export::{ActionResult, Capsule};
pub use failure::Failure;
pub use json::Json;
pub use reply::{IntoReply, Reply};

/// For the code that the macros of this crate write. Not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::export::{Install, Run, Upgrade, answer, argument, ended};

    #[cfg(target_family = "wasm")]
    pub use crate::export::component::{handle, install, run, upgrade};
}

// The examples of the READMEs and of the book, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/hooks.md")]
#[doc = include_str!("../../docs/processes.md")]
#[doc = include_str!("../README.md")]
struct Readme;
